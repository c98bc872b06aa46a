import { afterEach, describe, expect, it } from 'vitest';

import { EngineUnderTest, StreamTestClient, testConfig } from '../support/engine-client';
import {
  minimalInitializeResult,
  type FunctionBackend,
  type FunctionReply,
  type FunctionSession,
} from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import type { RecordedMessage } from '../support/gateway/recording';
import type { GatewayOptions } from '../support/gateway/settings';
import { ManualClock } from '../support/manual-clock';

interface Held {
  readonly method: string;
  readonly reply: FunctionReply;
  readonly session: FunctionSession;
}

/** A server that answers `slow...` when the test says so, and everything else at once. */
class Server {
  readonly held = new Map<string, Held>();
  most = 0;

  readonly backend: FunctionBackend = {
    kind: 'function',
    handle: ({ method, params }, reply, session) => {
      if (method === 'initialize') reply.result(minimalInitializeResult(params));
      else if (method.startsWith('slow')) this.held.set(method, { method, reply, session });
      else reply.result({ method, connection: session.connection });
      this.most = Math.max(this.most, this.held.size);
    },
  };

  release(method: string): void {
    const held = this.held.get(method);
    if (held === undefined) throw new Error(`${method} is not held`);
    this.held.delete(method);
    held.reply.result({ method, connection: held.session.connection });
  }

  releaseAll(): void {
    for (const method of [...this.held.keys()]) this.release(method);
  }

  connectionOf(method: string): number {
    return this.held.get(method)?.session.connection ?? -1;
  }
}

let gateway: Gateway;
let server: Server;
let under: EngineUnderTest;
let client: StreamTestClient;

afterEach(async () => {
  server.releaseAll();
  await under.engine.stop();
  await gateway.stop();
});

const configOf = (size: number, changes: object = {}): ReturnType<typeof testConfig> =>
  testConfig(gateway.url, {
    gateway: {
      auth: { type: 'none' },
      connection: {
        keepalive_interval_ms: 1_000_000,
        reconnect: { initial_delay_ms: 10, max_delay_ms: 50 },
        pool: { max_connections: size, idle_timeout_ms: 1000 },
      },
    },
    local: { drain_timeout_ms: 50, ...changes },
  });

async function attach(size: number, options: GatewayOptions = {}, clock?: ManualClock): Promise<void> {
  server = new Server();
  gateway = await startGateway({ backend: server.backend, notifications: 'strict', ...options });
  under = new EngineUnderTest(configOf(size), clock === undefined ? {} : { clock });
  under.engine.start();
  client = new StreamTestClient(under.engine);
  await client.initialize();
  // Answered after what was sent before it: `initialized` has been handled, too.
  client.request('ready', 'ready');
  await client.reply('ready');
}

const untilHeld = (count: number): Promise<void> =>
  gateway.until(`${String(count)} at once`, () => server.held.size === count);
const isConnected = (lane: string): boolean =>
  under.events.some(
    (event) => event.kind === 'connection-changed' && event.lane.endsWith(lane) && event.to === 'connected',
  );
const connectedLanes = (count: number): Promise<void> =>
  under.until(`${String(count)} connections`, () =>
    Array.from({ length: count - 1 }, (_, index) => `#${String(index + 2)}`).every(isConnected),
  );

/** One slow request on each of `size` connections; `slow1` is on the first. */
async function busyOnAll(size: number): Promise<void> {
  client.request(1, 'slow1');
  await untilHeld(1);
  for (let number = 2; number <= size; number += 1) {
    // Whoever finds all busy opens another one, and waits behind the others itself.
    client.request(`opener ${String(number)}`, 'opener');
    await connectedLanes(number);
    client.request(number, `slow${String(number)}`);
    await untilHeld(number);
  }
}

const wire = (method: string): readonly number[] =>
  gateway.recording.messages
    .filter((message) => message.method === method)
    .map(({ connection }) => connection);

describe('several connections of a client', () => {
  it('let a gateway that works on one message per connection work on several at once', async () => {
    await attach(3);
    await busyOnAll(3);
    expect([server.most, gateway.connections.length]).toEqual([3, 3]);
    expect(new Set(['slow1', 'slow2', 'slow3'].map((method) => server.connectionOf(method))).size).toBe(3);
    // No more than the pool has.
    client.request('further', 'opener');
    server.releaseAll();
    for (const id of [1, 2, 3, 'further']) await client.reply(id);
    expect(gateway.connections).toHaveLength(3);
  });

  it('are one by default, on which everything stays in order', async () => {
    await attach(1);
    for (const id of [1, 2, 3]) client.request(id, `slow${String(id)}`);
    await untilHeld(1);
    for (const id of [1, 2, 3]) {
      await gateway.until('the next', () => server.held.has(`slow${String(id)}`));
      server.release(`slow${String(id)}`);
      await client.reply(id);
    }
    expect([server.most, gateway.recording.upgrades.length]).toEqual([1, 1]);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual([
      'initialize',
      'ready',
      'slow1',
      'slow2',
      'slow3',
    ]);
  });

  it('SEC-10 open the session of the client on each before anything else is sent', async () => {
    await attach(3);
    await busyOnAll(3);
    for (const connection of [2, 3]) {
      const messages = gateway.recording.messages.filter((message) => message.connection === connection);
      expect(messages.map(({ method }) => method).slice(0, 2)).toEqual([
        'initialize',
        'notifications/initialized',
      ]);
    }
    const ids = gateway.recording.requests('initialize').map(({ idText }) => idText);
    expect(new Set(ids).size).toBe(3);
    expect(client.replies.filter(({ id }) => String(id).startsWith('mcp-router'))).toEqual([]);
  });

  it('SEC-10 lose only what was sent on the one that is lost', async () => {
    await attach(3);
    await busyOnAll(3);
    const lost = server.connectionOf('slow2');
    gateway.connections.find(({ number }) => number === lost)?.close(1006);
    expect((await client.reply(2)).error?.data).toMatchObject({ code: 'gateway-lost' });
    server.release('slow1');
    server.release('slow3');
    expect((await client.reply(1)).result).toMatchObject({ method: 'slow1' });
    expect((await client.reply(3)).result).toMatchObject({ method: 'slow3' });
    expect(client.replies.filter(({ id }) => id === 2)).toHaveLength(1);
  });

  it('SEC-10 go on without the first one while it connects anew', async () => {
    await attach(2);
    await busyOnAll(2);
    server.release('slow2');
    await client.reply(2);
    gateway.faults.next({ kind: 'refuse-upgrade', status: 500 });
    gateway.connections.find(({ number }) => number === server.connectionOf('slow1'))?.close(1006);
    await client.reply(1);
    client.request('meanwhile', 'fast');
    expect((await client.reply('meanwhile')).result).toMatchObject({ method: 'fast' });
  });

  it('send what is about a request to where the request is, and what is about the session to the first', async () => {
    await attach(3, { duplex: true });
    await busyOnAll(3);
    const cancel = (requestId: number): void => {
      client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });
    };
    cancel(3);
    cancel(2);
    client.send({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
    client.send({ jsonrpc: '2.0', method: 'notifications/other' });
    client.request('level', 'logging/setLevel', { level: 'info' });
    await client.reply('level');
    await gateway.until(
      'the notifications',
      () =>
        wire('notifications/roots/list_changed').length === 3 && wire('notifications/cancelled').length === 2,
    );
    for (const { method, connection, payloadText } of gateway.recording.messages) {
      if (method !== 'notifications/cancelled') continue;
      expect(payloadText).toContain(
        server.connectionOf('slow2') === connection ? '"requestId":2' : '"requestId":3',
      );
    }
    expect(new Set(wire('notifications/cancelled'))).toEqual(
      new Set([server.connectionOf('slow2'), server.connectionOf('slow3')]),
    );
    expect([...wire('notifications/roots/list_changed')].sort()).toEqual([1, 2, 3]);
    expect([wire('notifications/other'), wire('logging/setLevel')]).toEqual([[1], [1]]);
  });

  it('SEC-10 bring answers and progress of the client to the server that asked', async () => {
    await attach(3, { duplex: true });
    await busyOnAll(3);
    const asking = [...server.held.values()];
    // All count alike.
    for (const { session } of asking) {
      const params = { _meta: { progressToken: `of ${String(session.connection)}` } };
      session.send({ id: 0, method: 'sampling/createMessage', params });
    }
    const questions = (): readonly { id?: unknown; params?: unknown }[] =>
      client.replies.filter(({ method }) => method === 'sampling/createMessage');
    await client.until('the questions', () => questions().length === 3);
    expect(new Set(questions().map(({ id }) => id)).size).toBe(3);
    for (const { id, params } of [...questions()].reverse()) {
      const progressToken = /of \d/.exec(JSON.stringify(params))?.[0];
      client.send({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken, progress: 1 },
      });
      client.send({ jsonrpc: '2.0', id, result: { for: progressToken } });
    }
    const answers = (): readonly RecordedMessage[] =>
      gateway.recording.messages.filter(({ kind }) => kind === 'response');
    await gateway.until('the answers', () => answers().length === 3);
    expect(answers().map(({ idText }) => idText)).toEqual(['0', '0', '0']);
    const progress = (): readonly RecordedMessage[] =>
      gateway.recording.messages.filter(({ method }) => method === 'notifications/progress');
    await gateway.until('the progress', () => progress().length === 3);
    for (const { connection, payloadText } of progress()) {
      expect(payloadText).toContain(`"of ${String(connection)}"`);
    }
    for (const { connection, payloadText } of answers()) {
      expect(payloadText).toContain(`"for":"of ${String(connection)}"`);
    }
  });

  it('close when nothing needs them, and come back', async () => {
    const clock = new ManualClock();
    await attach(2, {}, clock);
    await busyOnAll(2);
    clock.advance(5000);
    expect(gateway.connections).toHaveLength(2);
    server.releaseAll();
    for (const id of [1, 2, 'opener 2']) await client.reply(id);
    // The last use may have been in the time that runs.
    clock.advance(2000);
    await gateway.until('one connection', () => gateway.connections.length === 1);
    expect(gateway.recording.closes.map(({ code }) => code)).toEqual([1000]);
    client.request(3, 'slow3');
    await untilHeld(1);
    client.request('again', 'opener');
    await gateway.until('two connections', () => gateway.connections.length === 2);
  });

  it('go when the client opens its session anew, and come back with the new opening', async () => {
    await attach(2, { duplex: true });
    await busyOnAll(2);
    client.request('new', 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, second: true });
    await client.reply('new');
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    client.request(4, 'fast');
    expect((await client.reply(4)).result).toMatchObject({ connection: 1 });
    expect(server.connectionOf('slow2')).toBe(2);
    server.release('slow2');
    await client.reply(2);
    await gateway.until('one connection', () => gateway.connections.length === 1);
    client.request(5, 'fast');
    await gateway.until('the repeated opening', () => wire('initialize').includes(3));
    expect(gateway.recording.requests('initialize').at(-1)?.payloadText).toContain('"second":true');
  });

  it('do not hammer a gateway that has no room for them', async () => {
    await attach(3, { maxConnections: 1 });
    client.request(1, 'slow1');
    await untilHeld(1);
    for (let id = 2; id < 20; id += 1) client.request(id, 'fast');
    await under.until('refusals', () => under.kinds('connection-failed').length >= 2);
    server.release('slow1');
    for (let id = 1; id < 20; id += 1) expect((await client.reply(id)).error).toBeUndefined();
    expect(gateway.connections).toHaveLength(1);
    expect(under.engine.status().sessions[0]?.connection.name).toBe('connected');
  });

  it('SEC-10 a reload that changes their number loses nothing', async () => {
    await attach(3);
    let sent = 0;
    for (const size of [3, 1, 2, 3]) {
      for (let round = 0; round < 10; round += 1) {
        sent += 1;
        client.request(sent, 'fast');
      }
      await under.engine.reload(configOf(size), 'test');
    }
    for (let id = 1; id <= sent; id += 1) expect((await client.reply(id)).error).toBeUndefined();
    expect(client.replies.filter(({ error }) => error !== undefined)).toEqual([]);
  });
});
