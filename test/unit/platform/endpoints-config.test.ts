import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';

const two = (shared: string, first = '', second = ''): string =>
  [
    ...(shared === '' ? [] : ['gateway:', ...shared.split('\n').map((line) => `  ${line}`)]),
    'gateway_pool:',
    '  endpoints:',
    '    - url: wss://b.example/',
    '      priority: 2',
    ...(first === '' ? [] : [`      ${first}`]),
    '    - url: wss://a.example/',
    ...(second === '' ? [] : [`      ${second}`]),
    '',
  ].join('\n');

describe('several endpoints', () => {
  it('are one list in the order of their priority, filled up from gateway', () => {
    const shared =
      'auth: { token_env: SHARED }\ntls: { min_version: "1.2", verify: true }\nconnection: { timeout_ms: 7 }';
    const loaded = judge(two(shared, 'tls: { ca_file: /etc/ca.pem }', 'auth: { type: none }'));
    expect(problemLines(loaded)).toEqual([]);
    expect(loaded).toMatchObject({
      kind: 'valid',
      config: {
        gateway: { url: 'wss://a.example/' },
        gateway_pool: {
          endpoints: [
            {
              url: 'wss://a.example/',
              priority: 1,
              weight: 1,
              auth: { type: 'none' },
              tls: { min_version: '1.2' },
            },
            {
              url: 'wss://b.example/',
              priority: 2,
              auth: { type: 'bearer', token_env: 'SHARED' },
              tls: { min_version: '1.2', ca_cert_path: '/etc/ca.pem' },
              connection: { timeout_ms: 7, keepalive_interval_ms: 30_000 },
            },
          ],
        },
      },
    });
  });

  it('SEC-62 never piece a credential together from two places', () => {
    const loaded = judge(two('auth: { token_file: /run/token }', 'auth: { token_env: OWN }'));
    expect(loaded.kind).toBe('valid');
    if (loaded.kind !== 'valid') return;
    const [shared, own] = loaded.config.gateway_pool.endpoints;
    expect([shared?.auth.token_file, own?.auth.token_env, own?.auth.token_file]).toEqual([
      '/run/token',
      'OWN',
      undefined,
    ]);
  });

  it('one gateway is a list of one', () => {
    const loaded = judge('gateway: { url: wss://a.example/ }\n');
    expect(loaded).toMatchObject({
      config: { gateway_pool: { endpoints: [{ url: 'wss://a.example/', priority: 1, weight: 1 }] } },
    });
  });

  it('what fits through one endpoint fits through all', () => {
    const text = 'gateway_pool:\n  endpoints:\n    - url: tcps://a.example:1/\n    - url: wss://b.example/\n';
    const loaded = judge(text);
    if (loaded.kind !== 'valid') throw new Error(problemLines(loaded).join());
    expect(loaded.config.gateway_pool.endpoints.map((one) => one.max_message_bytes)).toEqual([
      1048576, 1048576,
    ]);
  });

  it.each([
    ['url: wss://c.example/', '', '', /^error 2 gateway.url: stands beside gateway_pool.endpoints; keep one/],
    ['', 'prioritty: 3', '', /^error 5 gateway_pool.endpoints\[0\].prioritty: unknown key/],
    ['', 'tls: { verfy: true }', '', /^error 5 .*endpoints\[0\].tls.verfy: unknown key; did you mean/],
    ['', '', 'weight: 0', /^error 6 .*endpoints\[1\].weight: must be a whole number from 1 to 1000, not 0/],
    ['', '', 'tls: { verify: maybe }', /^error 6 .*endpoints\[1\].tls.verify: must be true or false/],
    ['tls: { verify: maybe }', '', '', /^error 2 gateway.tls.verify: must be true or false/],
    [
      '',
      '',
      'connection: { reconnect: { jitter: 0 } }',
      /^error 6 .*: holds for all endpoints; write it as gateway.connection.reconnect/,
    ],
    ['', '', 'max_message_bytes: 2048', /^error 6 .*: holds for all endpoints/],
    ['', '', 'auth: { token: abc }', /^error 6 .*endpoints\[1\].auth.token: "token" would hold the secret/],
    [
      '',
      '',
      'auth: { token_file: relative }',
      /^error 6 .*endpoints\[1\].auth.token_file: must be a full path/,
    ],
    ['', '', 'transport: tcp', /^error 6 .*endpoints\[1\].transport: does not fit/],
  ])('SEC-17 %j, %j, %j: %s', (shared, first, second, expected) => {
    const loaded = judge(two(shared, first, second));
    expect(loaded.kind).toBe('invalid');
    expect(problemLines(loaded)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    ['ws://b.example/', /endpoints\[0\].url: ws:\/\/ to another machine would send the token unencrypted/],
    ['wss://a.example/', /endpoints\[1\].url: is there twice/],
    ['wss://u:p@b.example/', /endpoints\[0\].url: must not hold a user name or password/],
    ['ftp://b.example/', /endpoints\[0\].url: must start with wss/],
  ])('SEC-62 the rules about addresses hold for each: %s', (url, expected) => {
    const loaded = judge(two('').replace('wss://b.example/', url));
    expect(problemLines(loaded).join('\n')).toMatch(expected);
    expect(loaded.kind).toBe('invalid');
  });

  it('SEC-62 allow_insecure of one endpoint allows nothing to the other', () => {
    const text =
      'gateway_pool:\n  endpoints:\n    - { url: "ws://a.example/", allow_insecure: true }\n    - url: ws://b.example/\n';
    expect(problemLines(judge(text)).filter((line) => line.startsWith('error'))).toEqual([
      expect.stringMatching(/^error 4 .*endpoints\[1\].url: ws:/),
    ]);
  });

  it('are seventeen at most sixteen', () => {
    const list = Array.from({ length: 17 }, (_, index) => `    - url: wss://h${String(index)}.example/`);
    const loaded = judge(`gateway_pool:\n  endpoints:\n${list.join('\n')}\n`);
    expect(problemLines(loaded)).toEqual([expect.stringContaining('has too many endpoints')]);
  });
});

describe('the circuit breaker', () => {
  const minimal = 'gateway: { url: wss://a.example/ }\n';

  it.each([
    ['advanced: { circuit_breaker: { failure_threshold: 3, recovery_timeout_ms: 1500 } }', 3, 1500],
    ['advanced: { circuit_breaker: { failure_threshold: 3, recovery_timeout: 2m } }', 3, 120_000],
    ['advanced: { circuit_breaker: { timeout_seconds: 7 } }', 5, 7000],
    [
      'gateway_pool: { endpoints: [{ url: "wss://a.example/" }], circuit_breaker: { recovery_timeout: 500ms } }',
      5,
      500,
    ],
  ])('%s', (line, failures, timeoutMs) => {
    const loaded = judge(line.startsWith('gateway_pool') ? line : `${minimal}${line}\n`);
    expect(problemLines(loaded)).toEqual([]);
    expect(loaded).toMatchObject({
      config: {
        advanced: {
          circuit_breaker: {
            enabled: true,
            failure_threshold: failures,
            success_threshold: 2,
            recovery_timeout_ms: timeoutMs,
          },
        },
      },
    });
  });

  it.each([
    ['recovery_timeout: soon', /recovery_timeout: must be a whole number/],
    [
      '{recovery_timeout: 1s, recovery_timeout_ms: 1}',
      /another name of advanced.circuit_breaker.recovery_timeout_ms/,
    ],
    ['failure_treshold: 1', /unknown key; did you mean/],
    ['failure_threshold: 0', /must be a whole number from 1/],
  ])('SEC-17 %s is an error', (text, expected) => {
    const section = text.startsWith('{') ? text : `{ ${text} }`;
    const loaded = judge(`${minimal}advanced: { circuit_breaker: ${section} }\n`);
    expect(loaded.kind).toBe('invalid');
    expect(problemLines(loaded).join('\n')).toMatch(expected);
  });
});

describe('the pool of connections', () => {
  const pool = (url: string, keys: string): readonly string[] =>
    problemLines(judge(`gateway:\n  url: ${url}\n  connection: { pool: { ${keys} } }\n`));

  it('is one connection unless there is more', () => {
    expect(judge('gateway: { url: wss://a.example/ }\n')).toMatchObject({
      config: { gateway: { connection: { pool: { max_connections: 1, idle_timeout_ms: 60_000 } } } },
    });
    expect(pool('wss://a.example/', 'max_connections: 32')).toEqual([]);
    expect(pool('wss://a.example/', 'max_connections: 33')).toEqual([
      expect.stringContaining('max_connections: must be a whole number from 1 to 32'),
    ]);
  });

  it.each(['https://a.example/', 'https://a.example/\n  transport: gateway-http'])(
    'SEC-17 has no effect over HTTP, which is said: %s',
    (url) => {
      expect(pool(url, 'max_connections: 2')).toEqual([
        expect.stringMatching(/^warning .*pool.max_connections: is not used: over HTTP each message/),
      ]);
    },
  );
});
