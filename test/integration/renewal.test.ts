import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { RouterEvent } from '../../src/shared/model/events';

import { deferred } from '../support/deferred';
import { testConfig, type FakeMachine, type StreamTestClient } from '../support/engine-client';
import {
  minimalInitializeResult,
  type FunctionBackend,
  type FunctionReply,
} from '../support/gateway/backend-function';
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
  client.replies
    .filter(({ id }) => typeof id === 'number')
    .map(({ id, error }) => [id, error?.data?.['code']]);

/** The request of `busy` is answered last. */
const SECOND_FIRST = [2, 1].map((id) => [id, undefined]);

async function reload(local: object = {}): Promise<void> {
  await bench.under.engine.reload(testConfig(gateway.url, { local }), 'test');
}

/** A client with one request that the gateway holds back. */
async function busy(
  changes: Record<string, unknown> = {},
  machine: FakeMachine = {},
): Promise<{ readonly client: StreamTestClient; readonly held: ReturnType<typeof deferred> }> {
  const held = deferred();
  const client = bench.attach(changes, { machine });
  await client.initialize();
  gateway.faults.next({ kind: 'hold-reply', until: held.promise });
  client.request(1, 'slow');
  await gateway.until('sent', ({ recording }) => recording.requests('slow').length === 1);
  return { client, held };
}

const connectionsOf = (method: string): readonly number[] =>
  gateway.recording.requests(method).map(({ connection }) => connection);

/** A bearer token that the test can replace. */
const withToken = { gateway: { auth: { type: 'bearer', token_env: 'TOKEN' } } } as const;
const accept = (...tokens: readonly string[]): void => {
  gateway.reconfigure({ auth: { kind: 'tokens', tokens } });
};

describe('a new configuration', () => {
  it('comes twice while one request is in flight: one more connection, and nothing is lost later', async () => {
    const { client, held } = await busy();
    await Promise.all([reload(), reload()]);
    client.request(2, 'next');
    await client.reply(2);
    held.resolve();
    await client.reply(1);
    expect(codeOf(client)).toEqual(SECOND_FIRST);
    expect(gateway.recording.upgrades).toHaveLength(2);
  });

  it('and the end of the client at once: the session ends as soon as it is answered', async () => {
    // The limit is far above what a test may take: only a reply can end this session in time.
    const { client, held } = await busy({ local: { drain_timeout_ms: 60_000 } });
    await reload({ drain_timeout_ms: 60_000 });
    client.request(2, 'meanwhile');
    client.input.end();
    await client.reply(2);
    held.resolve();
    await client.left;
    expect(codeOf(client)).toEqual(SECOND_FIRST);
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

describe('SEC-10 what is in flight while the connection is renewed', () => {
  it('is answered where it was sent, however long it takes, and new requests use the new token at once', async () => {
    accept('one');
    const variables = { TOKEN: 'one' };
    const { client, held } = await busy({ ...withToken, local: { drain_timeout_ms: 0 } }, { variables });
    accept('two');
    variables.TOKEN = 'two';
    await bench.under.engine.renewCredential();
    client.request(2, 'meanwhile');
    await client.reply(2);
    expect(gateway.recording.closes).toEqual([]);
    held.resolve();
    await client.reply(1);
    await gateway.until('the old one is closed', ({ recording }) => recording.closes.length === 1);
    expect(codeOf(client)).toEqual(SECOND_FIRST);
    expect([connectionsOf('slow'), connectionsOf('initialize'), connectionsOf('meanwhile')]).toEqual([
      [1],
      [1, 2],
      [2],
    ]);
    expect(gateway.recording.closes).toMatchObject([{ connection: 1, code: 1000 }]);
    expect(bench.under.engine.status().sessions[0]).toMatchObject({ inFlight: 0, queued: 0 });
  });

  it('is answered though the new token is refused, which is told to what comes then', async () => {
    accept('one');
    const variables = { TOKEN: 'one' };
    const { client, held } = await busy(withToken, { variables });
    variables.TOKEN = 'wrong';
    await bench.under.engine.renewCredential();
    client.request(2, 'meanwhile');
    expect((await client.reply(2)).error?.data).toMatchObject({ code: 'auth-failed' });
    expect(bench.under.engine.status().shown).toBe('failed');
    held.resolve();
    expect((await client.reply(1)).result).toBeDefined();
    await gateway.until('closed', ({ connections }) => connections.length === 0);
    variables.TOKEN = 'one';
    await bench.under.engine.renewCredential();
    client.request(3, 'mended');
    expect((await client.reply(3)).result).toBeDefined();
  });

  it('is answered while the new connection is tried again and again', async () => {
    const { client, held } = await busy();
    for (let time = 0; time < 3; time += 1) gateway.faults.next({ kind: 'refuse-upgrade', status: 503 });
    await reload();
    client.request(2, 'meanwhile');
    await client.reply(2);
    held.resolve();
    await client.reply(1);
    expect(codeOf(client)).toEqual(SECOND_FIRST);
  });

  it('fails once when the old connection is lost, which is not made again', async () => {
    const { client } = await busy();
    await reload();
    client.request(2, 'meanwhile');
    await client.reply(2);
    gateway.connections[0]?.close(1006, '');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-lost' });
    const isGone = (event: RouterEvent): boolean =>
      event.kind === 'connection-changed' && event.lane.endsWith('#1') && event.to === 'idle';
    await bench.under.until('it is given up', () => bench.under.events.some(isGone));
    client.request(3, 'after');
    await client.reply(3);
    expect(connectionsOf('after')).toEqual([2]);
    expect(gateway.recording.upgrades).toHaveLength(2);
  });

  it('fails at its own deadline when no reply comes, and the old connection is closed then', async () => {
    const { client } = await busy({ local: { request_timeout_ms: 1000 } });
    await reload({ request_timeout_ms: 1000 });
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'request-timeout' });
    await gateway.until('closed', ({ recording }) => recording.closes.length === 1);
    expect(gateway.recording.closes).toMatchObject([{ connection: 1, code: 1000 }]);
  });

  it('can be cancelled where it was sent, though the new connection is not there', async () => {
    await gateway.restart({ duplex: true });
    const { client } = await busy();
    gateway.faults.next({ kind: 'refuse-upgrade', status: 401 });
    await reload();
    await bench.under.until('refused', () => bench.under.engine.status().shown === 'failed');
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    await gateway.until('closed', ({ connections }) => connections.length === 0);
    const cancelled = gateway.recording.messages.filter(({ method }) => method.endsWith('cancelled'));
    expect(cancelled).toMatchObject([{ connection: 1 }]);
  });

  it('ends with the connection when it is what only lasts as long, and it is said why', async () => {
    gateway.faults.next({ kind: 'drop-reply' });
    const client = bench.attach();
    client.request('news', 'subscriptions/listen');
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    await reload();
    const { error } = await client.reply('news');
    expect(error?.data).toMatchObject({ code: 'gateway-lost' });
    expect(error?.message).toContain('the connection was renewed');
    await gateway.until('closed', ({ recording }) => recording.closes.length === 1);
  });

  it('keeps one old connection through ten reloads in a row', async () => {
    const { client, held } = await busy();
    for (let time = 1; time <= 10; time += 1) {
      await reload();
      client.request(`after ${String(time)}`, 'after');
      await client.reply(`after ${String(time)}`);
      await gateway.until('old and new', ({ connections }) => connections.length === 2);
    }
    held.resolve();
    await client.reply(1);
    await gateway.until('the new one', ({ connections }) => connections.length === 1);
    expect(client.replies.filter(({ id }) => id === 1)).toHaveLength(1);
    expect(client.replies.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(connectionsOf('slow')).toEqual([1]);
  });

  it('SEC-11 keeps no more old connections than local.max_concurrent_requests', async () => {
    const limits = { max_concurrent_requests: 3 };
    const client = bench.attach({ local: limits });
    const held = deferred();
    for (let id = 1; id <= 3; id += 1) {
      gateway.faults.next({ kind: 'hold-reply', until: held.promise });
      client.request(id, 'slow');
      await gateway.until('sent', ({ recording }) => recording.requests('slow').length === id);
      await reload(limits);
      await gateway.until('one more', ({ connections }) => connections.length === id + 1);
    }
    client.request(4, 'waits');
    for (let time = 0; time < 3; time += 1) await reload(limits);
    await bench.under.until('connected', () => bench.under.engine.status().shown === 'connected');
    await gateway.until('no more', ({ connections }) => connections.length === 4);
    expect(connectionsOf('waits')).toEqual([]);
    held.resolve();
    for (let id = 1; id <= 4; id += 1) expect((await client.reply(id)).error).toBeUndefined();
    await gateway.until('the new one', ({ connections }) => connections.length === 1);
  });
});

describe('a server that was asked before the connection was renewed', () => {
  const waiting = new Map<number, FunctionReply>();
  const asking: FunctionBackend = {
    kind: 'function',
    handle: ({ method, result, params }, reply, session) => {
      if (method === 'initialize') reply.result(minimalInitializeResult(params));
      else if (method === 'ask') {
        waiting.set(session.connection, reply);
        session.send({ id: 0, method: 'elicitation/create' });
      } else waiting.get(session.connection)?.result({ answer: result, connection: session.connection });
    },
  };
  const questions = (client: StreamTestClient): readonly unknown[] =>
    client.replies.filter(({ method }) => method === 'elicitation/create').map(({ id }) => id);

  it('gets the answer to its question, and the server behind the new connection the one to its own', async () => {
    await gateway.restart({ backend: asking, duplex: true });
    const client = bench.attach();
    await client.initialize();
    client.request(1, 'ask');
    await client.until('the question', () => questions(client).length === 1);
    await reload();
    client.request(2, 'ask');
    await client.until('the other question', () => questions(client).length === 2);
    const [first, second] = questions(client);
    client.send({ jsonrpc: '2.0', id: second, result: 'second' });
    expect((await client.reply(2)).result).toEqual({ answer: 'second', connection: 2 });
    client.send({ jsonrpc: '2.0', id: first, result: 'first' });
    expect((await client.reply(1)).result).toEqual({ answer: 'first', connection: 1 });
  });
});

describe('a new configuration while the client opens its session', () => {
  it('waits for the reply, and repeats the opening on the new connection', async () => {
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    const client = bench.attach();
    const opened = client.initialize();
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    const done = reload();
    client.request(2, 'meanwhile');
    await bench.under.until('it waits', () => bench.under.engine.status().sessions[0]?.queued === 1);
    expect(gateway.recording.upgrades).toHaveLength(1);
    held.resolve();
    expect((await opened).result).toBeDefined();
    await done;
    await client.reply(2);
    expect([connectionsOf('initialize'), connectionsOf('meanwhile')]).toEqual([[1, 2], [2]]);
  });

  it('waits for drain_timeout_ms at most, says that the outcome is not known, and lets others go on', async () => {
    await gateway.restart({ duplex: true });
    const { client, held } = await busy();
    gateway.faults.next({ kind: 'drop-reply' });
    client.request('again', 'initialize');
    await gateway.until('sent', ({ recording }) => recording.requests('initialize').length === 2);
    await reload({ drain_timeout_ms: 60 });
    expect((await client.reply('again')).error?.data).toMatchObject({ code: 'gateway-lost' });
    client.request(2, 'next');
    expect((await client.reply(2)).error).toBeUndefined();
    held.resolve();
    expect((await client.reply(1)).error).toBeUndefined();
    expect([connectionsOf('initialize'), connectionsOf('next')]).toEqual([[1, 1, 2], [2]]);
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
