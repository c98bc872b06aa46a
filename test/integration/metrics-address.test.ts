import { once } from 'node:events';
import { createConnection, createServer, type Server } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { listenForScrapes, scrapeLimits, type ScrapeLimits } from '../../src/main/engine/listeners/scrape';
import type { LogFields, Logger } from '../../src/main/engine/ports';
import type { RouterConfig } from '../../src/shared/model/config';
import { EngineUnderTest, enginePorts, StreamTestClient, testConfig } from '../support/engine-client';
import type { FakeMachine } from '../support/engine-client';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway } from '../support/gateway/gateway';
import { ManualClock } from '../support/manual-clock';
import { rawHttp, rawRequest } from '../support/raw-http';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const NOWHERE = 'ws://127.0.0.1:1/';
const TOKEN = 'metrics-token-0123456789';
const configOf = (metrics: object, url = NOWHERE): RouterConfig =>
  testConfig(url, { metrics: { endpoint: '127.0.0.1:0', ...metrics } });

/** An engine that serves metrics, not switched on. */
async function serve(
  metrics: object = {},
  options: {
    machine?: FakeMachine;
    clock?: ManualClock;
    url?: string;
    logger?: Logger;
    hasKeeper?: boolean;
  } = {},
): Promise<EngineUnderTest> {
  const { url, ...rest } = options;
  const under = new EngineUnderTest(configOf(metrics, url), { hasKeeper: true, ...rest });
  ends.push(() => under.engine.stop());
  await under.engine.serveMetrics();
  return under;
}

function portOf({ engine }: EngineUnderTest): number {
  const address = engine.status().metricsAddress;
  if (address === null) throw new Error('metrics are not served');
  return Number(address.replace(/^.*:/, ''));
}

const codes = ({ engine }: EngineUnderTest): readonly string[] =>
  engine.status().degradations.map(({ code }) => code);

/** A port that somebody else listens on. */
async function taken(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, server };
}

describe('the address of the metrics', () => {
  it('gives metrics and health, with real traffic counted', async () => {
    const gateway = await startGateway({ backend: echoBackend() });
    ends.push(() => gateway.stop());
    const under = await serve({ labels: { site: 'berlin' } }, { url: gateway.url });
    expect((await rawRequest(portOf(under), { target: '/health' })).status).toBe(503);
    under.engine.start();
    const client = new StreamTestClient(under.engine);
    client.request(1, 'tools/list');
    client.request(2, 'mallory/method');
    await Promise.all([client.reply(1), client.reply(2)]);
    await under.until('connected', () => under.engine.status().shown === 'connected');
    const metrics = await rawRequest(portOf(under));
    expect(metrics.status).toBe(200);
    expect(metrics.head).toContain('Content-Type: text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.head).not.toMatch(/access-control/i);
    expect(metrics.body).toContain('mcp_router_requests_total{site="berlin"} 2\n');
    expect(metrics.body).toContain('mcp_router_clients{site="berlin"} 1\n');
    expect(metrics.body).toMatch(
      /^mcp_router_request_duration_seconds_count\{.*method="tools\/list".*\} 1$/m,
    );
    expect(metrics.body).toMatch(/^mcp_router_request_duration_seconds_count\{.*method="other".*\} 1$/m);
    expect(metrics.body).not.toContain('mallory');
    const probe = await rawRequest(portOf(under), { target: '/health' });
    expect(probe.status).toBe(200);
    expect(JSON.parse(probe.body)).toMatchObject({ status: 'healthy', gateway: { state: 'connected' } });
  });

  it('answers HEAD with the head of GET and no body', async () => {
    const port = portOf(await serve());
    const answer = await rawRequest(port, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(Number(/Content-Length: (\d+)/.exec(answer.head)?.[1])).toBeGreaterThan(1000);
  });

  it('is closed by default in a bridge, and open there when it is asked for', async () => {
    const closed = await serve({}, { hasKeeper: false });
    expect(closed.engine.status().metricsAddress).toBeNull();
    expect(codes(closed)).toEqual([]);
    const open = await serve({ enabled: true }, { hasKeeper: false });
    expect((await rawRequest(portOf(open))).status).toBe(200);
  });

  it('is let go when the engine stops, with connections that are open', async () => {
    const under = await serve();
    const port = portOf(under);
    const idle = createConnection({ port, host: '127.0.0.1' });
    idle.on('error', () => undefined);
    await once(idle, 'connect');
    const gone = once(idle, 'close');
    await under.engine.stop();
    await gone;
    expect((await rawHttp(port, '')).status).toBe(0);
  });
});

describe('SEC-90 the token of the metrics', () => {
  const machine: FakeMachine = {
    variables: { METRICS_TOKEN: TOKEN, EMPTY: '', BROKEN: 'two words' },
    files: { '/metrics-token': { kind: 'found', value: TOKEN } },
    secrets: { metrics: { kind: 'found', value: TOKEN }, locked: { kind: 'locked-or-removed' } },
  };

  it.each([
    { token_env: 'METRICS_TOKEN' },
    { token_file: '/metrics-token' },
    { token_secure_key: 'metrics' },
  ])('from %o must be shown', async (source) => {
    const port = portOf(await serve(source, { machine }));
    const bearer = (value: string): Promise<number> =>
      rawRequest(port, { headers: { Authorization: value } }).then(({ status }) => status);
    expect(await bearer(`Bearer ${TOKEN}`)).toBe(200);
    expect(await bearer(`bearer ${TOKEN}`)).toBe(200);
    for (const wrong of [
      '',
      'Bearer',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      `Basic ${TOKEN}`,
      TOKEN,
    ]) {
      expect(await bearer(wrong)).toBe(401);
    }
    const without = await rawRequest(port, { target: '/health' });
    expect(without).toMatchObject({ status: 401 });
    expect(without.head).toContain('WWW-Authenticate: Bearer');
  });

  it.each([
    { token_env: 'NOT_SET' },
    { token_env: 'EMPTY' },
    { token_env: 'BROKEN' },
    { token_file: '/missing' },
    { token_secure_key: 'absent' },
    { token_secure_key: 'locked' },
    // The second source is no way out of a first one that fails.
    { token_secure_key: 'absent', token_env: 'METRICS_TOKEN' },
  ])('that %o does not give keeps the address closed, and traffic goes on', async (source) => {
    const under = await serve(source, { machine });
    expect(under.engine.status().metricsAddress).toBeNull();
    expect(codes(under)).toEqual(['metrics-unavailable']);
    expect(JSON.stringify(under.engine.status())).not.toContain('two words');
  });

  it('is needed at every other address', async () => {
    const bare = await serve({ endpoint: '0.0.0.0:0' }, { machine });
    expect(bare.engine.status().metricsAddress).toBeNull();
    expect(codes(bare)).toEqual(['metrics-unavailable']);
    const guarded = await serve({ endpoint: '0.0.0.0:0', token_env: 'METRICS_TOKEN' }, { machine });
    const headers = { Host: 'router.example:9091', Authorization: `Bearer ${TOKEN}` };
    expect((await rawRequest(portOf(guarded), { headers })).status).toBe(200);
    expect((await rawRequest(portOf(guarded))).status).toBe(401);
  });
});

describe('SEC-91 whoever asks for metrics', () => {
  const large = 'x'.repeat(scrapeLimits.maxHeaderBytes);
  it.each([
    ['POST', { method: 'POST' }, 405],
    ['a large body', { method: 'POST', headers: { 'Content-Length': '1000000000' } }, 405],
    ['the question of a browser', { method: 'OPTIONS', headers: { Origin: 'https://evil.example' } }, 405],
    ['a body', { headers: { 'Content-Length': '5' } }, 413],
    ['a body of unknown length', { headers: { 'Transfer-Encoding': 'chunked' } }, 413],
    ['the name of another host', { headers: { Host: 'evil.example:9091' } }, 403],
    ['an address of another network', { headers: { Host: '192.168.1.5' } }, 403],
    ['another path', { target: '/debug/pprof' }, 404],
    ['a header that is too large', { headers: { 'X-Large': large } }, 431],
    ['a path that is too long', { target: `/${large}` }, 431],
    ['an upgrade', { headers: { Upgrade: 'websocket', Connection: 'Upgrade' }, target: '/x' }, 404],
  ] as const)('with %s is refused, and the connection ends', async (_what, request, status) => {
    const port = portOf(await serve());
    const answer = await rawRequest(port, request);
    expect(answer.status).toBe(status);
    expect(answer.head).not.toMatch(/access-control/i);
    expect((await rawRequest(port)).status).toBe(200);
  });

  it('with a page in a browser gets no permission to read', async () => {
    const answer = await rawRequest(portOf(await serve()), { headers: { Origin: 'https://evil.example' } });
    expect(answer.head).not.toMatch(/access-control/i);
    expect(answer.head).toContain('X-Content-Type-Options: nosniff');
  });

  it('is told of in the log, once in a while', async () => {
    const lines: [string, LogFields | undefined][] = [];
    const quiet = enginePorts().logger;
    const logger: Logger = { ...quiet, warn: (message, fields) => lines.push([message, fields]) };
    const clock = new ManualClock();
    const port = portOf(await serve({}, { logger, clock }));
    for (let index = 0; index < 20; index += 1) await rawRequest(port, { headers: { Host: 'evil.example' } });
    expect(lines).toEqual([['a request for metrics was refused', { httpStatus: 403 }]]);
    clock.advance(60_000);
    await rawRequest(port, { headers: { Host: 'evil.example' } });
    expect(lines).toHaveLength(2);
  });

  async function listen(limits: Partial<ScrapeLimits>): Promise<number> {
    const services = {
      metrics: () => Promise.resolve('metrics\n'),
      contentType: 'text/plain',
      health: () => ({ httpStatus: 200, body: '' }) as const,
      isAuthorized: () => true,
      onRefused: () => undefined,
      logger: enginePorts().logger,
    };
    const endpoint = { host: '127.0.0.1', port: 0, isLocal: true };
    const listener = await listenForScrapes(endpoint, services, { ...scrapeLimits, ...limits });
    ends.push(() => listener.close());
    return Number(listener.address.replace(/^.*:/, ''));
  }

  it.each(['', 'GET /metrics HTTP/1.1\r\nHost: loc', 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'])(
    'and then keeps the connection without a word after "%s" loses it',
    async (bytes) => {
      const port = await listen({ timeoutMs: 200 });
      const answer = await rawHttp(port, bytes);
      expect([0, 200, 408]).toContain(answer.status);
    },
  );

  it('has a place among as many connections as there may be, and none above that', async () => {
    const port = await listen({ maxConnections: 3, timeoutMs: 60_000 });
    const open = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = createConnection({ port, host: '127.0.0.1' });
        ends.push(() => socket.destroy());
        socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
        const answer: unknown[] = await once(socket, 'data');
        expect(String(answer[0])).toContain('200 OK');
        return socket;
      }),
    );
    expect((await rawRequest(port)).status).toBe(0);
    open[0]?.destroy();
    await expect.poll(async () => (await rawRequest(port)).status).toBe(200);
  });
});

describe('an address that is in use', () => {
  it('degrades visibly, is told once, and is taken when it is free', async () => {
    const lines: string[] = [];
    const logger: Logger = { ...enginePorts().logger, warn: (message) => lines.push(message) };
    const { port, server } = await taken();
    const clock = new ManualClock();
    const under = await serve({ endpoint: `localhost:${String(port)}` }, { clock, logger });
    expect(under.engine.status().metricsAddress).toBeNull();
    expect(codes(under)).toEqual(['metrics-unavailable']);
    expect(under.engine.status().degradations[0]?.text).toContain('another program uses the address');
    clock.advance(30_000);
    await under.engine.reload(configOf({ endpoint: `localhost:${String(port)}` }), 'test');
    expect(lines).toEqual(['metrics are not served']);
    server.close();
    await once(server, 'close');
    clock.advance(30_000);
    await under.until('served', () => under.kinds('listener-opened').length === 1);
    await expect.poll(() => codes(under)).toEqual([]);
    expect(portOf(under)).toBe(port);
  });

  it('by another router leaves the traffic of both alone', async () => {
    const gateway = await startGateway({ backend: echoBackend() });
    ends.push(() => gateway.stop());
    const first = await serve({}, { url: gateway.url });
    const endpoint = `localhost:${String(portOf(first))}`;
    const second = await serve({ endpoint }, { url: gateway.url });
    for (const under of [first, second]) {
      under.engine.start();
      const client = new StreamTestClient(under.engine);
      client.request(1, 'm');
      expect((await client.reply(1)).result).toBeDefined();
    }
    await second.until('a state', () => second.engine.status().shown === 'degraded');
    expect(codes(second)).toEqual(['metrics-unavailable']);
    expect(codes(first)).toEqual([]);
  });
});

describe('a reload of metrics', () => {
  const reload = (under: EngineUnderTest, metrics: object): Promise<void> =>
    under.engine.reload(configOf(metrics), 'test');

  it('changes labels, token and address at once, and counts on', async () => {
    const variables: Record<string, string> = { T: TOKEN };
    const under = await serve({ labels: { site: 'a' } }, { machine: { variables } });
    const port = portOf(under);
    under.engine.publish({ kind: 'auth-failed', lane: 'keeper', code: 'auth-failed', detail: '' });
    await reload(under, { labels: { site: 'b' }, token_env: 'T' });
    expect(portOf(under)).toBe(port);
    expect((await rawRequest(port)).status).toBe(401);
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await rawRequest(port, { headers })).body).toContain(
      'mcp_router_auth_failures_total{site="b"} 1\n',
    );
    variables['T'] = 'another-token';
    await reload(under, { token_env: 'T' });
    expect((await rawRequest(port, { headers })).status).toBe(401);
    const { port: other, server } = await taken();
    server.close();
    await once(server, 'close');
    await reload(under, { endpoint: `[::1]:0` });
    expect(under.engine.status().metricsAddress).toMatch(/^\[::1\]:\d+$/);
    await reload(under, { endpoint: `localhost:${String(other)}` });
    expect(portOf(under)).toBe(other);
    expect((await rawHttp(port, '')).status).toBe(0);
    expect((await rawRequest(other)).body).toContain('mcp_router_auth_failures_total 1\n');
  });

  it('closes and opens it', async () => {
    const under = await serve();
    const port = portOf(under);
    await reload(under, { enabled: false });
    expect(under.engine.status().metricsAddress).toBeNull();
    expect((await rawHttp(port, '')).status).toBe(0);
    await reload(under, { enabled: true });
    expect((await rawRequest(portOf(under))).status).toBe(200);
  });

  it('SEC-90 to a token that is not there closes what was open', async () => {
    const under = await serve();
    const port = portOf(under);
    await reload(under, { token_env: 'NOT_SET' });
    expect(codes(under)).toEqual(['metrics-unavailable']);
    expect((await rawHttp(port, '')).status).toBe(0);
  });
});
