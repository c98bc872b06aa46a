import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';

const PIN = `sha256/${'A'.repeat(43)}=`;
const check = (gateway: string, rest = '', env: Record<string, string> = {}): readonly string[] =>
  problemLines(judge(`gateway:\n  url: wss://gateway.example.com/\n${gateway}${rest}`, env));

const auth = (...lines: readonly string[]): string =>
  `  auth:\n${lines.map((line) => `    ${line}\n`).join('')}`;
const tls = (...lines: readonly string[]): string =>
  `  tls:\n${lines.map((line) => `    ${line}\n`).join('')}`;
const PAIR = ['client_cert: /etc/mcp/client.crt', 'client_key: /etc/mcp/client.key'] as const;

const problems: readonly [string, string, string][] = [
  [
    'an unknown suite',
    tls('cipher_suites: [RC4]'),
    'error 4 gateway.tls.cipher_suites[0]: "RC4" must be one of',
  ],
  ['no suite at all', tls('cipher_suites: []'), 'error 4 gateway.tls.cipher_suites: must not be empty'],
  ['a suite that is no list', tls('cipher_suites: RC4'), 'error 4 gateway.tls.cipher_suites: "RC4" must be'],
  [
    'suites of TLS 1.2 for TLS 1.3',
    tls('cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]'),
    'error 4 gateway.tls.cipher_suites: leaves nothing to connect with',
  ],
  [
    'suites of TLS 1.3 alone for TLS 1.2',
    tls(
      'min_version: "1.2"',
      'cipher_suites: [TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256, TLS_CHACHA20_POLY1305_SHA256]',
    ),
    'warning 5 gateway.tls.cipher_suites: names no suite of TLS 1.2',
  ],
  [
    'a choice that the desktop app cannot make',
    tls('cipher_suites: [TLS_AES_256_GCM_SHA384]'),
    'warning 4 gateway.tls.cipher_suites: the desktop app cannot choose',
  ],
  [
    'a pin that is none',
    tls(`pins: ["${PIN}", "sha1/abc"]`),
    'error 4 gateway.tls.pins[1]: must be "sha256/"',
  ],
  ['one pin', tls(`pins: ["${PIN}"]`), 'warning 4 gateway.tls.pins: has no backup pin'],
  ['the same pin twice', tls(`pins: ["${PIN}", "${PIN}"]`), 'warning 4 gateway.tls.pins: has no backup pin'],
  ['mtls without a certificate', auth('type: mtls'), 'error 4 gateway.auth.type: "mtls" needs client_cert'],
  [
    'a certificate without a key',
    auth('type: mtls', PAIR[0]),
    'error 5 gateway.auth.client_cert: needs client_key beside it',
  ],
  [
    'a key without a certificate',
    auth('type: mtls', PAIR[1]),
    'error 5 gateway.auth.client_key: needs client_cert beside it',
  ],
  [
    'both forms',
    auth('type: mtls', ...PAIR, 'client_pkcs12: /etc/mcp/client.p12'),
    'error 7 gateway.auth.client_pkcs12: stands beside',
  ],
  [
    'a certificate that is not used',
    auth('type: none', ...PAIR),
    'warning 5 gateway.auth.client_cert: is not used',
  ],
  [
    'a path that starts nowhere',
    auth('type: mtls', 'client_pkcs12: client.p12'),
    'error 5 gateway.auth.client_pkcs12: must be a full path',
  ],
  [
    'a passphrase in the file',
    auth('type: mtls', 'client_pkcs12: /c.p12', 'passphrase: hunter2'),
    'error 6 gateway.auth.passphrase: "passphrase" would hold the secret itself',
  ],
  [
    'a passphrase in place of its name',
    auth('type: mtls', 'client_pkcs12: /c.p12', 'passphrase_env: sk-1234567890'),
    'error 6 gateway.auth.passphrase_env: looks like the secret itself',
  ],
  [
    'a passphrase for nothing',
    auth('passphrase_env: PASS'),
    'warning 4 gateway.auth.passphrase_env: is not used without',
  ],
  [
    'two passphrases',
    auth('type: mtls', 'client_pkcs12: /c.p12', 'passphrase_env: P', 'passphrase_file: /p'),
    'warning 7 gateway.auth.passphrase_file: is not used, because another',
  ],
  [
    'a token beside mtls',
    auth('type: mtls', ...PAIR, 'token_env: T'),
    'warning 7 gateway.auth.token_env: is not used, because gateway.auth.type is "mtls"',
  ],
  [
    'a command that starts nowhere',
    auth('token_command: [./give]'),
    'error 4 gateway.auth.token_command: must start with a full path',
  ],
  [
    'a command with a secret',
    auth('token_command: [give, sk-1234567890]'),
    'error 4 gateway.auth.token_command: holds what looks like a secret',
  ],
  [
    'a command line',
    auth('token_command: give --for gateway'),
    'error 4 gateway.auth.token_command: must be a list of texts',
  ],
  [
    'a command that is not used',
    auth('type: none', 'token_command: [give]'),
    'warning 5 gateway.auth.token_command: is not used',
  ],
];

describe('the settings of TLS and of the client certificate', () => {
  it.each(problems)('%s is said', (_name, gateway, expected) => {
    const lines = check(gateway);
    expect(
      lines.filter((line) => line.startsWith(expected)),
      lines.join('\n'),
    ).toHaveLength(1);
    expect(lines.join()).not.toMatch(/hunter2|sk-1234567890/);
  });

  it('need an encrypted connection', () => {
    const text = `gateway:\n  url: ws://localhost/\n${auth('type: mtls', ...PAIR)}`;
    expect(problemLines(judge(text))).toEqual([
      'error 5 gateway.auth.client_cert: needs an encrypted connection; use wss:// in gateway.url',
    ]);
  });

  it('SEC-24 warn of fips_mode, and refuse it where no suite is left', () => {
    const fips = 'advanced:\n  compliance:\n    fips_mode: true\n';
    expect(check('', fips)).toEqual([
      expect.stringMatching(/^warning 5 advanced\.compliance\.fips_mode: nothing connects/),
    ]);
    expect(check(tls('cipher_suites: [TLS_CHACHA20_POLY1305_SHA256]'), fips)).toContainEqual(
      'error 4 gateway.tls.cipher_suites: leaves nothing to connect with: fips_mode allows AES-GCM only',
    );
  });

  it('can come from the environment, lists with commas', () => {
    const env = {
      MCP_GATEWAY_TLS_PINS: `${PIN}, sha256/${'B'.repeat(43)}=`,
      MCP_GATEWAY_TLS_CIPHER_SUITES: 'TLS_AES_256_GCM_SHA384',
    };
    const loaded = judge('gateway:\n  url: wss://gateway.example.com/\n', env);
    expect(loaded.kind === 'valid' && loaded.config.gateway.tls).toMatchObject({
      pins: [PIN, `sha256/${'B'.repeat(43)}=`],
      cipher_suites: ['TLS_AES_256_GCM_SHA384'],
    });
    expect(check('', '', { MCP_GATEWAY_TLS_CIPHER_SUITES: 'RC4' })).toContainEqual(
      expect.stringMatching(/^error - gateway\.tls\.cipher_suites: .*"RC4" must be one of/),
    );
  });

  it('are accepted as the guide writes them, and with PKCS#12', () => {
    expect(check(auth('type: mtls', ...PAIR))).toEqual([]);
    expect(check(auth('type: mtls', 'client_pkcs12: ~/c.p12', 'passphrase_secure_key: p12'))).toEqual([]);
    expect(check(auth('type: bearer', ...PAIR, 'token_env: T'))).toEqual([]);
    expect(check(auth('token_command: [aws, secretsmanager, get-secret-value]'))).toEqual([]);
  });
});
