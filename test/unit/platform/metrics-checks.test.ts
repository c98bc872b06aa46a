import { describe, expect, it } from 'vitest';

import { judge, problemLines } from './config-text';
import { matching } from './text-matchers';

const MINIMAL = 'gateway:\n  url: wss://gateway.example/\n';
const metrics = (lines: string, env: Record<string, string> = {}): ReturnType<typeof judge> =>
  judge(`${MINIMAL}metrics: ${lines}\n`, env);

describe('metrics in the configuration', () => {
  it('has defaults', () => {
    expect(judge(MINIMAL)).toMatchObject({
      kind: 'valid',
      problems: [],
      config: { metrics: { endpoint: 'localhost:9091', labels: {} } },
    });
  });

  it.each([
    '{ enabled: true, endpoint: "localhost:9091" }',
    '{ enabled: false }',
    '{ labels: { site: berlin, team: core } }',
    '{ endpoint: "127.0.0.1:0", token_file: /etc/mcp/metrics }',
    '{ enabled: false, endpoint: "0.0.0.0:9091" }',
  ])('%s is accepted', (lines) => {
    expect(problemLines(metrics(lines))).toEqual([]);
  });

  it.each(['":9091"', '"0.0.0.0:9091"', '"[::]:9091"', '192.168.1.5:9091', 'router.example:9091'])(
    'SEC-90 endpoint %s without a token is refused, and with one people are told that it is not encrypted',
    (endpoint) => {
      const bare = metrics(`{ endpoint: ${endpoint} }`);
      expect(bare.kind).toBe('invalid');
      expect(problemLines(bare)).toEqual([matching(/^error 3 metrics.endpoint: .*needs a token/)]);
      const guarded = metrics(`{ endpoint: ${endpoint}, token_secure_key: metrics }`);
      expect(guarded.kind).toBe('valid');
      expect(problemLines(guarded)).toEqual([matching(/^warning 3 metrics.endpoint: .*unencrypted/)]);
    },
  );

  it('SEC-90 an endpoint from the environment is judged as well', () => {
    expect(judge(MINIMAL, { MCP_METRICS_ENDPOINT: ':9091' }).kind).toBe('invalid');
  });

  it.each([
    ['{ endpoint: "http://localhost:9091" }', /^error 3 metrics.endpoint: must be written like/],
    ['{ token: abc }', /^error 3 metrics.token: "token" would hold the secret/],
    ['{ token_env: sk-12345678 }', /^error 3 metrics.token_env: looks like the secret/],
    ['{ token_file: token }', /^error 3 metrics.token_file: must be a full path/],
    ['{ token_env: A, token_file: /a }', /^warning 3 metrics.token_file: is not used/],
    ['{ labels: { a-b: x } }', /^error 3 metrics.labels: must have names/],
    ['{ labels: { a: 1 } }', /^error 3 metrics.labels.a: must be a text; put it in quotes/],
    ['{ labels: [a] }', /^error 3 metrics.labels: must be a section/],
    ['{ labels: { a: ghp_0123456789 } }', /^error 3 metrics.labels.a: looks like a secret/],
    ['{ path: /metrics }', /^warning 3 metrics.path: has no effect/],
    ['{ enabled: "yes" }', /^error 3 metrics.enabled: must be true or false/],
  ])('%s', (lines, expected) => {
    expect(problemLines(metrics(lines))).toEqual([matching(expected)]);
  });

  it('takes labels from the environment', () => {
    expect(judge(MINIMAL, { MCP_METRICS_LABELS: 'site=berlin, team = a=b,' })).toMatchObject({
      kind: 'valid',
      config: { metrics: { labels: { site: 'berlin', team: 'a=b' } } },
    });
    const wrong = judge(MINIMAL, { MCP_METRICS_LABELS: 'berlin' });
    expect(problemLines(wrong)).toEqual([
      matching(/^error - metrics.labels: MCP_METRICS_LABELS .*must be written like/),
    ]);
  });
});
