import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { signIn } from '../../src/main/engine/auth/oauth-sign-in';
import { createMemorySecrets } from '../../src/main/platform/memory-secrets';
import { enginePorts, testConfig, type FakeMachine, type StreamTestClient } from '../support/engine-client';
import { HttpBench } from '../support/http-bench';
import { IdentityProvider } from '../support/identity-provider';
import { oauthMachine, PROVIDER_CA, providerAuthority, providerTls } from '../support/oauth-bench';
import { ProtectedServer } from '../support/protected-server';
import { ScriptedBrowser } from '../support/scripted-browser';

const bench = new HttpBench();
let provider: IdentityProvider;
let server: ProtectedServer;

beforeEach(async () => {
  provider = bench.own(await IdentityProvider.start({ tls: providerTls }));
  server = bench.own(await ProtectedServer.start(provider));
});

afterEach(() => bench.stop());

const tls = { ca_cert_path: PROVIDER_CA };
const service = (scopes: readonly string[] = ['mcp:read']): Record<string, unknown> => ({
  auth: {
    type: 'oauth2',
    client_id: 'service',
    client_secret_env: 'OAUTH_CLIENT_SECRET',
    token_endpoint: provider.tokenEndpoint,
    scopes,
    tls,
  },
  tls,
});

const attach = (
  gateway: Record<string, unknown>,
  machine: FakeMachine = {},
  hasKeeper = true,
): StreamTestClient => bench.attach(server.url, { gateway }, { machine: oauthMachine(machine), hasKeeper });

async function call(client: StreamTestClient, id: number, name: string): ReturnType<typeof client.reply> {
  client.request(id, 'tools/call', { name, arguments: {} });
  return client.reply(id);
}

const asked = (): readonly (string | undefined)[] =>
  provider.exchanges.map(({ parameters }) => parameters['scope']);

describe('a token that a server over Streamable HTTP refuses', () => {
  it('SEC-43 is replaced once in the middle, and the request is sent once more and answered once', async () => {
    const client = attach(service());
    await client.initialize();
    await server.listening();
    provider.lifetime = 1800; // another token, not the same one of the same second
    server.endTokens();
    expect((await call(client, 1, 'echo')).result).toBeDefined();
    expect(server.calls('echo')).toBe(2);
    expect(provider.exchanges).toHaveLength(2);
    expect(client.replies.filter(({ id }) => id === 1)).toHaveLength(1);
  });

  it('SEC-43 is not replaced again and again, and the state says so', async () => {
    const client = attach(service());
    await client.initialize();
    await server.listening();
    server.refuseAll();
    expect((await call(client, 1, 'echo')).error?.data).toMatchObject({ code: 'auth-failed' });
    expect(server.calls('echo')).toBe(2);
    const { engine } = bench.under;
    await bench.under.until('the failure', () => engine.status().sessions[0]?.connection.name === 'failed');
    expect(provider.exchanges).toHaveLength(2);
  });

  it('SEC-43 is replaced once while connecting', async () => {
    server.refuseAll();
    const client = attach(service(), {}, false);
    client.request(1, 'ping');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'auth-failed' });
    expect(provider.exchanges).toHaveLength(2);
    expect(server.sdk.http.requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });
});

describe('a server that wants more scopes', () => {
  it('gets a token for the union, asked for once, and the request once more', async () => {
    const client = attach(service());
    await client.initialize();
    expect((await call(client, 1, 'progress')).result).toBeDefined();
    expect(asked()).toEqual(['mcp:read', 'mcp:read mcp:write']);
    expect((await call(client, 2, 'progress')).result).toBeDefined();
    expect(server.calls('progress')).toBe(3);
    expect(provider.exchanges).toHaveLength(2);
  });

  it('that the identity provider does not give fails that request alone, and is asked for once', async () => {
    server.needs.set('roots', 'mcp:everything');
    const client = attach(service());
    await client.initialize();
    for (const id of [1, 2]) {
      const { error } = await call(client, id, 'roots');
      expect(error?.data?.['code']).toMatch(/oauth-refused|auth-failed/);
    }
    expect((await call(client, 3, 'echo')).result).toBeDefined();
    expect(asked()).toEqual(['mcp:read', 'mcp:read mcp:everything']);
    expect(bench.under.engine.status().keeper.name).toBe('connected');
  });

  it('several at once are asked for one after the other, and every request is answered', async () => {
    server.needs.set('sample', 'mcp:write');
    const client = attach(service());
    await client.initialize();
    for (const id of [1, 2, 3, 4]) client.request(id, 'tools/call', { name: 'progress', arguments: {} });
    for (const id of [1, 2, 3, 4]) expect((await client.reply(id)).result).toBeDefined();
    expect(provider.exchanges).toHaveLength(2);
  });

  it('a challenge with names that are no scopes is not followed and not repeated', async () => {
    server.needs.set('echo', 'canary\\');
    const client = attach(service());
    await client.initialize();
    const reply = await call(client, 1, 'echo');
    expect(reply.error?.data).toMatchObject({ code: 'auth-failed' });
    expect(JSON.stringify(reply)).not.toContain('canary');
    expect(provider.exchanges).toHaveLength(1);
  });
});

describe('a person who signed in', () => {
  const person = { auth: { type: 'oauth2', grant_type: 'authorization_code', tls }, tls };
  const keychain = (): FakeMachine => ({ keychain: createMemorySecrets(() => new Date()) });

  /** Signs in as `mcp-router sign-in` does; resolves with the scopes that the page was asked for. */
  async function signInWith(machine: FakeMachine): Promise<string | null> {
    let scope: string | null = null;
    await signIn({
      config: testConfig(server.url, { gateway: person }),
      ports: enginePorts(oauthMachine(machine)),
      signal: new AbortController().signal,
      openUrl: async (url) => {
        scope = new URL(url).searchParams.get('scope');
        await new ScriptedBrowser(providerAuthority.certificatePem).signIn(url);
      },
    });
    return scope;
  }

  it('is found through the challenge of the server, and reaches it', async () => {
    const machine = keychain();
    expect(await signInWith(machine)).toBe('mcp:read offline_access');
    const client = attach(person, machine);
    await client.initialize();
    expect((await call(client, 1, 'echo')).result).toBeDefined();
  });

  it('is told which scope is missing, sees it as degraded, and is asked for the union', async () => {
    const machine = keychain();
    await signInWith(machine);
    const client = attach(person, machine);
    await client.initialize();
    const { error } = await call(client, 1, 'progress');
    expect(error?.data).toMatchObject({ code: 'sign-in-needed' });
    expect(error?.message).toContain('mcp:write');
    const { engine } = bench.under;
    expect(engine.status().degradations).toMatchObject([{ code: 'scope-missing' }]);
    expect(engine.status().shown).toBe('degraded');
    expect((await call(client, 2, 'echo')).result).toBeDefined();
    expect(await signInWith(machine)).toBe('mcp:read offline_access mcp:write');
    await engine.reload(testConfig(server.url, { gateway: person }), 'test');
    expect((await call(client, 3, 'progress')).result).toBeDefined();
    expect(engine.status().degradations).toEqual([]);
  });

  it('whose token is refused even when it was renewed is asked to sign in again', async () => {
    const machine = keychain();
    await signInWith(machine);
    const client = attach(person, machine);
    await client.initialize();
    await server.listening();
    server.refuseAll();
    expect((await call(client, 1, 'echo')).error?.data).toMatchObject({ code: 'sign-in-needed' });
    expect(server.calls('echo')).toBe(2);
    const { engine } = bench.under;
    const failed = { name: 'failed', cause: { code: 'sign-in-needed' } };
    await bench.under.until('the failure', () => engine.status().sessions[0]?.connection.name === 'failed');
    expect(engine.status().sessions[0]?.connection).toMatchObject(failed);
    expect(provider.exchanges).toHaveLength(2);
  });
});
