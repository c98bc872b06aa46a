import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { StreamTestClient, type FakeMachine } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { signToken } from '../support/gateway/tokens';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

const TOKEN = 'opaque-token-1';

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

describe('credentials', () => {
  const bearer = (keys: object): Record<string, unknown> => ({ auth: { type: 'bearer', ...keys } });
  const sources: readonly [string, object, FakeMachine, object][] = [
    [
      'the keychain',
      { token_secure_key: 'k' },
      { secrets: { k: { kind: 'found', value: TOKEN } } },
      { source: 'keychain', name: 'k' },
    ],
    [
      'a named variable',
      { token_env: 'MY_TOKEN' },
      { variables: { MY_TOKEN: TOKEN } },
      { source: 'environment', name: 'MY_TOKEN' },
    ],
    [
      'MCP_AUTH_TOKEN',
      {},
      { variables: { MCP_AUTH_TOKEN: TOKEN } },
      { source: 'environment', name: 'MCP_AUTH_TOKEN' },
    ],
    [
      'a file',
      { token_file: '/t' },
      { files: { '/t': { kind: 'found', value: `${TOKEN}\n` } } },
      { source: 'file', name: '/t' },
    ],
  ];

  it.each(sources)('come from %s', async (_where, keys, machine, inUse) => {
    await gateway.restart({ auth: { kind: 'tokens', tokens: [TOKEN] } });
    expect((await bench.settle(bearer(keys), machine)).name).toBe('connected');
    expect(bench.under.engine.status().credential).toEqual(inUse);
    expect(gateway.recording.upgrades[0]?.hasAuthorization).toBe(true);
  });

  it('are taken in the documented order', async () => {
    const machine: FakeMachine = {
      secrets: { k: { kind: 'found', value: 'from-keychain' } },
      variables: { MY_TOKEN: 'from-env', MCP_AUTH_TOKEN: 'from-default' },
      files: { '/t': { kind: 'found', value: 'from-file' } },
    };
    const chosen: unknown[] = [];
    for (const keys of [
      { token_secure_key: 'k', token_env: 'MY_TOKEN', token_file: '/t' },
      { token_secure_key: 'other', token_env: 'MY_TOKEN', token_file: '/t' },
      { token_env: 'UNSET', token_file: '/t' },
    ]) {
      await bench.settle(bearer(keys), machine);
      chosen.push(bench.under.engine.status().credential?.name);
      await bench.under.engine.stop();
    }
    expect(chosen).toEqual(['k', 'MY_TOKEN', 'MCP_AUTH_TOKEN']);
  });

  const failures: readonly [string, object, FakeMachine, string, string][] = [
    ['no token anywhere', { token_env: 'MY_TOKEN' }, {}, 'credential-missing', 'MY_TOKEN'],
    [
      'a locked keychain',
      { token_secure_key: 'k', token_env: 'E' },
      { secrets: { k: { kind: 'locked-or-removed' } }, variables: { E: TOKEN } },
      'keychain-locked',
      'k',
    ],
    [
      'no keychain',
      { token_secure_key: 'k' },
      { secrets: { k: { kind: 'unavailable', reason: 'no D-Bus' } } },
      'keychain-unavailable',
      'no D-Bus',
    ],
    [
      'an open token file',
      { token_file: '/t' },
      { files: { '/t': { kind: 'refused', path: '/t', problem: 'run: chmod 600 /t' } } },
      'credential-file-refused',
      'chmod 600 /t',
    ],
    [
      'an empty token file',
      { token_file: '/t' },
      { files: { '/t': { kind: 'found', value: ' \n' } } },
      'credential-missing',
      '/t',
    ],
    [
      'a token with a line break',
      { token_env: 'E' },
      { variables: { E: 'a\r\nX-Evil: 1' } },
      'credential-malformed',
      'E',
    ],
  ];

  it.each(failures)('SEC-04 %s is a failure of its own, and nothing is sent', async (...row) => {
    const [, keys, machine, code, detail] = row;
    const state = await bench.settle(bearer(keys), machine);
    expect(state).toMatchObject({ name: 'failed', cause: { code } });
    expect(state.name === 'failed' && state.cause.detail).toContain(detail);
    expect(gateway.recording.upgrades).toEqual([]);
    expect(bench.under.engine.status().counters.authFailures).toBe(1);
  });

  it('a wrong token fails for good, and a request is told so once', async () => {
    await gateway.restart({ auth: { kind: 'jwt', secret: 's'.repeat(32) } });
    const machine = { variables: { MCP_AUTH_TOKEN: await signToken('x'.repeat(32)) } };
    expect(await bench.settle(bearer({}), machine)).toMatchObject({
      name: 'failed',
      cause: { code: 'auth-failed' },
    });
    const client = new StreamTestClient(bench.under.engine);
    client.request(1, 'tools/list');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'auth-failed', retryable: false });
    expect(client.lines).toHaveLength(1);
    expect(bench.under.engine.status()).toMatchObject({ shown: 'failed' });
    // One upgrade of the keeper, and none of the client's lane: nobody hammers the gateway.
    expect(gateway.recording.upgrades).toHaveLength(1);
  });

  it('a right token opens the gateway, in the header and in the envelope', async () => {
    const token = await signToken('s'.repeat(32));
    await gateway.restart({ auth: { kind: 'jwt', secret: 's'.repeat(32) } });
    await bench.settle(bearer({}), { variables: { MCP_AUTH_TOKEN: token } });
    const client = new StreamTestClient(bench.under.engine);
    client.request(1, 'm');
    await client.reply(1);
    expect(gateway.recording.requests()[0]?.envelope?.authToken).toBe(token);
  });

  it('leaves the token out of the envelope when per_message_auth is off', async () => {
    await bench.settle(bearer({ per_message_auth: false }), { variables: { MCP_AUTH_TOKEN: TOKEN } });
    const client = new StreamTestClient(bench.under.engine);
    client.request(1, 'm');
    await client.reply(1);
    expect(gateway.recording.requests()[0]?.envelope?.authToken).toBeNull();
  });
});
