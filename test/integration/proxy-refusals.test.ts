import { afterEach, describe, expect, it } from 'vitest';

import { openSocket } from '../../src/main/engine/auth/open-socket';
import { createSystemClock } from '../../src/main/platform/system-clock';
import type { ConnectionState } from '../../src/shared/model/status';
import type { FakeMachine } from '../support/engine-client';
import { createAuthority, type KeyedCertificate } from '../support/certificates';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway } from '../support/gateway/gateway';
import { HttpBench } from '../support/http-bench';
import { CountingServer, TestProxy, type TestProxyOptions } from '../support/test-proxy';
import { pinOfKey } from '../support/tls-cases';

const bench = new HttpBench();
afterEach(() => bench.stop());

/** Starts an engine with a keeper, and waits until it knows where it stands. */
async function settle(
  url: string,
  gateway: Record<string, unknown>,
  machine: FakeMachine = {},
): Promise<ConnectionState> {
  bench.attach(url, { gateway }, { machine, hasKeeper: true });
  const { engine } = bench.under;
  const verdicts = ['connected', 'failed', 'waiting'];
  await bench.under.until('a verdict', () => verdicts.includes(engine.status().keeper.name));
  return engine.status().keeper;
}

const transports = [
  ['ws', {}],
  ['tcp', {}],
  ['http', {}],
  ['http', { transport: 'gateway-http' }],
] as const;

const failing: readonly (readonly [
  name: string,
  options: TestProxyOptions,
  state: string,
  code: string,
  detail: string,
])[] = [
  ['wants a login', { login: 'a:b' }, 'failed', 'proxy-auth-failed', 'asks for a user name'],
  [
    'wants Negotiate',
    { answer: 'HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\n\r\n' },
    'failed',
    'proxy-auth-failed',
    'other schemes than Basic',
  ],
  ['forbids it', { answer: 'HTTP/1.1 403 No\r\n\r\n<html>' }, 'failed', 'proxy-refused', 'HTTP status 403'],
  ['does not allow CONNECT', { answer: 'HTTP/1.0 405 No\r\n\r\n' }, 'failed', 'proxy-refused', '405'],
  ['is a portal', { answer: 'HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n' }, 'failed', 'proxy-refused', '302'],
  ['cannot reach it', { answer: 'HTTP/1.1 502 No\r\n\r\n' }, 'waiting', 'gateway-unreachable', 'status 502'],
  ['waited in vain', { answer: 'HTTP/1.1 504 No\r\n\r\n' }, 'waiting', 'gateway-unreachable', 'status 504'],
  ['is busy', { answer: 'HTTP/1.1 503 No\r\n\r\n' }, 'waiting', 'proxy-unreachable', 'HTTP status 503'],
  ['asks to wait', { answer: 'HTTP/1.1 429 No\r\n\r\n' }, 'waiting', 'proxy-unreachable', 'HTTP status 429'],
  ['hangs up', { answer: '' }, 'waiting', 'proxy-unreachable', 'without an answer'],
  ['hangs up in the middle', { answer: 'HTTP/1.1 200 OK\r\n' }, 'waiting', 'proxy-unreachable', 'without an'],
  ['says nothing', { answer: null }, 'waiting', 'gateway-unreachable', 'no answer in time'],
  [
    'never comes to the end',
    { answer: 'HTTP/1.1 200 OK\r\nX: ', holds: true, dribbles: true },
    'waiting',
    'gateway-unreachable',
    'no answer in time',
  ],
  [
    'never stops',
    { answer: `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(17_000)}`, holds: true },
    'failed',
    'proxy-refused',
    'longer than 16384 bytes',
  ],
  ['is something else', { answer: '220 smtp ready\r\n' }, 'failed', 'proxy-refused', 'no HTTP proxy'],
];

describe.each(failing)('a proxy that %s', (...row) => {
  const [, options, state, code, detail] = row;
  it.each(transports)('SEC-36 is %s with %o: nothing goes around it', async (scheme, keys) => {
    const target = bench.own(await CountingServer.start());
    const proxy = bench.own(await TestProxy.start(options));
    const isSlow = detail === 'no answer in time';
    const found = await settle(`${scheme}://localhost:${String(target.port)}`, {
      ...keys,
      proxy: { url: proxy.urlFor() },
      ...(isSlow ? { connection: { timeout_ms: 150, reconnect: { initial_delay_ms: 60_000 } } } : {}),
    });
    expect(found).toMatchObject({ name: state, cause: { code } });
    expect('cause' in found ? found.cause.detail : '').toContain(detail);
    await bench.under.engine.stop();
    await proxy.until('nothing left open', () => proxy.openSockets === 0);
    expect(target.connections).toBe(0);
  });
});

describe('a proxy that cannot be used at all', () => {
  it('SEC-36 one where nothing listens is not gone around', async () => {
    const target = bench.own(await CountingServer.start());
    const proxy = await TestProxy.start();
    const url = proxy.urlFor();
    await proxy.stop();
    const state = await settle(`ws://localhost:${String(target.port)}`, { proxy: { url } });
    expect(state).toMatchObject({
      name: 'waiting',
      cause: { code: 'proxy-unreachable', detail: 'nothing listens there' },
    });
    expect(target.connections).toBe(0);
  });

  it('SEC-36 one whose name is unknown is told from an unknown gateway', async () => {
    const state = await settle('ws://localhost:9', { proxy: { url: 'http://proxy.invalid:1' } });
    expect(state).toMatchObject({ cause: { code: 'proxy-unreachable' } });
    expect('cause' in state ? state.cause.detail : '').toMatch(/host name/);
  });

  it.each([
    [{ password_env: 'NONE' }, 'the variable NONE (password_env) is not set'],
    [{ password_file: '/none' }, 'password_file: there is no file /none'],
    [{ password_secure_key: 'none' }, 'the keychain has no entry "none"'],
  ])('SEC-36 a login that is not there, %o', async (keys, detail) => {
    const proxy = bench.own(await TestProxy.start());
    const state = await settle('ws://localhost:9', {
      proxy: { url: proxy.urlFor(), username: 'a', ...keys },
    });
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'proxy-unusable' } });
    expect('cause' in state ? state.cause.detail : '').toContain(detail);
    expect(proxy.requests).toHaveLength(0);
  });

  it('SEC-36 a locked keychain ends the search', async () => {
    const secrets = { p: { kind: 'locked-or-removed' } } as const;
    const proxy = { url: 'http://localhost:9', username: 'a', password_secure_key: 'p' };
    const state = await settle('ws://localhost:9', { proxy }, { secrets });
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'keychain-locked' } });
  });

  it('SEC-36 SEC-38 a SOCKS proxy in the environment: nothing connects, and the password is not repeated', async () => {
    const variables = { ALL_PROXY: 'socks5://ann:pa55word@localhost:1080' };
    const state = await settle('wss://gateway.invalid', {}, { variables });
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'proxy-unusable' } });
    expect(JSON.stringify([state, bench.under.events, bench.under.engine.status()])).not.toContain(
      'pa55word',
    );
  });

  it('SEC-38 a refused password of the environment shows nowhere', async () => {
    const proxy = bench.own(await TestProxy.start({ login: 'ann:other' }));
    const variables = { HTTPS_PROXY: proxy.urlFor('localhost', 'ann:pa55word') };
    const state = await settle('wss://gateway.invalid', {}, { variables });
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'proxy-auth-failed' } });
    expect('cause' in state ? state.cause.detail : '').toContain('does not accept this user name');
    expect(proxy.requests.length).toBeGreaterThan(0);
    const told = JSON.stringify([state, bench.under.events, bench.under.engine.status()]);
    expect(told).not.toContain('pa55word');
    expect(told).not.toContain(Buffer.from('ann:pa55word').toString('base64'));
  });
});

const hosts = ['localhost'];
const authority = createAuthority('Gateway authority');
const proxyAuthority = createAuthority('Proxy authority');
const good = authority.issueServer({ hosts });
const goodProxy = proxyAuthority.issueServer({ hosts });
const files = {
  '/gateway.pem': { kind: 'found', value: authority.certificatePem },
  '/proxy.pem': { kind: 'found', value: proxyAuthority.certificatePem },
} as const;

describe('TLS with a proxy in between', () => {
  const dial = async (
    server: KeyedCertificate & { readonly maxVersion?: 'TLSv1.2'; readonly ciphers?: string },
    proxyCertificate: KeyedCertificate | undefined,
    keys: { readonly tls?: Record<string, unknown>; readonly proxy?: Record<string, unknown> } = {},
  ): Promise<{ readonly state: ConnectionState; readonly upgrades: number; readonly tunnels: number }> => {
    const gateway = bench.own(await startGateway({ backend: echoBackend(), tls: server }));
    const certificate = proxyCertificate === undefined ? {} : { certificate: proxyCertificate };
    const proxy = bench.own(await TestProxy.start(certificate));
    const state = await settle(
      gateway.urlFor('localhost'),
      {
        tls: { ca_cert_path: '/gateway.pem', ...keys.tls },
        proxy: { url: proxy.urlFor(), ca_cert_path: '/proxy.pem', ...keys.proxy },
      },
      { files },
    );
    return { state, upgrades: gateway.recording.upgrades.length, tunnels: proxy.requests.length };
  };
  const pin = pinOfKey(good.privateKeyPem);
  const otherPin = pinOfKey(goodProxy.privateKeyPem);

  it.each([
    ['another authority', createAuthority('Other').issueServer({ hosts }), {}, 'certificate-rejected'],
    ['the authority of the proxy', goodProxy, {}, 'certificate-rejected'],
    ['another host', authority.issueServer({ hosts: ['elsewhere.example'] }), {}, 'certificate-rejected'],
    ['another key than the pinned one', good, { pins: [otherPin] }, 'pin-mismatch'],
    ['TLS 1.2', { ...good, maxVersion: 'TLSv1.2' as const }, {}, 'tls-version-rejected'],
    [
      'a suite that is not allowed',
      { ...good, ciphers: 'TLS_AES_128_GCM_SHA256' },
      { cipher_suites: ['TLS_AES_256_GCM_SHA384'] },
      'cipher-rejected',
    ],
    ['the pinned key', good, { pins: [pin] }, 'connected'],
  ])('SEC-37 is judged inside the tunnel: %s', async (_name, server, tls, outcome) => {
    for (const proxyCertificate of [undefined, goodProxy]) {
      const { state, upgrades, tunnels } = await dial(server, proxyCertificate, { tls });
      if (outcome === 'connected') expect(state.name).toBe('connected');
      else expect(state).toMatchObject({ name: 'failed', cause: { code: outcome } });
      expect(tunnels).toBeGreaterThan(0);
      expect(upgrades > 0).toBe(outcome === 'connected');
    }
  });

  it.each([
    ['another authority', good, {}, 'not trusted'],
    ['another host', proxyAuthority.issueServer({ hosts: ['elsewhere.example'] }), {}, 'another host'],
    [
      'an expired one',
      proxyAuthority.issueServer({ hosts, notBefore: new Date(0), notAfter: new Date(1000) }),
      {},
      'expired',
    ],
    ['another authority, verification of the gateway off', good, { verify: false }, 'not trusted'],
  ])(
    "SEC-37 the proxy's own certificate is verified before it is asked: %s",
    async (_name, proxy, tls, detail) => {
      const { state, tunnels } = await dial(good, proxy, { tls });
      expect(state).toMatchObject({ name: 'failed', cause: { code: 'proxy-tls-failed' } });
      expect('cause' in state ? state.cause.detail : '').toContain(detail);
      expect(tunnels).toBe(0);
    },
  );

  it('an https:// proxy that speaks no TLS is named', async () => {
    const proxy = bench.own(await TestProxy.start());
    const url = proxy.urlFor().replace('http:', 'https:');
    const state = await settle('ws://localhost:9', { proxy: { url } });
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'proxy-tls-failed' } });
  });
});

describe('an unencrypted gateway', () => {
  it('SEC-37 is reached through CONNECT as well, without the credential of the proxy', async () => {
    const gateway = bench.own(await startGateway({ backend: echoBackend() }));
    const proxy = bench.own(await TestProxy.start({ login: 'ann:' }));
    const client = bench.attach(gateway.urlFor('localhost'), {
      gateway: { proxy: { url: proxy.urlFor(), username: 'ann' } },
    });
    expect(await client.initialize()).toHaveProperty('result');
    expect(proxy.requests[0]?.authority).toBe(gateway.urlFor('localhost').replace(/^ws:\/\/|\/$/g, ''));
    const inside = Buffer.concat(proxy.carried).toString('latin1');
    expect(inside).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    expect(inside).not.toMatch(/proxy-/i);
  });

  it('keeps what comes right behind the answer of the proxy', async () => {
    const proxy = bench.own(
      await TestProxy.start({ answer: 'HTTP/1.1 200 OK\r\n\r\nfirst words', holds: true }),
    );
    for (const dribbles of [false, true]) {
      proxy.reconfigure({ dribbles });
      const address = { host: '127.0.0.1', port: proxy.port, isEncrypted: false };
      const { socket } = await openSocket(
        { host: '2001:db8::1', port: 7, tls: null, proxy: { address, tls: null, login: null } },
        { clock: createSystemClock(), timeoutMs: 10_000, signal: new AbortController().signal },
      );
      let text = '';
      await new Promise<void>((resolve) => {
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.length >= 'first words'.length) resolve();
        });
      });
      expect(text).toBe('first words');
      socket.destroy();
    }
    expect(proxy.requests.map(({ authority }) => authority)).toEqual(['[2001:db8::1]:7', '[2001:db8::1]:7']);
  });

  it('is given up with the signal, at every step', async () => {
    const silent = bench.own(await TestProxy.start({ answer: null }));
    const abort = new AbortController();
    const address = { host: '127.0.0.1', port: silent.port, isEncrypted: false };
    const opening = openSocket(
      { host: 'x.invalid', port: 1, tls: null, proxy: { address, tls: null, login: null } },
      { clock: createSystemClock(), timeoutMs: 60_000, signal: abort.signal },
    );
    await silent.until('asked', () => silent.requests.length === 1);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await silent.until('closed', () => silent.openSockets === 0);
  });
});
