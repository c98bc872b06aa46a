import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, AttachBench, initialize } from '../support/attach-bench';
import { StreamTestClient, testConfig } from '../support/engine-client';
import type { RouterProcess } from '../support/router-process';
import { SessionBench } from '../support/session-bench';

/** An `initialize` under that name. */
const hello = (name: string, id = 0): object => ({
  ...ask(id, 'initialize'),
  params: { ...initialize.params, clientInfo: { name, version: '1' } },
});

describe('one client among others, on the engine', () => {
  let bench: SessionBench;

  beforeEach(async () => {
    bench = await SessionBench.start();
  });

  afterEach(() => bench.stop());

  const sessionOf = (name: string): string =>
    bench.under.engine.status().sessions.find(({ clientName }) => clientName === name)?.id ?? '';

  const second = async (name: string): Promise<StreamTestClient> => {
    const client = new StreamTestClient(bench.under.engine);
    client.send(hello(name));
    await client.reply(0);
    return client;
  };

  it('is disconnected alone: what it is owed fails once, and nobody else notices', async () => {
    const first = bench.attach();
    await first.initialize();
    const other = await second('other');
    bench.gateway.faults.next({ kind: 'drop-reply' });
    first.request(1, 'slow');
    await bench.gateway.until('sent', ({ recording }) => recording.requests('slow').length === 1);
    expect(bench.under.engine.disconnectSession(sessionOf('test client'))).toBe(true);
    expect((await first.reply(1)).error?.data).toMatchObject({
      code: 'client-disconnected',
      retryable: false,
    });
    await first.left;
    expect(first.lines).toHaveLength(2);
    other.request(1, 'm');
    expect((await other.reply(1)).result).toBeDefined();
    expect(bench.under.engine.status().sessions.map(({ clientName }) => clientName)).toEqual(['other']);
    expect(bench.under.kinds('session-dismissed')).toMatchObject([{ reason: 'disconnected' }]);
    expect(bench.under.engine.disconnectSession('nobody')).toBe(false);
  });

  it('is refused by its name before anything of it reaches the gateway', async () => {
    const client = bench.attach({ local: { blocked_clients: ['Bad Helper'] } });
    client.send(hello('Bad\u0007 Helper '));
    client.request(1, 'm');
    expect((await client.reply(0)).error?.data).toMatchObject({
      code: 'client-blocked',
      limited_by: 'router',
    });
    await client.left;
    expect(bench.gateway.recording.requests()).toEqual([]);
    expect(bench.under.engine.status().sessions).toEqual([]);
    expect((await second('Good Helper')).replies[0]?.result).toBeDefined();
  });

  it('a client that is blocked while it works is let go, and comes back when it is not', async () => {
    const client = bench.attach();
    await client.initialize();
    const other = await second('other');
    const { engine } = bench.under;
    const blocking = testConfig(bench.gateway.url, { local: { blocked_clients: ['test client'] } });
    await engine.reload(blocking, 'test', 'if-needed');
    expect(engine.status().blockedClients).toEqual(['test client']);
    await client.left;
    const refused = new StreamTestClient(engine);
    refused.send(hello('test client'));
    expect((await refused.reply(0)).error?.data).toMatchObject({ code: 'client-blocked' });
    other.request(1, 'm');
    expect((await other.reply(1)).result).toBeDefined();
    await engine.reload(testConfig(bench.gateway.url), 'test', 'if-needed');
    expect((await second('test client')).replies[0]?.result).toBeDefined();
  });

  it('has its own counts', async () => {
    const client = bench.attach({ local: { policy: { deny_methods: ['bad'] } } });
    await client.initialize();
    const other = await second('other');
    client.request(1, 'bad');
    await client.reply(1);
    other.request(1, 'm');
    await other.reply(1);
    const counts = bench.under.engine.status().sessions.map(({ requests, failures }) => [requests, failures]);
    expect(counts).toEqual([
      [2, 1],
      [2, 0],
    ]);
  });
});

describe('one client among others, attached through mcp-router', () => {
  let bench: AttachBench;

  beforeEach(async () => {
    bench = await AttachBench.start();
  });

  afterEach(async () => {
    await bench.stop();
  });

  async function client(name: string): Promise<RouterProcess> {
    const opened = await bench.client();
    opened.send(hello(name));
    await opened.reply(0, 30_000);
    return opened;
  }

  it('is blocked by a line in the file that a running router follows, and does not come back by itself', async () => {
    const router = await bench.serve();
    const bad = await client('bad');
    const good = await client('good');
    bench.gateway.faults.next({ kind: 'drop-reply' });
    bad.send(ask(1, 'slow'));
    await bench.gateway.until('sent', ({ recording }) => recording.requests('slow').length === 1);
    bench.configure('local: { blocked_clients: [bad] }\n');
    expect(await bad.reply(1, 30_000)).toMatchObject({ error: { data: { code: 'client-blocked' } } });
    expect(await bad.exited).toBe(0);
    expect(bad.stderr).toContain('This client is blocked in MCP Router.');
    expect(bad.parsed().map(({ id }) => id)).toEqual([0, 1]);
    good.send(ask(1));
    expect(await good.reply(1)).toHaveProperty('result');
    const again = await client('bad');
    expect(again.parsed()).toMatchObject([{ id: 0, error: { data: { code: 'client-blocked' } } }]);
    expect(await again.exited).toBe(0);
    expect(router.stderr.match(/client blocked/g)).toHaveLength(2);
  });
});
