import { describe, expect, it } from 'vitest';

import { configKeys } from '../../../src/main/platform/config-keys';
import { judge, problemLines } from './config-text';
import { containing, listWith } from './text-matchers';

const MINIMAL = 'gateway:\n  url: wss://file.example/\n';

describe('environment overrides', () => {
  it('have the names that the schema derives', () => {
    const variables = configKeys().map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(variables.length);
    expect(variables).toEqual(
      listWith([
        'MCP_GATEWAY_URL',
        'MCP_GATEWAY_TLS_VERIFY',
        'MCP_LOCAL_REQUEST_TIMEOUT_MS',
        'MCP_LOCAL_RATE_LIMIT_BURST',
        'MCP_LOGGING_LEVEL',
      ]),
    );
    expect(variables).not.toContain('MCP_AUTH_TOKEN');
    expect(variables).not.toContain('MCP_ROUTER_CONFIG');
  });

  it('win over the file, are typed, and are named in the result', () => {
    const loaded = judge(`${MINIMAL}local:\n  max_sessions: 3\n`, {
      MCP_GATEWAY_URL: 'wss://env.example/',
      MCP_GATEWAY_TLS_MIN_VERSION: '1.2',
      MCP_LOCAL_RATE_LIMIT_ENABLED: 'FALSE',
      MCP_LOCAL_RATE_LIMIT_REQUESTS_PER_SECOND: ' 2.5 ',
      MCP_LOCAL_MAX_SESSIONS: '7',
    });
    expect(loaded).toMatchObject({
      kind: 'valid',
      config: {
        gateway: { url: 'wss://env.example/', tls: { min_version: '1.2' } },
        local: { max_sessions: 7, rate_limit: { enabled: false, requests_per_second: 2.5 } },
      },
    });
    if (loaded.kind !== 'valid') throw new Error(loaded.kind);
    expect(loaded.overrides).toContainEqual({ variable: 'MCP_GATEWAY_URL', path: 'gateway.url' });
    expect(loaded.overrides).toHaveLength(5);
    expect(loaded.origins.get('gateway.url')).toEqual({
      kind: 'environment',
      path: 'gateway.url',
      variable: 'MCP_GATEWAY_URL',
    });
  });

  it.each([
    ['MCP_LOCAL_REQUEST_TIMEOUT_MS', '60s', 'must be a whole number'],
    ['MCP_LOCAL_REQUEST_TIMEOUT_MS', '0x10', 'must be a whole number'],
    ['MCP_LOCAL_REQUEST_TIMEOUT_MS', '1.5', 'must be a whole number'],
    ['MCP_LOCAL_REQUEST_TIMEOUT_MS', '-1', 'must be a whole number'],
    ['MCP_GATEWAY_TLS_VERIFY', 'yes', 'must be true or false'],
    ['MCP_GATEWAY_TLS_MIN_VERSION', '1.1', 'must be one of "1.2", "1.3"'],
    ['MCP_LOGGING_LEVEL', 'loud', 'must be one of "debug"'],
    ['MCP_LOGGING_OUTPUT', 'stdout', 'must not be stdout'],
    ['MCP_GATEWAY_URL', 'https://x/', 'not available in this version'],
  ])('%s=%s is an error that names the variable', (variable, value, expected) => {
    const lines = problemLines(judge(MINIMAL, { [variable]: value }));
    expect(lines).toEqual([containing(`${variable} (environment): `)]);
    expect(lines.join()).toContain(expected);
  });

  it('replace a wrong value of the file', () => {
    expect(judge('gateway:\n  url: 5\n', { MCP_GATEWAY_URL: 'wss://env.example/' }).kind).toBe('valid');
  });

  it('leave other MCP_ variables and empty ones alone', () => {
    const loaded = judge(MINIMAL, {
      MCP_AUTH_TOKEN: 'sk-1',
      MCP_ROUTER_CONFIG: '/x',
      MCP_SERVER_PORT: '1',
      MCP_GATEWAY: 'x',
      MCP_LOGGING_LEVEL: '',
    });
    expect(loaded).toMatchObject({ kind: 'valid', overrides: [], config: { logging: { level: 'info' } } });
    expect(JSON.stringify(loaded)).not.toContain('sk-1');
  });
});
