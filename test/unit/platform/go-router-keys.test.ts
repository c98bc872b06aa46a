import { describe, expect, it } from 'vitest';

import { meaninglessKeys } from '../../../src/main/platform/go-router-keys';
import { judge, problemLines } from './config-text';
import { containing, matching } from './text-matchers';

const MINIMAL = 'gateway:\n  url: wss://gateway.example.com/\n';

/** A configuration with one more key, written as nested sections. */
function withKey(path: string, value: string): string {
  const segments = path.split('.');
  const isGateway = segments[0] === 'gateway';
  const lines = segments.map((name, depth) => {
    const end = depth === segments.length - 1 ? ` ${value}` : '';
    return `${'  '.repeat(depth)}${name}:${end}`;
  });
  return isGateway ? `${MINIMAL}${lines.slice(1).join('\n')}\n` : `${MINIMAL}${lines.join('\n')}\n`;
}

describe('a file of the Go router', () => {
  it('with one endpoint means the same, and problems name the path as written', () => {
    const text = [
      'version: 1',
      'gateway_pool:',
      '  default_namespace: team',
      '  load_balancer: { strategy: round_robin }',
      '  endpoints:',
      '    - url: wss://gateway.example.com/',
      '      weight: 1',
      '      auth: { type: bearer, token_env: GW_TOKEN }',
      '      connection: { timeout_ms: 3000, buffer_size: 1 }',
      '      tls: { enabled: true, verify: true, ca_file: /etc/mcp/ca.pem, min_version: "1.2" }',
      'local:',
      '  read_buffer_size: 65536',
      '  rate_limit: { enabled: true, requests_per_sec: 5, burst: 7 }',
      'logging: { format: console, include_caller: true }',
    ].join('\n');
    const loaded = judge(text);
    expect(loaded).toMatchObject({
      kind: 'valid',
      config: {
        gateway: {
          url: 'wss://gateway.example.com/',
          default_namespace: 'team',
          auth: { token_env: 'GW_TOKEN' },
          connection: { timeout_ms: 3000 },
          tls: { ca_cert_path: '/etc/mcp/ca.pem', min_version: '1.2' },
        },
        local: { rate_limit: { requests_per_second: 5, burst: 7 } },
        logging: { format: 'text' },
      },
    });
    expect(problemLines(loaded).map((line) => line.split(':')[0])).toEqual([
      'warning 1 version',
      'warning 4 gateway_pool.load_balancer',
      'warning 7 gateway_pool.endpoints[0].weight',
      'warning 9 gateway_pool.endpoints[0].connection.buffer_size',
      'warning 10 gateway_pool.endpoints[0].tls.enabled',
      'warning 12 local.read_buffer_size',
      'warning 14 logging.include_caller',
    ]);
  });

  it.each([
    [
      'gateway_pool:\n  endpoints:\n  - url: wss://a/\n  - wss://b/\n',
      'gateway_pool.endpoints[1]: must be a section with "url"',
    ],
    ['gateway_pool:\n  endpoints: []\n', 'must be a list with one endpoint'],
    ['gateway_pool:\n  endpoints: wss://a/\n', 'must be a list with one endpoint'],
    ['gateway_pool:\n  endpoints: [wss://a/]\n', 'must be a section with "url"'],
    ['gateway_pool: {}\n', 'has no "endpoints"'],
    ['gateway_pool: 5\n', 'must be a section'],
    [`${MINIMAL}gateway_pool:\n  endpoints: [{url: wss://a/}]\n`, 'keep one of the two'],
    [`${MINIMAL}  tls: { ca_file: /a, ca_cert_path: /b }\n`, 'another name of gateway.tls.ca_cert_path'],
    [
      'gateway_pool:\n  endpoints: [{url: wss://a/}]\n  tls: { verify: true }\n',
      'gateway_pool.tls: unknown key',
    ],
  ])('%j is an error', (text, expected) => {
    const loaded = judge(text);
    expect(loaded.kind).toBe('invalid');
    expect(problemLines(loaded).join('\n')).toContain(expected);
  });

  it.each([...meaninglessKeys.keys()].filter((path) => !path.startsWith('gateway_pool')))(
    'with %s gets a warning and works',
    (path) => {
      const loaded = judge(withKey(path, '{ a: 1 }'));
      expect(loaded.kind).toBe('valid');
      expect(problemLines(loaded)).toEqual([matching(/^warning .* has no effect: .*; remove it$/)]);
    },
  );
});

describe('a key that there is not', () => {
  it.each([
    'security: { lockdown: { enabled: true } }',
    'security: { lockdown: { enabled: false } }',
    'logging: { audit: { enabled: false, x: 1 } }',
  ])('SEC-17 %s is an error, never ignored', (line) => {
    const loaded = judge(`${MINIMAL}${line}\n`);
    expect(loaded.kind).toBe('invalid');
    expect(problemLines(loaded)).toEqual([containing('unknown key')]);
  });
});
