import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import type { FunctionBackend } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import type { RecordedMessage } from '../support/gateway/recording';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

/** What arrived on one connection: the method, and whether the id is the router's own. */
function arrivals(connection: number): readonly string[] {
  const isOurs = (message: RecordedMessage): boolean => message.idText?.startsWith('"mcp-router-') ?? false;
  return gateway.recording.messages
    .filter((message) => message.connection === connection)
    .map((message) => `${message.method}${isOurs(message) ? ' again' : ''}`);
}

/** Breaks the connection from the gateway's side, and waits until the router has seen it. */
async function lose(code = 1006): Promise<void> {
  const before = losses();
  gateway.dropConnections(code);
  await bench.under.until('the loss', () => losses() > before);
}

const losses = (): number =>
  bench.under.events.filter((event) => event.kind === 'connection-failed' && event.code === 'gateway-lost')
    .length;

const failureCodes = (): readonly string[] =>
  bench.under.events.flatMap((event) => (event.kind === 'connection-failed' ? [event.code] : []));

const INITIALIZE =
  '{"jsonrpc":"2.0","id":"first","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"},"extra":1.50}}';

describe('a session that the client has opened', () => {
  it.each([1000, 1001, 1006, 1011, 4000])(
    'is opened again after a close with %i, under an id of the router, and only then goes on',
    async (code) => {
      const client = bench.attach();
      client.send(INITIALIZE);
      await client.reply('first');
      client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
      client.request(1, 'before');
      await client.reply(1);
      await lose(code);
      client.request(2, 'after');
      expect((await client.reply(2)).result).toBeDefined();
      expect(arrivals(2)).toEqual(['initialize again', 'notifications/initialized', 'after']);
      const [original, repeated] = gateway.recording.requests('initialize');
      // Only the id differs, byte for byte.
      expect(repeated?.payloadText?.replace(/"mcp-router-[^"]+"/, '"first"')).toBe(original?.payloadText);
      expect(client.replies.map(({ id }) => id)).toEqual(['first', 1, 2]);
      expect(bench.under.kinds('handshake-replayed')).toHaveLength(1);
    },
  );

  it('is opened again under a new id each time', async () => {
    const client = bench.attach();
    await client.initialize();
    for (let round = 1; round <= 3; round += 1) {
      client.request(round, 'm');
      await client.reply(round);
      await lose();
    }
    client.request(4, 'm');
    await client.reply(4);
    const ids = gateway.recording.requests('initialize').map(({ idText }) => idText);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
  });

  it('gets no notifications/initialized that the client has not sent', async () => {
    const client = bench.attach();
    client.send(INITIALIZE);
    await client.reply('first');
    await lose();
    client.request(1, 'm');
    await client.reply(1);
    expect(arrivals(2)).toEqual(['initialize again', 'm']);
  });

  it('gets notifications/initialized again though the client sent it before the reply had come', async () => {
    const client = bench.attach();
    client.send(INITIALIZE);
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await client.reply('first');
    await lose();
    client.request(1, 'm');
    await client.reply(1);
    expect(arrivals(2)).toEqual(['initialize again', 'notifications/initialized', 'm']);
  });

  it('gets notifications/initialized once when the client sends it while nothing is connected', async () => {
    const client = bench.attach();
    client.send(INITIALIZE);
    await client.reply('first');
    await gateway.kill();
    await bench.under.until('the loss', () => losses() === 1);
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    client.request(1, 'm');
    await gateway.restart();
    await client.reply(1);
    expect(arrivals(2)).toEqual(['initialize again', 'notifications/initialized', 'm']);
    await lose();
    client.request(2, 'm');
    await client.reply(2);
    expect(arrivals(3)).toEqual(['initialize again', 'notifications/initialized', 'm']);
  });

  it('is remembered as the client opened it last', async () => {
    const client = bench.attach();
    await client.initialize('old');
    client.send(INITIALIZE.replace('"extra":1.50', '"extra":"new"'));
    await client.reply('first');
    await lose();
    client.request(1, 'm');
    await client.reply(1);
    // The second one was not followed by notifications/initialized.
    expect(arrivals(2)).toEqual(['initialize again', 'm']);
    expect(gateway.recording.requests('initialize').at(-1)?.payloadText).toContain('"extra":"new"');
  });

  it('is held back until the gateway has answered the repeated initialize', async () => {
    const held = deferred();
    const client = bench.attach();
    await client.initialize();
    await gateway.until('initialized', ({ recording }) => recording.messages.length === 2);
    gateway.faults.next({ kind: 'hold-reply', until: held.promise }, { method: 'initialize' });
    await lose();
    client.request(1, 'm');
    await gateway.until('the repeated initialize', () => arrivals(2).length === 1);
    expect(bench.under.engine.status().sessions[0]).toMatchObject({
      connection: { name: 'connecting' },
      queued: 1,
    });
    held.resolve();
    await client.reply(1);
    expect(arrivals(2)).toEqual(['initialize again', 'notifications/initialized', 'm']);
  });
});

describe('nothing is made up', () => {
  it('before the first initialize, as for a client of a revision that has none', async () => {
    const client = bench.attach();
    client.request(1, 'tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } });
    await client.reply(1);
    await lose();
    client.request(2, 'tools/list');
    await client.reply(2);
    expect(arrivals(2)).toEqual(['tools/list']);
  });

  it('when initialize itself was lost: the client is told, and may try again', async () => {
    gateway.faults.next({ kind: 'close', code: 1006, moment: 'after-backend' });
    const client = bench.attach();
    client.send(INITIALIZE);
    expect((await client.reply('first')).error?.data).toMatchObject({
      code: 'gateway-lost',
      retryable: false,
    });
    client.request(1, 'm');
    await client.reply(1);
    expect(arrivals(2)).toEqual(['m']);
    await client.initialize('again');
    await lose();
    client.request(2, 'm');
    await client.reply(2);
    expect(arrivals(3)).toEqual(['initialize again', 'notifications/initialized', 'm']);
  });

  it('of an initialize that the server refused', async () => {
    gateway.faults.next({ kind: 'breaker-open' });
    const client = bench.attach();
    client.send(INITIALIZE);
    expect((await client.reply('first')).error).toBeDefined();
    await lose();
    client.request(1, 'm');
    await client.reply(1);
    expect(arrivals(2)).toEqual(['m']);
  });

  it.each([
    ['was cancelled', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'first' } }],
    ['was too large', undefined],
  ])('of an initialize that %s, though its id is used again', async (_what, cancellation) => {
    const held = deferred();
    const client = bench.attach({ gateway: { auth: { type: 'none' }, max_message_bytes: 2048 } });
    if (cancellation === undefined) {
      client.send(INITIALIZE.replace('"extra":1.50', `"extra":"${'x'.repeat(2000 - INITIALIZE.length)}"`));
      expect((await client.reply('first')).error?.data).toMatchObject({ code: 'message-too-large' });
    } else {
      gateway.faults.next({ kind: 'hold-reply', until: held.promise });
      client.send(INITIALIZE);
      await gateway.until('sent', ({ recording }) => recording.requests('initialize').length === 1);
      client.send(cancellation);
      await bench.under.until(
        'nothing in flight',
        () => bench.under.engine.status().sessions[0]?.inFlight === 0,
      );
      gateway.dropConnections();
      held.resolve();
      await gateway.until('a new connection', ({ recording }) => recording.upgrades.length === 2);
    }
    client.send('{"jsonrpc":"2.0","id":"first","method":"m"}');
    await client.until('the result', () => client.replies.some(({ result }) => result !== undefined));
    await lose();
    client.request(2, 'm');
    await client.reply(2);
    expect(gateway.recording.messages.at(-1)?.method).toBe('m');
    expect(gateway.recording.messages.filter(({ idText }) => idText?.includes('mcp-router'))).toEqual([]);
  });
});

describe('a repeated handshake that goes wrong', () => {
  it('is tried again after a while when the gateway refuses it, and the client waits', async () => {
    const client = bench.attach();
    await client.initialize();
    gateway.faults.next({ kind: 'breaker-open' }, { method: 'initialize', uses: 2 });
    await lose();
    client.request(1, 'm');
    expect((await client.reply(1)).result).toBeDefined();
    expect(failureCodes()).toEqual(['gateway-lost', 'handshake-refused', 'handshake-refused']);
    expect(gateway.recording.requests('m')).toHaveLength(1);
    expect(client.replies.map(({ id }) => id)).toEqual(['init', 1]);
  });

  it.each([
    ['nothing comes back', { kind: 'drop-reply' } as const, 'gateway-unreachable'],
    ['the connection breaks again', { kind: 'close', code: 1006 } as const, 'gateway-lost'],
  ])('is tried again when %s', async (_what, fault, code) => {
    const client = bench.attach({ local: { request_timeout_ms: 400 } });
    await client.initialize();
    gateway.faults.next(fault, { method: 'initialize' });
    gateway.faults.next({ kind: 'close', code: 1011 }, { method: 'lost' });
    client.request('lost', 'lost');
    await bench.under.until('the failure', () => failureCodes().includes(code, 1));
    client.request(1, 'm');
    expect((await client.reply(1)).result).toBeDefined();
    expect(gateway.recording.requests('m')).toHaveLength(1);
    expect(client.replies.map(({ id }) => id)).toEqual(['init', 'lost', 1]);
  });

  it('fails at once when what comes back is no message', async () => {
    const client = bench.attach();
    await client.initialize();
    await gateway.kill();
    await bench.under.until('the loss', () => losses() === 1);
    const broken = (id: unknown): string => `{"id":${JSON.stringify(id)},"result":{}}`;
    const backend: FunctionBackend = {
      kind: 'function',
      handle: ({ id }, reply) => {
        if (gateway.recording.requests('initialize').length === 2) reply.text(broken(id));
        else reply.result({});
      },
    };
    await gateway.restart({ encoding: 'raw', backend });
    client.request(1, 'm');
    expect((await client.reply(1)).result).toBeDefined();
    expect(failureCodes()).toContain('handshake-refused');
  });
});
