import { describe, expect, it } from 'vitest';

import { runConfig } from '../../../src/main/cli/config';
import { createMachine } from '../../../src/main/platform/machine';
import { createAuthority } from '../../support/certificates';
import { pipedIo } from './captured-io';
import { judge, problemLines } from './config-text';
import { ownUid, useTemporaryHome } from './temporary-home';

const of = (...lines: readonly string[]): string =>
  [
    'gateway:',
    '  url: wss://gateway.example.com/',
    '  proxy:',
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');
const problems = (...lines: readonly string[]): readonly string[] => problemLines(judge(of(...lines)));

describe('gateway.proxy', () => {
  it.each([
    [['url: http://proxy.example.com:3128']],
    [
      [
        'url: https://proxy.example.com',
        'username: ann',
        'password_secure_key: proxy',
        'ca_cert_path: /ca.pem',
      ],
    ],
    [['url: http://127.0.0.1:3128', 'username: ann', 'password_file: ~/proxy-password']],
    [['no_proxy: [intern.example, .other.example, "*.third.example", 10.0.0.0/8, "[::1]:80", "*"]']],
    [['enabled: false']],
    [['ca_cert_path: /ca.pem']],
  ])('%o is good', (lines) => {
    expect(problems(...lines)).toEqual([]);
  });

  it.each([
    [
      'SEC-06 inline login',
      ['url: http://ann:pa55word@proxy'],
      'error 4 gateway.proxy.url: must not hold a user name',
    ],
    [
      'SEC-06 inline password',
      ['url: https://proxy', 'username: a', 'password: pa55word'],
      'or password_file',
    ],
    ['SOCKS', ['url: socks5://proxy:1080'], 'error 4 gateway.proxy.url: names a SOCKS proxy'],
    ['a bare host', ['url: proxy:3128'], 'error 4 gateway.proxy.url: must start with http:// or https://'],
    ['a login without url', ['username: ann'], 'error 4 gateway.proxy.username: needs gateway.proxy.url'],
    [
      'SEC-37 a password without url',
      ['password_env: PROXY_PASSWORD'],
      'error 4 gateway.proxy.password_env: needs gateway.proxy.url',
    ],
    [
      'a password without name',
      ['url: https://proxy', 'password_env: P'],
      'error 5 gateway.proxy.password_env: needs gateway.proxy.username',
    ],
    [
      'a colon in the name',
      ['url: https://proxy', 'username: "a:b"'],
      'error 5 gateway.proxy.username: must not hold a colon',
    ],
    [
      'the secret itself',
      ['url: https://proxy', 'username: a', 'password_env: ghp_pa55word'],
      'error 6 gateway.proxy.password_env: looks like the secret',
    ],
    [
      'a relative file',
      ['url: https://proxy', 'username: a', 'password_file: secret'],
      'error 6 gateway.proxy.password_file: must be a full path',
    ],
    ['an exception that is none', ['no_proxy: [http://x]'], 'error 4 gateway.proxy.no_proxy[0]: is no host'],
    ['SEC-17 an unknown key', ['host: proxy'], 'error 4 gateway.proxy.host: unknown key'],
    [
      'SEC-37 a login in clear',
      ['url: http://proxy:3128', 'username: a'],
      'warning 4 gateway.proxy.url: user name and password of the proxy travel unencrypted',
    ],
    [
      'a url that is off',
      ['url: http://proxy:3128', 'enabled: false'],
      'warning 4 gateway.proxy.url: is not used',
    ],
    [
      'roots without TLS',
      ['url: http://proxy:3128', 'ca_cert_path: /ca.pem'],
      'warning 5 gateway.proxy.ca_cert_path: is not used',
    ],
    [
      'two passwords',
      ['url: https://proxy', 'username: a', 'password_secure_key: p', 'password_env: P'],
      'warning 7 gateway.proxy.password_env: is not used',
    ],
  ])('%s', (_name, lines, expected) => {
    const found = problems(...lines);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
    expect(found.join()).not.toContain('pa55word');
  });

  it('a login in clear is no surprise where insecure connections are allowed', () => {
    const text = of('url: http://proxy:3128', 'username: a').replace(
      '  proxy:',
      '  allow_insecure: true\n  proxy:',
    );
    expect(problemLines(judge(text))).toEqual([]);
  });

  it('can be set by variables', () => {
    const loaded = judge(of('enabled: true'), {
      MCP_GATEWAY_PROXY_URL: 'http://proxy:1',
      MCP_GATEWAY_PROXY_NO_PROXY: 'a.example, 10.0.0.0/8',
    });
    expect(loaded).toMatchObject({
      config: { gateway: { proxy: { url: 'http://proxy:1', no_proxy: ['a.example', '10.0.0.0/8'] } } },
    });
    expect(
      problemLines(judge(of('enabled: true'), { MCP_GATEWAY_PROXY_URL: 'http://a:pa55word@p' })).join(),
    ).not.toContain('pa55');
  });
});

describe.skipIf(process.platform === 'win32')('config check', () => {
  const home = useTemporaryHome();

  async function check(
    lines: readonly string[],
    env: Record<string, string> = {},
    url = 'wss://gateway.example.com/',
  ): Promise<{ code: number; out: string; json: string }> {
    await home.write('c.yaml', of(...lines).replace('wss://gateway.example.com/', url));
    const facts = { platform: process.platform, home: home.path(), cwd: home.path(), uid: ownUid };
    const machine = createMachine({ ...facts, env: { MCP_AUTH_TOKEN: 'sk-x', ...env } });
    const [text, json] = [pipedIo(), pipedIo()];
    const code = await runConfig(['check', '--config', 'c.yaml'], text.io, machine);
    await runConfig(['check', '--config', 'c.yaml', '--json'], json.io, machine);
    return { code, out: text.out(), json: json.out() };
  }

  it('SEC-38 shows the proxy of the environment and where it is from, and no secret', async () => {
    const { code, out, json } = await check(['enabled: true'], {
      HTTPS_PROXY: 'http://ann:pa55word@proxy:3128',
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^proxy {7}http:\/\/proxy:3128 \(HTTPS_PROXY, with user name and password\)$/m);
    expect(out).toMatch(/^warning {2}HTTPS_PROXY: user name and password of the proxy travel unencrypted/m);
    expect(JSON.parse(json)).toMatchObject({
      proxy: { kind: 'proxy', source: { kind: 'environment', name: 'HTTPS_PROXY' }, hasLogin: true },
    });
    expect(out + json).not.toMatch(/pa55word|ann/);
  });

  it.each([
    [{}, ['enabled: true'], 'none (no proxy is named)'],
    [{ HTTPS_PROXY: 'http://p:1' }, ['enabled: false'], 'none (gateway.proxy.enabled is false)'],
    [
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'example.com:443' },
      ['enabled: true'],
      'none (gateway.proxy.no_proxy or NO_PROXY names the gateway)',
    ],
    [
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'example.com:444' },
      ['enabled: true'],
      'http://p:1 (HTTPS_PROXY)',
    ],
    [{ HTTPS_PROXY: 'http://p:1' }, ['url: https://q'], 'https://q:443 (gateway.proxy.url)'],
  ])('%o with %o: %s', async (env, lines, expected) => {
    const { code, out } = await check(lines, env);
    expect(out).toContain(`proxy       ${expected}\n`);
    expect(code).toBe(0);
  });

  it.each([
    ['wss://localhost:1/', 'none (the gateway is on this machine)'],
    ['tcps://gateway.example.com', 'none (gateway.proxy.no_proxy or NO_PROXY names the gateway)'],
    ['https://gateway.example.com', 'http://p:1 (HTTPS_PROXY)'],
  ])('judges the address that the gateway has: %s', async (url, expected) => {
    const env = { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'gateway.example.com:8444' };
    expect((await check(['enabled: true'], env, url)).out).toContain(`proxy       ${expected}\n`);
  });

  it('SEC-36 says that nothing connects with a SOCKS proxy in the environment', async () => {
    const { code, out } = await check(['enabled: true'], { ALL_PROXY: 'socks5://ann:pa55word@proxy' });
    expect(code).toBe(2);
    expect(out).toMatch(/^lacking {2}gateway\.proxy: nothing connects: ALL_PROXY names a SOCKS proxy/m);
    expect(out).not.toContain('pa55word');
  });

  it('names what a configured proxy lacks', async () => {
    const proxy = ['url: https://proxy', 'username: ann'];
    const variable = await check([...proxy, 'password_env: PROXY_PASS', 'ca_cert_path: ~/none.pem']);
    expect(variable.code).toBe(2);
    expect(variable.out).toMatch(
      /^lacking {2}gateway\.proxy\.password_env: the variable PROXY_PASS is not set$/m,
    );
    expect(variable.out).toMatch(/^lacking {2}gateway\.proxy\.ca_cert_path: there is no file /m);
    await home.write('password', 'pa55word', 0o644);
    const file = await check([...proxy, 'password_file: ~/password']);
    expect(file.out).toMatch(/^lacking {2}gateway\.proxy\.password_file: .*chmod 600/m);
    expect(file.out).not.toContain('pa55word');
    await home.write('good', 'pa55word', 0o600);
    await home.write('ca.pem', createAuthority('x').certificatePem);
    expect((await check([...proxy, 'password_file: ~/good', 'ca_cert_path: ~/ca.pem'])).code).toBe(0);
  });
});
