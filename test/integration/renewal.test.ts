import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import { testConfig, type StreamTestClient } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

const codeOf = (client: StreamTestClient): readonly unknown[] =>
  client.replies.map(({ id, error }) => [id, error?.data?.['code']]);

async function reload(local: object = {}): Promise<void> {
  await bench.under.engine.reload(testConfig(gateway.url, { local }), 'test');
}

describe('a new configuration', () => {
  it('lets what is in flight be answered before it reconnects, and holds what comes meanwhile', async () => {
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    const client = bench.attach();
    client.request(1, 'slow');
    await gateway.until('sent', ({ recording }) => recording.requests('slow').length === 1);
    const done = reload();
    client.request(2, 'meanwhile');
    await bench.under.until('it waits', () => bench.under.engine.status().sessions[0]?.queued === 1);
    expect(gateway.recording.upgrades).toHaveLength(1);
    held.resolve();
    await done;
    await client.reply(2);
    expect(codeOf(client)).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(gateway.recording.requests().map(({ method, connection }) => [method, connection])).toEqual([
      ['slow', 1],
      ['meanwhile', 2],
    ]);
    expect(gateway.recording.closes.map(({ code }) => code)).toEqual([1000]);
  });

  it('waits for drain_timeout_ms at most, and says that the outcome is not known', async () => {
    gateway.faults.next({ kind: 'drop-reply' });
    const client = bench.attach({ local: { drain_timeout_ms: 60 } });
    client.request(1, 'never');
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    await reload({ drain_timeout_ms: 60 });
    await client.reply(1);
    client.request(2, 'next');
    await client.reply(2);
    expect(codeOf(client)).toEqual([
      [1, 'gateway-lost'],
      [2, undefined],
    ]);
  });

  it('comes twice while one request is in flight: one reconnect, and nothing is lost later', async () => {
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    const client = bench.attach({ local: { drain_timeout_ms: 300 } });
    client.request(1, 'slow');
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    const both = [reload({ drain_timeout_ms: 300 }), reload({ drain_timeout_ms: 300 })];
    held.resolve();
    await Promise.all(both);
    client.request(2, 'next');
    await client.reply(2);
    expect(codeOf(client)).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(gateway.recording.upgrades).toHaveLength(2);
  });

  it('and the end of the client at once: the session ends as soon as it is answered', async () => {
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    // The limit is far above what a test may take: only a reply can end this session in time.
    const client = bench.attach({ local: { drain_timeout_ms: 60_000 } });
    client.request(1, 'slow');
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    const done = reload({ drain_timeout_ms: 60_000 });
    client.request(2, 'held back');
    client.input.end();
    await gateway.until('drained', ({ recording }) => recording.messages.length === 2);
    held.resolve();
    await client.left;
    await done;
    expect(codeOf(client)).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
  });

  it('connects at once what had failed or was waiting', async () => {
    gateway.faults.next({ kind: 'refuse-upgrade', status: 401 });
    const client = bench.attach();
    client.request(1, 'm');
    await client.reply(1);
    await reload();
    client.request(2, 'm');
    expect((await client.reply(2)).result).toBeDefined();
  });

  it('stays off when it is switched off', async () => {
    const client = bench.attach();
    await bench.under.engine.disconnect();
    await reload();
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'not-connected' });
    expect(bench.under.engine.status().shown).toBe('disconnected');
  });

  it('applies its limits to the next request', async () => {
    const client = bench.attach();
    client.request(1, 'm');
    await client.reply(1);
    await reload({ rate_limit: { requests_per_second: 0.001, burst: 1 } });
    client.request(2, 'm');
    await client.reply(2);
    client.request(3, 'm');
    expect((await client.reply(3)).error?.data).toMatchObject({ code: 'rate-limited' });
  });
});

describe('SEC-76 a reload says what it changed', () => {
  const applied = (): readonly object[] => bench.under.kinds('config-applied');
  const next = (changes: Record<string, unknown>): Promise<void> =>
    bench.under.engine.reload(testConfig(gateway.url, changes), 'test', 'if-needed');

  it('and what waits for a restart, for as long as it differs from what runs', async () => {
    bench.attach();
    await next({ logging: { level: 'debug' } });
    await next({ logging: { level: 'debug' }, local: { max_sessions: 7 } });
    await next({});
    expect(applied()).toMatchObject([
      { changed: ['logging.level'], waiting: ['logging.level'] },
      { changed: ['local.max_sessions'], waiting: ['logging.level'] },
      { changed: ['local.max_sessions', 'logging.level'], waiting: [] },
    ]);
  });

  it('and connects anew only for what connections depend on', async () => {
    const client = bench.attach();
    client.request(1, 'm');
    await client.reply(1);
    await next({ local: { rate_limit: { requests_per_second: 0.001, burst: 1 } } });
    client.request(2, 'm');
    await client.reply(2);
    client.request(3, 'm');
    expect((await client.reply(3)).error?.data).toMatchObject({ code: 'rate-limited' });
    expect(gateway.recording.upgrades).toHaveLength(1);
    await next({ gateway: { connection: { timeout_ms: 4999 } } });
    await gateway.until('a new connection', ({ recording }) => recording.upgrades.length === 2);
  });
});
