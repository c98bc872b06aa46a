import { createServer } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ConnectionState } from '../../src/shared/model/status';
import { createAuthority, selfSigned } from '../support/certificates';
import { EngineUnderTest, StreamTestClient, testConfig, type FakeMachine } from '../support/engine-client';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { signToken } from '../support/gateway/tokens';

const authority = createAuthority('Test authority');
const hosts = ['localhost', '127.0.0.1'];
const good = authority.issueServer({ hosts });
const HOUR = 3_600_000;
const TOKEN = 'opaque-token-1';

let gateway: Gateway;
let under: EngineUnderTest | undefined;

const trustFile = (pem: string): FakeMachine['files'] => ({ '/ca.pem': { kind: 'found', value: pem } });

/** Starts an engine with a keeper, and waits until it knows where it stands. */
async function settle(
  gatewayKeys: Record<string, unknown>,
  machine: FakeMachine = {},
): Promise<ConnectionState> {
  under = new EngineUnderTest(testConfig(gateway.urlFor('localhost'), { gateway: gatewayKeys }), {
    hasKeeper: true,
    machine,
  });
  const { engine } = under;
  engine.start();
  await under.until('a verdict', () =>
    ['connected', 'failed', 'waiting'].includes(engine.status().keeper.name),
  );
  return engine.status().keeper;
}

const tlsGateway = (pair: { certificatePem: string; privateKeyPem: string }, versions = {}): Promise<void> =>
  gateway.restart({ tls: { ...pair, ...versions } });

beforeEach(async () => {
  gateway = await startGateway({ backend: echoBackend() });
});

afterEach(async () => {
  await under?.engine.stop();
  under = undefined;
  await gateway.stop();
});

describe('TLS', () => {
  const withCa = { auth: { type: 'none' }, tls: { ca_cert_path: '/ca.pem' } };

  it('SEC-01 connects when the private authority is trusted, and shows what was proven', async () => {
    await tlsGateway(good);
    const state = await settle(withCa, { files: trustFile(authority.certificatePem) });
    expect(state).toMatchObject({
      name: 'connected',
      tls: { protocol: 'TLSv1.3', isVerified: true, subject: 'localhost', issuer: 'Test authority' },
    });
    expect(under?.engine.status()).toMatchObject({ shown: 'connected', cause: null, degradations: [] });
  });

  const refused: readonly [string, () => { certificatePem: string; privateKeyPem: string }, string][] = [
    ['a private authority that nobody trusted', () => good, 'not trusted here'],
    ['a self-signed certificate', () => selfSigned({ hosts }), 'self-signed'],
    ['another authority', () => createAuthority('Other').issueServer({ hosts }), 'not trusted here'],
    ['another host', () => authority.issueServer({ hosts: ['elsewhere.example'] }), 'another host'],
    [
      'an expired certificate',
      () =>
        authority.issueServer({
          hosts,
          notBefore: new Date(Date.now() - 2 * HOUR),
          notAfter: new Date(Date.now() - HOUR),
        }),
      'has expired',
    ],
    [
      'one that is not valid yet',
      () =>
        authority.issueServer({
          hosts,
          notBefore: new Date(Date.now() + HOUR),
          notAfter: new Date(Date.now() + 2 * HOUR),
        }),
      'not valid yet',
    ],
  ];

  it.each(refused)(
    'SEC-01 refuses %s, says why, and does not try again',
    async (name, certificate, detail) => {
      await tlsGateway(certificate());
      const trusts = name === 'a private authority that nobody trusted' ? { auth: { type: 'none' } } : withCa;
      const state = await settle(trusts, { files: trustFile(authority.certificatePem) });
      expect(state).toMatchObject({ name: 'failed', cause: { code: 'certificate-rejected' } });
      expect(state.name === 'failed' && state.cause.detail).toContain(detail);
      expect(gateway.recording.upgrades).toEqual([]);
      expect(under?.kinds('certificate-rejected')).toHaveLength(1);
    },
  );

  it('SEC-02 refuses a server that stops at TLS 1.2, unless min_version says 1.2', async () => {
    await tlsGateway(good, { maxVersion: 'TLSv1.2' });
    const machine = { files: trustFile(authority.certificatePem) };
    expect(await settle(withCa, machine)).toMatchObject({
      name: 'failed',
      cause: { code: 'tls-version-rejected' },
    });
    await under?.engine.stop();
    const relaxed = { auth: { type: 'none' }, tls: { ca_cert_path: '/ca.pem', min_version: '1.2' } };
    expect(await settle(relaxed, machine)).toMatchObject({ name: 'connected', tls: { protocol: 'TLSv1.2' } });
  });

  it('takes server_name for SNI and for the check', async () => {
    await tlsGateway(authority.issueServer({ hosts: ['gateway.example'] }));
    const machine = { files: trustFile(authority.certificatePem) };
    const named = {
      auth: { type: 'none' },
      tls: { ca_cert_path: '/ca.pem', server_name: 'gateway.example' },
    };
    expect((await settle(named, machine)).name).toBe('connected');
    await under?.engine.stop();
    await tlsGateway(good);
    expect(await settle(named, machine)).toMatchObject({
      name: 'failed',
      cause: { code: 'certificate-rejected' },
    });
  });

  it('SEC-03 connects with verification off, and is loudly degraded', async () => {
    await tlsGateway(selfSigned({ hosts }));
    const state = await settle({ auth: { type: 'none' }, tls: { verify: false } });
    expect(state).toMatchObject({ name: 'connected', tls: { isVerified: false } });
    expect(under?.engine.status()).toMatchObject({
      shown: 'degraded',
      degradations: [{ code: 'verification-off' }],
    });
  });

  it('names a trust file that is not there', async () => {
    await tlsGateway(good);
    expect(await settle(withCa)).toMatchObject({ name: 'failed', cause: { code: 'trust-file-unreadable' } });
  });

  it('calls a plain server on a wss address a failed handshake, and tries again', async () => {
    const url = gateway.urlFor('localhost').replace('ws:', 'wss:');
    expect(await settle({ ...withCa, url }, { files: trustFile(authority.certificatePem) })).toMatchObject({
      name: 'waiting',
      cause: { code: 'tls-failed' },
    });
  });
});

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
    expect((await settle(bearer(keys), machine)).name).toBe('connected');
    expect(under?.engine.status().credential).toEqual(inUse);
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
      await settle(bearer(keys), machine);
      chosen.push(under?.engine.status().credential?.name);
      await under?.engine.stop();
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

  it.each(failures)(
    'SEC-04 %s is a failure of its own, and nothing is sent',
    async (_what, keys, machine, code, detail) => {
      const state = await settle(bearer(keys), machine);
      expect(state).toMatchObject({ name: 'failed', cause: { code } });
      expect(state.name === 'failed' && state.cause.detail).toContain(detail);
      expect(gateway.recording.upgrades).toEqual([]);
      expect(under?.engine.status().counters.authFailures).toBe(1);
    },
  );

  it('a wrong token fails for good, and a request is told so once', async () => {
    await gateway.restart({ auth: { kind: 'jwt', secret: 's'.repeat(32) } });
    const machine = { variables: { MCP_AUTH_TOKEN: await signToken('x'.repeat(32)) } };
    expect(await settle(bearer({}), machine)).toMatchObject({
      name: 'failed',
      cause: { code: 'auth-failed' },
    });
    if (under === undefined) throw new Error('no engine');
    const client = new StreamTestClient(under.engine);
    client.request(1, 'tools/list');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'auth-failed', retryable: false });
    expect(client.lines).toHaveLength(1);
    expect(under.engine.status()).toMatchObject({ shown: 'failed' });
    // One upgrade of the keeper and one of the client's lane: nobody hammers the gateway.
    expect(gateway.recording.upgrades).toHaveLength(2);
  });

  it('a right token opens the gateway, in the header and in the envelope', async () => {
    const token = await signToken('s'.repeat(32));
    await gateway.restart({ auth: { kind: 'jwt', secret: 's'.repeat(32) } });
    await settle(bearer({}), { variables: { MCP_AUTH_TOKEN: token } });
    if (under === undefined) throw new Error('no engine');
    const client = new StreamTestClient(under.engine);
    client.request(1, 'm');
    await client.reply(1);
    expect(gateway.recording.requests()[0]?.envelope?.authToken).toBe(token);
  });

  it('leaves the token out of the envelope when per_message_auth is off', async () => {
    await settle(bearer({ per_message_auth: false }), { variables: { MCP_AUTH_TOKEN: TOKEN } });
    if (under === undefined) throw new Error('no engine');
    const client = new StreamTestClient(under.engine);
    client.request(1, 'm');
    await client.reply(1);
    expect(gateway.recording.requests()[0]?.envelope?.authToken).toBeNull();
  });
});

describe('answers in place of the upgrade', () => {
  it.each([
    [401, 'failed', 'auth-failed'],
    [403, 'failed', 'auth-failed'],
    [404, 'failed', 'gateway-refused'],
    [302, 'failed', 'gateway-refused'],
    [429, 'waiting', 'gateway-unreachable'],
    [500, 'waiting', 'gateway-unreachable'],
    [503, 'waiting', 'gateway-unreachable'],
  ])('%i: %s, %s', async (status, name, code) => {
    gateway.faults.always({ kind: 'refuse-upgrade', status });
    const state = await settle({ auth: { type: 'none' } });
    expect(state).toMatchObject({ name, cause: { code, detail: `HTTP status ${String(status)}` } });
  });

  it('a gateway that never answers is left after timeout_ms', async () => {
    gateway.faults.always({ kind: 'ignore-upgrade' });
    const state = await settle({ auth: { type: 'none' }, connection: { timeout_ms: 80 } });
    expect(state).toMatchObject({
      name: 'waiting',
      cause: { code: 'gateway-unreachable', detail: 'no answer in time' },
    });
  });

  it('a port where nothing listens is unreachable', async () => {
    await gateway.stop();
    const state = await settle({ auth: { type: 'none' } });
    expect(state).toMatchObject({
      name: 'waiting',
      cause: { code: 'gateway-unreachable', detail: 'nothing listens there' },
    });
  });

  it('something that does not speak HTTP is no gateway', async () => {
    const stranger = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('220 smtp ready\r\n');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const address = stranger.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    under = new EngineUnderTest(testConfig(`ws://127.0.0.1:${String(port)}/`), { hasKeeper: true });
    const { engine } = under;
    engine.start();
    await under.until('a verdict', () => engine.status().keeper.name === 'waiting');
    expect(engine.status().cause?.code).toBe('gateway-unreachable');
    stranger.close();
  });
});

describe('the switch', () => {
  it('disconnects and connects again; clients stay attached', async () => {
    await settle({ auth: { type: 'none' } });
    if (under === undefined) throw new Error('no engine');
    const { engine } = under;
    const client = new StreamTestClient(engine);
    await client.initialize();
    await engine.disconnect();
    expect(engine.status()).toMatchObject({
      shown: 'disconnected',
      isSwitchedOn: false,
      keeper: { name: 'idle' },
    });
    await gateway.until('both closed', ({ connections }) => connections.length === 0);
    expect(gateway.recording.closes.map(({ code }) => code)).toEqual([1000, 1000]);
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'not-connected' });
    engine.connect();
    await under.until('connected', () => engine.status().shown === 'connected');
    client.request(2, 'm');
    expect((await client.reply(2)).result).toBeDefined();
  });

  it('tries a failed connection again when it is switched on once more', async () => {
    gateway.faults.next({ kind: 'refuse-upgrade', status: 401 });
    expect((await settle({ auth: { type: 'none' } })).name).toBe('failed');
    if (under === undefined) throw new Error('no engine');
    const { engine } = under;
    engine.connect();
    await under.until('connected', () => engine.status().shown === 'connected');
  });
});

describe('status', () => {
  it('has a growing revision, and hides user info and query of the address', async () => {
    await settle({ auth: { type: 'none' } });
    const first = under?.engine.status();
    const second = under?.engine.status();
    expect(second?.revision).toBeGreaterThan(first?.revision ?? 0);
    expect(second?.gatewayUrl).toBe(gateway.urlFor('localhost'));
  });

  it('shows a lane in trouble as degraded while the keeper is well', async () => {
    await settle({ auth: { type: 'none' } });
    if (under === undefined) throw new Error('no engine');
    const { engine } = under;
    gateway.faults.next({ kind: 'refuse-upgrade', status: 401 });
    const client = new StreamTestClient(engine);
    client.request(1, 'm');
    await client.reply(1);
    expect(engine.status()).toMatchObject({ shown: 'degraded', degradations: [{ code: 'lane-failing' }] });
  });
});
