import { afterEach, describe, expect, it } from 'vitest';

import type { FakeMachine, StreamTestClient } from '../support/engine-client';
import { createAuthority } from '../support/certificates';
import { HttpBench } from '../support/http-bench';
import {
  gatewayAuthorityPem,
  HIDDEN_HOST,
  peerKinds,
  TOKEN,
  type ProxiedPeer,
} from '../support/proxied-peers';
import { TestProxy, type TestProxyOptions } from '../support/test-proxy';

const bench = new HttpBench();
afterEach(() => bench.stop());

const LOGIN = 'ann:pass of ann';
const proxyAuthority = createAuthority('Proxy authority');
const proxyCertificate = proxyAuthority.issueServer({ hosts: ['localhost'] });
const proxyKinds = { http: undefined, https: proxyCertificate } as const;
const machine: FakeMachine = {
  variables: { TOKEN, PROXY_PASSWORD: 'pass of ann' },
  files: {
    '/gateway.pem': { kind: 'found', value: gatewayAuthorityPem },
    '/proxy.pem': { kind: 'found', value: proxyAuthority.certificatePem },
  },
};

interface Setting {
  readonly peer: ProxiedPeer;
  readonly proxy: TestProxy;
  /** Below `gateway`. */
  readonly keys: Record<string, unknown>;
}

async function setUp(
  transport: string,
  kind: keyof typeof proxyKinds,
  options: TestProxyOptions = {},
): Promise<Setting> {
  const start = peerKinds[transport];
  if (start === undefined) throw new Error(transport);
  const peer = bench.own(await start());
  const certificate = proxyKinds[kind];
  const proxy = bench.own(
    await TestProxy.start({
      login: LOGIN,
      ...options,
      ...(certificate === undefined ? {} : { certificate }),
    }),
  );
  const keys = {
    ...peer.keys,
    auth: { token_env: 'TOKEN' },
    tls: { ca_cert_path: '/gateway.pem' },
    proxy: {
      url: proxy.urlFor(),
      username: 'ann',
      password_env: 'PROXY_PASSWORD',
      ...(kind === 'https' ? { ca_cert_path: '/proxy.pem' } : {}),
    },
  };
  return { peer, proxy, keys };
}

async function roundTrip(client: StreamTestClient, id: number): Promise<void> {
  client.request(id, 'tools/list');
  expect(await client.reply(id)).toHaveProperty('result');
}

const cells = Object.keys(peerKinds).flatMap((transport) =>
  (['http', 'https'] as const).map((kind) => [transport, kind] as const),
);

describe.each(cells)('%s through an authenticating %s proxy', (transport, kind) => {
  it('SEC-37 carries a session with TLS; each side gets its own credential alone', async () => {
    const { peer, proxy, keys } = await setUp(transport, kind);
    const client = bench.attach(peer.url, { gateway: keys }, { machine, hasKeeper: true });
    expect(await client.initialize()).toHaveProperty('result.serverInfo');
    await roundTrip(client, 1);
    const { engine } = bench.under;
    await bench.under.until('connected', () => engine.status().keeper.name === 'connected');
    expect(engine.status().keeper).toMatchObject({ tls: { isVerified: true, subject: HIDDEN_HOST } });
    expect(proxy.requests.length).toBeGreaterThan(0);
    for (const { authority, headers } of proxy.requests) {
      expect(authority).toMatch(/^gateway\.invalid:\d+$/);
      expect(headers).toEqual({
        host: authority,
        'proxy-authorization': `Basic ${Buffer.from(LOGIN).toString('base64')}`,
      });
    }
    expect(peer.headers()).not.toMatch(/proxy-/i);
    expect(Buffer.concat(proxy.carried).includes(TOKEN)).toBe(false);
    await engine.stop();
    await proxy.until('all tunnels closed', () => proxy.openSockets === 0);
  });

  it('notices a tunnel that carries nothing any more, and takes a new one', async () => {
    const { peer, proxy, keys } = await setUp(transport, kind);
    const connection = {
      timeout_ms: 2000,
      keepalive_interval_ms: 50,
      pong_timeout_ms: 200,
      reconnect: { initial_delay_ms: 10, max_delay_ms: 50 },
    };
    bench.attach(peer.url, { gateway: { ...keys, connection } }, { machine, hasKeeper: true });
    const { engine } = bench.under;
    await bench.under.until('connected', () => engine.status().keeper.name === 'connected');
    proxy.stall();
    const losses = (): number =>
      bench.under.events.filter(({ kind: name }) => name === 'connection-changed').length;
    const before = losses();
    await bench.under.until('lost', () => losses() > before);
    await bench.under.until('connected again', () => engine.status().keeper.name === 'connected');
    const client = bench.attach(peer.url, { gateway: keys }, { machine });
    await client.initialize();
    await roundTrip(client, 1);
  });

  it('SEC-10 notices a proxy that hangs up, and comes back through it', async () => {
    const { peer, proxy, keys } = await setUp(transport, kind);
    const client = bench.attach(peer.url, { gateway: keys }, { machine });
    await client.initialize();
    client.request('in flight', 'tools/list');
    proxy.drop();
    // Whether it was too late for the reply depends on the moment; the next one goes through a new tunnel.
    expect(await client.reply('in flight')).toHaveProperty('id');
    let isBack = false;
    for (let id = 1; id <= 5 && !isBack; id += 1) {
      client.request(id, 'tools/list');
      const { result, error } = await client.reply(id);
      isBack = result !== undefined;
      if (!isBack) expect(error?.data).toMatchObject({ code: 'gateway-lost' });
    }
    expect(isBack).toBe(true);
    expect(client.replies.filter(({ id }) => id === 'in flight')).toHaveLength(1);
  });
});

describe.each(['Streamable HTTP', 'gateway-http'])('%s with a client at work', (transport) => {
  it('SEC-10 gives hanging tunnels up with the requests that meet them', async () => {
    const { peer, proxy, keys } = await setUp(transport, 'http');
    const local = { request_timeout_ms: 1000 };
    const client = bench.attach(peer.url, { gateway: keys, local }, { machine });
    await client.initialize();
    // A connection is free a moment after its reply; by the third one there is another that is free for certain.
    for (const id of [101, 102, 103]) await roundTrip(client, id);
    proxy.stall();
    const before = proxy.requests.length;
    const codes: unknown[] = [];
    // Some tunnels were open and idle; each is found out by one request, unless its idle time is over before.
    for (let id = 2; id <= 10 && codes.at(-1) !== 'answered'; id += 1) {
      client.request(id, 'tools/list');
      const { result, error } = await client.reply(id);
      codes.push(result === undefined ? error?.data?.['code'] : 'answered');
    }
    expect([...new Set(codes)]).toEqual(['request-timeout', 'answered']);
    expect(proxy.requests.length).toBeGreaterThan(before);
  });
});

describe.each(Object.keys(peerKinds))('%s with the proxy of the environment', (transport) => {
  it('SEC-36 finds it, and goes nowhere else', async () => {
    const { peer, proxy, keys } = await setUp(transport, 'http', { dribbles: true });
    const variables = { TOKEN, HTTPS_PROXY: proxy.urlFor('localhost', 'ann:pass%20of%20ann') };
    const gateway = { ...keys, proxy: {} };
    const client = bench.attach(peer.url, { gateway }, { machine: { ...machine, variables } });
    await client.initialize();
    await roundTrip(client, 1);
    expect(proxy.requests[0]?.authority).toMatch(/^gateway\.invalid:/);
    const direct = { ...machine, variables: { ...variables, NO_PROXY: '.invalid' } };
    bench.attach(peer.url, { gateway }, { machine: direct, hasKeeper: true });
    const { engine } = bench.under;
    await bench.under.until('a verdict', () => engine.status().keeper.name === 'waiting');
    // The name is known to the proxy alone.
    expect(engine.status().cause).toMatchObject({ code: 'gateway-unreachable' });
    expect(engine.status().cause?.detail).toMatch(/host name/);
  });
});
