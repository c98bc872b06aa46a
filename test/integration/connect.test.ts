import { createServer } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { EngineUnderTest, testConfig, StreamTestClient } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

describe('answers in place of the upgrade', () => {
  it.each([
    [401, 'failed', 'auth-failed'],
    [403, 'failed', 'auth-failed'],
    [404, 'failed', 'gateway-refused'],
    [302, 'failed', 'gateway-refused'],
    [429, 'waiting', 'gateway-busy'],
    [500, 'waiting', 'gateway-unreachable'],
    [503, 'waiting', 'gateway-unreachable'],
  ])('%i: %s, %s', async (status, name, code) => {
    gateway.faults.always({ kind: 'refuse-upgrade', status });
    const state = await bench.settle({ auth: { type: 'none' } });
    expect(state).toMatchObject({ name, cause: { code, detail: `HTTP status ${String(status)}` } });
  });

  it('a gateway that never answers is left after timeout_ms', async () => {
    gateway.faults.always({ kind: 'ignore-upgrade' });
    const state = await bench.settle({ auth: { type: 'none' }, connection: { timeout_ms: 80 } });
    expect(state).toMatchObject({
      name: 'waiting',
      cause: { code: 'gateway-unreachable', detail: 'no answer in time' },
    });
  });

  it('a port where nothing listens is unreachable', async () => {
    await gateway.stop();
    const state = await bench.settle({ auth: { type: 'none' } });
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
    const under = new EngineUnderTest(testConfig(`ws://127.0.0.1:${String(port)}/`), { hasKeeper: true });
    const { engine } = under;
    engine.start();
    await under.until('a verdict', () => engine.status().keeper.name === 'waiting');
    expect(engine.status().cause?.code).toBe('gateway-unreachable');
    await engine.stop();
    stranger.close();
  });
});

describe('the switch', () => {
  it('disconnects and connects again; clients stay attached', async () => {
    await bench.settle({ auth: { type: 'none' } });
    const { engine } = bench.under;
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
    await bench.under.until('connected', () => engine.status().shown === 'connected');
    client.request(2, 'm');
    expect((await client.reply(2)).result).toBeDefined();
  });

  it('tries a failed connection again when it is switched on once more', async () => {
    gateway.faults.next({ kind: 'refuse-upgrade', status: 401 });
    expect((await bench.settle({ auth: { type: 'none' } })).name).toBe('failed');
    const { engine } = bench.under;
    engine.connect();
    await bench.under.until('connected', () => engine.status().shown === 'connected');
  });
});

describe('status', () => {
  it('has a growing revision, and hides user info and query of the address', async () => {
    await bench.settle({ auth: { type: 'none' } });
    const first = bench.under.engine.status();
    const second = bench.under.engine.status();
    expect(second.revision).toBeGreaterThan(first.revision);
    expect(second.gatewayUrl).toBe(gateway.urlFor('localhost'));
  });

  it('shows a lane in trouble as degraded while the keeper is well', async () => {
    await bench.settle({ auth: { type: 'none' } });
    const { engine } = bench.under;
    gateway.faults.next({ kind: 'refuse-upgrade', status: 401 });
    const client = new StreamTestClient(engine);
    client.request(1, 'm');
    await client.reply(1);
    expect(engine.status()).toMatchObject({ shown: 'degraded', degradations: [{ code: 'lane-failing' }] });
  });
});
