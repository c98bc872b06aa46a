import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import { StreamTestClient, testConfig } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

const queued = (): readonly number[] => bench.under.engine.status().sessions.map((session) => session.queued);

describe('several clients', () => {
  /** Leaves the one slot to the first client, and lets the second one wait for it with a connection of its own. */
  async function fillTheSlot(first: StreamTestClient): Promise<StreamTestClient> {
    first.request(1, 'first');
    await gateway.until('the first', ({ recording }) => recording.requests('first').length === 1);
    gateway.faults.next({ kind: 'refuse-upgrade', status: 503 });
    const second = new StreamTestClient(bench.under.engine);
    second.request(1, 'second');
    await bench.under.until(
      'the second waits',
      () => bench.under.engine.status().sessions[1]?.connection.name === 'connected' && queued()[1] === 1,
    );
    return second;
  }

  const cancellation = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  const endings: readonly [string, (first: StreamTestClient, release: () => void) => void][] = [
    [
      'is answered',
      (_first, release) => {
        release();
      },
    ],
    [
      'is cancelled',
      (first) => {
        first.send(cancellation);
      },
    ],
    [
      'loses its client',
      (first) => {
        first.input.end();
      },
    ],
    [
      'loses its connection',
      () => {
        gateway.connections[0]?.close(1011);
      },
    ],
  ];

  it.each(endings)(
    'share max_concurrent_requests: who waits is served when the request of another one %s',
    async (_how, end) => {
      const held = deferred();
      gateway.faults.next({ kind: 'hold-reply', until: held.promise });
      const first = bench.attach({ local: { max_concurrent_requests: 1, drain_timeout_ms: 0 } });
      const second = await fillTheSlot(first);
      end(first, held.resolve);
      expect((await second.reply(1)).result).toBeDefined();
      expect(second.lines).toHaveLength(1);
    },
  );

  it('share it when a deadline passes', async () => {
    gateway.faults.next({ kind: 'drop-reply' });
    const first = bench.attach({ local: { max_concurrent_requests: 1, request_timeout_ms: 300 } });
    await fillTheSlot(first);
    await first.reply(1);
    // Its own deadline is near as well, so that only being sent is certain.
    await gateway.until('the second', ({ recording }) => recording.requests('second').length === 1);
  });

  it('do not disturb each other: one that is lost changes nothing for the other', async () => {
    const held = deferred();
    const first = bench.attach();
    const second = new StreamTestClient(bench.under.engine);
    await first.initialize();
    await second.initialize();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    second.request('slow', 'slow');
    await gateway.until('sent', ({ recording }) => recording.requests('slow').length === 1);
    gateway.faults.next({ kind: 'close', code: 1011 });
    first.request(1, 'm');
    expect((await first.reply(1)).error?.data).toMatchObject({ code: 'gateway-lost' });
    held.resolve();
    expect((await second.reply('slow')).result).toBeDefined();
  });
});

describe('the end of a session', () => {
  it('is not undone by Connect, which comes while it says goodbye', async () => {
    const client = bench.attach();
    const { engine } = bench.under;
    await client.initialize();
    engine.onEvent((event) => {
      if (event.kind === 'connection-changed' && (event.to === 'closing' || event.to === 'idle'))
        engine.connect();
    });
    client.input.end();
    await client.left;
    await gateway.until('the goodbye', ({ connections }) => connections.length === 0);
    expect(gateway.recording.upgrades).toHaveLength(1);
    expect(gateway.recording.closes.map(({ code }) => code)).toEqual([1000]);
  });

  it('is for ever once the engine has stopped', async () => {
    await bench.settle({ auth: { type: 'none' } });
    const { engine } = bench.under;
    await engine.stop();
    engine.connect();
    await engine.reload(testConfig(gateway.url), 'test');
    expect(engine.status()).toMatchObject({ shown: 'disconnected', keeper: { name: 'idle' } });
    expect(gateway.recording.upgrades).toHaveLength(1);
    const late = new StreamTestClient(engine);
    await expect(late.left).rejects.toMatchObject({ code: 'shutting-down' });
  });
});

describe('the queue', () => {
  const MIB = 1024 * 1024;

  it('SEC-11 is bounded in bytes as well, and what it took is sent in order', async () => {
    await gateway.kill();
    const client = bench.attach();
    const filler = 'x'.repeat(MIB / 2);
    for (let id = 0; id < 40; id += 1) client.request(id, `m${String(id)}`, { filler });
    await client.until('the refusals', () => client.lines.length > 0);
    await bench.under.until('all were read', () => (queued()[0] ?? 0) + client.lines.length === 40);
    expect(client.replies.every(({ error }) => error?.data?.['code'] === 'queue-full')).toBe(true);
    const waiting = queued()[0] ?? 0;
    expect((waiting * MIB) / 2).toBeLessThanOrEqual(16 * MIB);
    expect(waiting).toBeGreaterThan(20);
    await gateway.restart();
    await client.until('all replies', () => client.lines.length === 40);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(
      Array.from({ length: waiting }, (_unused, id) => `m${String(id)}`),
    );
  });
});
