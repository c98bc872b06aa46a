import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';
import { matching } from './text-matchers';

const MINIMAL = 'gateway:\n  url: wss://gateway.example.com/\n';

describe('a valid configuration', () => {
  it('needs the address only, and has the documented defaults', () => {
    const loaded = judge(MINIMAL);
    expect(loaded).toMatchObject({
      kind: 'valid',
      problems: [],
      overrides: [],
      config: {
        gateway: {
          url: 'wss://gateway.example.com/',
          auth: { type: 'bearer', per_message_auth: true },
          connection: {
            timeout_ms: 5000,
            keepalive_interval_ms: 30_000,
            reconnect: {
              initial_delay_ms: 1000,
              max_delay_ms: 60_000,
              multiplier: 2,
              max_attempts: -1,
              jitter: 0.1,
            },
          },
          tls: { verify: true, min_version: '1.3' },
          allow_insecure: false,
          max_message_bytes: 1_048_576,
        },
        local: {
          request_timeout_ms: 60_000,
          max_concurrent_requests: 100,
          max_queued_requests: 100,
          max_line_bytes: 16_777_216,
          rate_limit: { enabled: true, requests_per_second: 50, burst: 100 },
        },
        logging: { level: 'info', output: 'stderr', sanitize: true },
      },
    });
  });

  it('knows where each value came from', () => {
    const loaded = judge('# note\ngateway:\n  url: wss://a.example/\n\n  tls:\n    verify: true\n');
    if (loaded.kind !== 'valid') throw new Error(loaded.kind);
    expect(Object.fromEntries(loaded.origins)).toEqual({
      'gateway.url': { kind: 'file', path: 'gateway.url', line: 3, column: 3 },
      'gateway.tls.verify': { kind: 'file', path: 'gateway.tls.verify', line: 6, column: 5 },
    });
  });

  it('may have sections with nothing but comments, aliases, a byte of everything', () => {
    const text = `${MINIMAL}  tls: &tls\n    # verify: true\nlocal:\nlogging:\n  level: &l warn\n  format: 'json'\n`;
    expect(problemLines(judge(text))).toEqual([]);
  });

  it('reads an unquoted TLS version and Windows line ends', () => {
    const loaded = judge(`${MINIMAL}  tls:\n    min_version: 1.2\n`.replaceAll('\n', '\r\n'));
    expect(loaded).toMatchObject({ kind: 'valid', config: { gateway: { tls: { min_version: '1.2' } } } });
  });
});

describe('problems', () => {
  it('come all at once, each with its line, its path and the nearest key', () => {
    const text = [
      'gateway:',
      '  url: wss://gateway.example.com/',
      '  timeout_ms: 3',
      '  tls:',
      '    verfy: true',
      '    min_version: "1.1"',
      'local:',
      '  request_timeout_ms: fast',
      '  max_sessions: 0',
      '  rate_limit:',
      '    requests_per_second: 0',
      '    burst: 1.5',
      'logging:',
      '  level: loud',
      '  sanitize: yes',
      '  output:',
      'locl: {}',
    ].join('\n');
    expect(problemLines(judge(text))).toEqual([
      'error 3 gateway.timeout_ms: unknown key; did you mean gateway.connection.timeout_ms?',
      'error 5 gateway.tls.verfy: unknown key; did you mean gateway.tls.verify?',
      'error 6 gateway.tls.min_version: must be one of "1.2", "1.3", not "1.1"',
      'error 8 local.request_timeout_ms: must be a whole number from 1 to 2147483647, not "fast"',
      'error 9 local.max_sessions: must be a whole number from 1 to 1000000, not 0',
      'error 11 local.rate_limit.requests_per_second: must be more than 0, not 0',
      'error 12 local.rate_limit.burst: must be a whole number from 1 to 1000000, not 1.5',
      'error 14 logging.level: must be one of "debug", "info", "warn", "error", not "loud"',
      'error 15 logging.sanitize: must be true or false, not "yes"',
      'error 16 logging.output: has no value; write a text, or remove the key',
      'error 17 locl: unknown key; did you mean local?',
    ]);
  });

  it.each([
    ['', 'error - gateway.url: is missing'],
    ['# only a comment\n', 'error - gateway.url: is missing'],
    ['gateway:\n', 'error - gateway.url: is missing'],
    ['local:\n  max_sessions: 3\n', 'error - gateway.url: is missing'],
    ['gateway:\n  tls: {}\n', 'error 1 gateway.url: is missing'],
    ['gateway:\n  url: ""\n', 'error 2 gateway.url: must not be empty'],
    ['gateway:\n  url: 5\n', 'error 2 gateway.url: must be a text'],
    ['gateway:\n  url: [a]\n', 'error 2 gateway.url: must be a text, not a list'],
    ['gateway: wss://gateway.example.com/\n', 'error 1 gateway: must be a section'],
    ['- gateway\n', 'error 1 : The file must be a mapping'],
    ['gateway\n', 'error 1 : The file must be a mapping'],
    ['gateway:\n\turl: x\n', 'error 2 : A tab is used for indentation'],
    ['gateway:\n  url: "wss://x\n', 'error 3 : A character is missing'],
    ['gateway: {url: a\n', 'error 2 : '],
    ['a: 1\n---\nb: 2\n', 'error 2 : The file holds several documents'],
    [`${MINIMAL}  url: wss://other.example/\n`, 'error 3 gateway.url: "url" is set twice (first in line 2)'],
    [`${MINIMAL}gateway: {}\n`, 'error 3 gateway: "gateway" is set twice (first in line 1)'],
    ['gateway: *nothing\n', 'error 1 gateway: The alias (*) names an anchor (&) that is not defined'],
    ['gateway: !!js/function x\n', 'error 1 : Tags (!) are not supported'],
    ['%FOO bar\n---\ngateway: {}\n', 'error 1 : '],
    ['1: 2\n', 'error 1 : A key must be a plain name.'],
    [`${MINIMAL}  <<: {}\n`, 'error 3 gateway.<<: merge keys (<<) are not supported'],
  ])('say what is wrong with %j', (text, expected) => {
    const loaded = judge(text);
    expect(loaded.kind).toBe('invalid');
    expect(problemLines(loaded).join('\n')).toContain(expected);
  });

  it('do not grow with aliases (billion laughs) and end at a depth', () => {
    const laughs = Array.from({ length: 30 }, (_, level) => {
      const below = `*l${level - 1}`;
      return `l${level}: &l${level} [${level === 0 ? 'ha' : Array.from({ length: 10 }, () => below).join(',')}]`;
    }).join('\n');
    expect(problemLines(judge(laughs)).join()).toContain('The file holds too much');
    expect(problemLines(judge('a: &a [*a]')).join()).toContain('not defined above it');
    for (const open of ['[', '{a: ', '- ', 'a: ', '? ']) {
      expect(problemLines(judge(open.repeat(40_000)))).toEqual(['error - : The file is nested too deeply.']);
    }
  });

  it('treat names that every object has as unknown keys', () => {
    const lines = problemLines(
      judge(`${MINIMAL}__proto__:\n  verify: false\nconstructor: 1\n  \ntoString: {}\n`),
    );
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'error 3 __proto__',
      'error 5 constructor',
      'error 7 toString',
    ]);
  });

  it('never put control characters of the file on the terminal', () => {
    const loaded = judge('"\\e[2J\\u202Eevil": 1\n"line\\nbreak": 2\n');
    expect(problemLines(loaded).join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

describe('cross checks', () => {
  const withUrl = (url: string, more = ''): readonly string[] =>
    problemLines(judge(`gateway:\n  url: ${JSON.stringify(url)}\n${more}`));

  it.each([
    'ws://localhost:1/',
    'ws://127.0.0.1/',
    'ws://127.9.8.7/',
    'ws://[::1]:9/x',
    'ws://a.localhost/',
    'wss://h:8443/p?x=1',
    'https://gateway.example.com/mcp',
    'http://localhost:1/mcp',
  ])('%s is a good address', (url) => {
    expect(withUrl(url)).toEqual([]);
  });

  it.each([
    ['http://gateway.example.com/', 'use https://, or set gateway.allow_insecure: true'],
    ['https://gateway.example.com/?token=pa55', 'must not hold a token'],
    ['ftp://gateway.example.com/', 'must start with wss://'],
    ['gateway.example.com', 'is not an address'],
    ['wss://user:pa55@gateway.example.com/', 'must not hold a user name or password'],
    ['wss://gateway.example.com/?token=pa55', 'must not hold a token'],
    ['wss://gateway.example.com/#x', 'must not have a fragment'],
    ['ws://gateway.example.com/', 'gateway.allow_insecure: true'],
    ['ws://127.0.0.1.example.com/', 'refused'],
    ['ws://10.0.0.1/', 'refused'],
  ])('SEC-15 %s is refused', (url, expected) => {
    const lines = withUrl(url);
    expect(lines.join('\n')).toContain(`error 2 gateway.url: `);
    expect(lines.join('\n')).toContain(expected);
    expect(lines.join('\n')).not.toContain('pa55');
  });

  it('lets an unencrypted connection through when that is said, with a warning', () => {
    expect(withUrl('ws://10.0.0.1/', '  allow_insecure: true\n')).toEqual([
      matching(/^warning 2 gateway\.url: the connection is not encrypted/),
    ]);
  });

  it('warns when certificates are not verified', () => {
    expect(problemLines(judge(`${MINIMAL}  tls: { verify: false }\n`))).toEqual([
      matching(/^warning 3 gateway\.tls\.verify: certificates are not verified/),
    ]);
  });

  it.each([
    ['  auth: { token_env: $MCP_AUTH_TOKEN }', 'must be the name of an environment variable'],
    ['  auth: { token_file: token }', 'must be a full path'],
    ['  auth: { token_secure_key: "a#b" }', 'may hold letters'],
    ['  tls: { ca_cert_path: ca.pem }', 'must be a full path'],
    ['  tls: { server_name: "https://x" }', 'must be a host name'],
    ['  connection: { reconnect: { initial_delay_ms: 100, max_delay_ms: 10 } }', 'must not be less than'],
    ['logging: { output: stdout }', 'belongs to the protocol'],
    ['logging: { output: router.log }', 'must be stderr or the full path'],
  ])('%s: %s', (line, expected) => {
    expect(problemLines(judge(MINIMAL + line)).join()).toContain(expected);
  });

  it('say which token source is used when there are several, or none is', () => {
    const auth = '  auth: { token_env: A_TOKEN, token_file: /t, token_secure_key: gateway }\n';
    expect(problemLines(judge(MINIMAL + auth))).toEqual([
      'warning 3 gateway.auth.token_env: is used only when gateway.auth.token_secure_key gives no token',
      'warning 3 gateway.auth.token_file: is used only when gateway.auth.token_secure_key gives no token',
    ]);
    expect(problemLines(judge(`${MINIMAL}  auth: { type: none, token_env: A_TOKEN }\n`))).toEqual([
      'warning 3 gateway.auth.token_env: is not used, because gateway.auth.type is "none"',
    ]);
  });
});

describe('SEC-06 secrets in the file', () => {
  it.each([
    ['gateway:\n  url: wss://a/\n  auth:\n    token: SECRETVALUE\n', 'gateway.auth.token'],
    ['gateway:\n  url: wss://a/\n  auth:\n    client_secret: SECRETVALUE\n', 'gateway.auth.client_secret'],
    ['gateway:\n  url: wss://a/\n  auth:\n    password: SECRETVALUE\n', 'gateway.auth.password'],
    ['gateway:\n  url: wss://a/\n  token: SECRETVALUE\n', 'gateway.token'],
    ['gateway_pool:\n  endpoints:\n    - url: wss://a/\n      auth: {token: SECRETVALUE}\n', 'auth.token'],
    ['gateway:\n  url: wss://a/\n  auth:\n    token: [SECRETVALUE]\n', 'gateway.auth.token'],
  ])('%j is refused with the way out, and the value is never repeated', (text, path) => {
    const lines = problemLines(judge(text)).join('\n');
    expect(lines).toContain(`${path}: "`);
    expect(lines).toContain('mcp-router token set');
    expect(lines).toContain('token_env: MCP_AUTH_TOKEN');
    expect(lines).toContain('chmod 600');
    expect(lines).not.toContain('SECRETVALUE');
  });

  it.each([
    '    token_env: sk-SECRETVALUE',
    '    token_secure_key: eyJhbGciOiJI.eyJzdWIiSECRETVALUE.abc',
    '    token_file: ghp_SECRETVALUE',
    '    token_env: "Bearer SECRETVALUE"',
    '    type: SECRETVALUE0123456789012345',
    '    tokn: SECRETVALUE',
    '    token: "SECRETVALUE',
    '    token: SECRETVALUE: x: y',
    '    token: @SECRETVALUE',
    '    token: "SECRETVALUE\\q"',
    '    token: &SECRETVALUE',
    '    token: *SECRETVALUE',
    '    token: !SECRETVALUE x',
    '    token: >SECRETVALUE',
    '   token: {SECRETVALUE',
    '    per_message_auth: SECRETVALUE0123456789012345',
  ])('a misplaced secret is not repeated either (%s)', (line) => {
    const loaded = judge(`gateway:\n  url: wss://a/\n  auth:\n${line}\n`);
    expect(loaded.kind).toBe('invalid');
    expect(JSON.stringify(loaded)).not.toContain('SECRETVALUE');
  });
});
