import { chmodSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, AttachBench, initialize, killed } from '../support/attach-bench';

let bench: AttachBench;

beforeEach(async () => {
  bench = await AttachBench.start();
});

afterEach(async () => {
  await bench.stop();
});

describe('SEC-79 a router that goes away under its clients', () => {
  it('fails what it owes once, and takes the session up again when it is back', async () => {
    let router = await bench.serve();
    const client = await bench.client();
    client.send(initialize);
    await client.reply(0, 30_000);
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    bench.gateway.faults.next({ kind: 'drop-reply' });
    client.send(ask(1, 'lost'));
    await bench.gateway.until('the request', ({ recording }) => recording.requests('lost').length === 1);
    await killed(router);
    expect(await client.reply(1)).toMatchObject({
      error: { data: { code: 'router-lost', retryable: false } },
    });
    client.send(ask(2, 'late'));
    router = await bench.serve();
    expect(await client.reply(2, 30_000)).toHaveProperty('result');
    expect(bench.gateway.recording.requests('initialize')).toHaveLength(2);
    expect(bench.gateway.recording.requests('late')).toHaveLength(1);
    expect(client.parsed().map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(await client.end()).toBe(0);
  });

  it('keeps the client without service rather than serve it with other credentials', async () => {
    const router = await bench.serve();
    const client = await bench.client(['--wait', '0']);
    client.send(ask(1));
    await client.reply(1, 30_000);
    await killed(router);
    await client.until('the word', () => client.stderr.includes('is gone'));
    client.send(ask(2));
    expect(await client.reply(2)).toMatchObject({ error: { data: { code: 'router-away' } } });
  });

  it('30 kills under load: every request of several clients gets exactly one reply', async () => {
    let router = await bench.serve();
    const clients = await Promise.all([1, 2, 3, 4].map(() => bench.client(['--wait', '60'])));
    for (const client of clients) client.send(initialize);
    await Promise.all(clients.map((client) => client.reply(0, 30_000)));
    let id = 0;
    const load = setInterval(() => {
      id += 1;
      for (const client of clients) client.send(ask(id));
    }, 20);
    for (let kill = 0; kill < 30; kill += 1) {
      const sentBefore = id;
      await Promise.all(
        clients.map((client) => client.until('traffic', () => client.lines.length > sentBefore / 2)),
      );
      await killed(router);
      router = await bench.serve();
    }
    clearInterval(load);
    const ids = Array.from({ length: id + 1 }, (_, index) => index);
    for (const client of clients) {
      await client.until('all replies', () => client.lines.length > id, 60_000);
      expect(await client.end()).toBe(0);
      const replied = client.parsed().map((reply) => Number(reply['id']));
      expect(replied.sort((one, other) => one - other)).toEqual(ids);
      expect(client.parsed().some((reply) => 'result' in reply)).toBe(true);
    }
  }, 300_000);

  it('turns a client away that is one too many, and takes it when there is room', async () => {
    bench.configure('local: { max_sessions: 1 }\n');
    await bench.serve();
    const first = await bench.client();
    first.send(ask(1));
    await first.reply(1, 30_000);
    const second = await bench.client();
    second.send(ask(1));
    expect(await second.reply(1)).toMatchObject({
      error: { data: { code: 'session-limit', retryable: true } },
    });
    await first.end();
    await expect
      .poll(async () => {
        const id = second.lines.length + 1;
        second.send(ask(id));
        return 'result' in (await second.reply(id));
      })
      .toBe(true);
    expect(second.parsed().filter(({ id }) => id === null)).toEqual([]);
  });

  it('answers what it can when a client closes its input while there is no router', async () => {
    mkdirSync(bench.folder, { recursive: true, mode: 0o700 });
    const client = await bench.client(['--attach-only', '--wait', '60']);
    client.send(ask(1));
    expect(await client.end()).toBe(0);
    expect(client.parsed()).toMatchObject([{ id: 1, error: { data: { code: 'router-away' } } }]);
  });
});

describe('a listener that is not a router', () => {
  it('which hangs up at once costs a client no more than an error each', async () => {
    mkdirSync(bench.folder, { recursive: true, mode: 0o700 });
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(bench.socketPath, resolve));
    chmodSync(bench.socketPath, 0o600);
    const client = await bench.client(['--attach-only', '--wait', '0']);
    client.send(ask(1));
    expect(await client.reply(1)).toHaveProperty('error');
    await client.end();
    expect(client.lines).toHaveLength(1);
    await new Promise((resolve) => server.close(resolve));
  });
});
