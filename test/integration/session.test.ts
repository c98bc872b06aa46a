import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import { EngineUnderTest, StreamTestClient, testConfig, type FakeMachine } from '../support/engine-client';
import {
  echoBackend,
  minimalInitializeResult,
  type FunctionBackend,
} from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';

let gateway: Gateway;
let under: EngineUnderTest;

/** Starts an engine in front of the gateway, and a client that talks to it. */
function attach(
  changes: Record<string, unknown> = {},
  options: { machine?: FakeMachine; hasKeeper?: boolean } = {},
): StreamTestClient {
  under = new EngineUnderTest(testConfig(gateway.url, changes), options);
  under.engine.start();
  return new StreamTestClient(under.engine);
}

/** Answers each request with the very text of its params, so that a test sees what arrived. */
const mirror: FunctionBackend = {
  kind: 'function',
  handle: ({ text, method, id, params }, reply) => {
    if (method === 'initialize') reply.result(minimalInitializeResult(params));
    else reply.text(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"sent":${text}}}`);
  },
};

beforeEach(async () => {
  gateway = await startGateway({ backend: echoBackend() });
});

afterEach(async () => {
  await under.engine.stop();
  await gateway.stop();
});

describe('a session', () => {
  it('carries requests up and replies down', async () => {
    const client = attach();
    expect((await client.initialize()).result).toMatchObject({ serverInfo: { name: 'function' } });
    client.request(1, 'tools/list');
    expect((await client.reply(1)).result).toEqual({ method: 'tools/list', params: {} });
    client.request('two', 'tools/call', { name: 'echo' });
    expect((await client.reply('two')).result).toEqual({ method: 'tools/call', params: { name: 'echo' } });
  });

  it('sends the envelope of the real gateway, with its namespaces', async () => {
    const client = attach();
    await client.initialize();
    client.request(2, 'resources/list');
    client.request(3, 'k8s.pods');
    await client.reply(3);
    const { messages } = gateway.recording;
    expect(
      messages.map(({ method, envelope }) => [method, envelope?.idText, envelope?.targetNamespace]),
    ).toEqual([
      ['initialize', '"init"', 'system'],
      ['notifications/initialized', 'null', 'default'],
      ['resources/list', '2', 'default'],
      ['k8s.pods', '3', 'k8s'],
    ]);
    for (const { envelope } of messages) {
      expect(envelope?.source).toBe('local-router');
      expect(envelope?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
  });

  it('passes bytes through: unknown members, big integers, key order and escapes survive', async () => {
    await gateway.restart({ backend: mirror, encoding: 'raw' });
    const client = attach();
    const text =
      '{"zeta":1, "jsonrpc":"2.0","params":{"big":12345678901234567890,"e":"\\u00e9é<&>","n":1.50},"id":"x","method":"m","alpha":[]}';
    client.send(text);
    await client.reply('x');
    expect(gateway.recording.requests('m')[0]?.payloadText).toBe(text);
    expect(client.lines[0]).toBe(`{"jsonrpc":"2.0","id":"x","result":{"sent":${text}}}`);
  });

  it('gives back the id exactly as it was written, though the gateway reads numbers as doubles', async () => {
    const client = attach();
    client.send('{"jsonrpc":"2.0","id":9007199254740993,"method":"a"}');
    client.send('{"jsonrpc":"2.0","id":1e2,"method":"b"}');
    client.send('{"jsonrpc":"2.0","id":"\\u0061","method":"c"}');
    await client.until('three lines', () => client.lines.length === 3);
    expect(client.lines.map((line) => /"id":([^,}]+)/.exec(line)?.[1])).toEqual([
      '9007199254740993',
      '1e2',
      '"\\u0061"',
    ]);
  });

  it('puts a pretty-printed reply on one line', async () => {
    const pretty: FunctionBackend = {
      kind: 'function',
      handle: (_message, reply) => {
        reply.text('{\n  "jsonrpc": "2.0",\r\n  "id": 1,\n  "result": {}\n}');
      },
    };
    await gateway.restart({ backend: pretty, encoding: 'raw' });
    const client = attach();
    client.request(1, 'ping');
    expect((await client.reply(1)).result).toEqual({});
    expect(client.lines).toHaveLength(1);
  });

  it('keeps the order of stdin on the wire', async () => {
    const client = attach();
    for (let id = 0; id < 80; id += 1) client.request(id, `m${String(id)}`);
    await client.reply(79);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(
      Array.from({ length: 80 }, (_unused, id) => `m${String(id)}`),
    );
  });

  it('is silent for notifications, though the real gateway answers them', async () => {
    const client = attach();
    await client.initialize();
    client.send({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
    client.request(1, 'ping');
    await client.reply(1);
    expect(client.replies.map(({ id }) => id)).toEqual(['init', 1]);
  });

  it('passes the errors of the other side on, unchanged', async () => {
    const failing: FunctionBackend = {
      kind: 'function',
      handle: (_message, reply) => {
        reply.error(-32602, 'no such tool', { hint: 'look' });
      },
    };
    await gateway.restart({ backend: failing });
    const client = attach();
    client.request(1, 'tools/call');
    expect((await client.reply(1)).error).toEqual({
      code: -32602,
      message: 'no such tool',
      data: { hint: 'look' },
    });
  });

  it('repairs the empty reply that the real gateway makes of a null result', async () => {
    gateway.faults.next({ kind: 'broken-envelope', text: '{"id":1,"mcp_payload":{"jsonrpc":"2.0","id":1}}' });
    const client = attach();
    client.request(1, 'ping');
    expect(await client.reply(1)).toEqual({ jsonrpc: '2.0', id: 1, result: null });
  });
});

describe('bad lines get one clear reply', () => {
  const codeOf = (client: StreamTestClient): unknown =>
    client.replies.map(({ id, error }) => [id, error?.code, error?.data?.['code']]);

  it.each([
    ['nonsense', [null, -32700, 'parse-failed']],
    ['{"jsonrpc":"2.0","id":7,"method":}', [null, -32700, 'parse-failed']],
    ['{"id":7,"method":"m"}', [7, -32600, 'invalid-request']],
    ['[]', [null, -32600, 'invalid-request']],
  ])('%s', async (line, expected) => {
    const client = attach();
    client.send(line);
    await client.until('a reply', () => client.lines.length > 0);
    expect(codeOf(client)).toEqual([expected]);
    expect(gateway.recording.messages).toEqual([]);
  });

  it('answers each request of a batch, which MCP no longer has', async () => {
    const client = attach();
    client.send(
      '[{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":2,"method":"b"}]',
    );
    await client.until('two replies', () => client.lines.length === 2);
    expect(codeOf(client)).toEqual([
      [1, -32600, 'invalid-request'],
      [2, -32600, 'invalid-request'],
    ]);
  });

  it('refuses an id that still waits for its reply, and answers the first one all the same', async () => {
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    const client = attach();
    client.request(1, 'slow');
    client.request(1, 'again');
    await client.until('the refusal', () => client.lines.length === 1);
    held.resolve();
    await client.until('the reply', () => client.lines.length === 2);
    expect(client.replies.map(({ error }) => error?.data?.['code'])).toEqual(['invalid-request', undefined]);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(['slow']);
  });

  it('fails a 2 MiB message locally with its id, and the session goes on', async () => {
    const client = attach();
    client.request('big', 'tools/call', { filler: 'x'.repeat(2 * 1024 * 1024) });
    const reply = await client.reply('big');
    expect(reply.error).toMatchObject({
      code: -32000,
      data: { code: 'message-too-large', retryable: false, limit: 'gateway.max_message_bytes' },
    });
    client.request(2, 'ping');
    await client.reply(2);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(['ping']);
  });

  it('fails a line above local.max_line_bytes with its id', async () => {
    const client = attach({ local: { max_line_bytes: 4096 } });
    client.request('big', 'tools/call', { filler: 'x'.repeat(8192) });
    expect((await client.reply('big')).error?.data).toMatchObject({
      code: 'line-too-large',
      limit: 'local.max_line_bytes',
    });
    client.send({ jsonrpc: '2.0', method: 'notifications/big', params: { filler: 'x'.repeat(8192) } });
    client.request(2, 'ping');
    await client.reply(2);
    expect(client.lines).toHaveLength(2);
  });

  it('refuses a message that only the envelope makes too large', async () => {
    const client = attach({ gateway: { max_message_bytes: 2048 } });
    client.request('edge', 'm', { filler: 'x'.repeat(1950) });
    expect((await client.reply('edge')).error?.data).toMatchObject({ code: 'message-too-large' });
    expect(gateway.recording.messages).toEqual([]);
  });
});

describe('what the gateway gets wrong', () => {
  it.each([
    ['duplicate-reply', { kind: 'duplicate-reply' }],
    ['unknown-id', { kind: 'unknown-id' }],
    ['null-id-error', { kind: 'null-id-error' }],
    ['bare-reply', { kind: 'bare-reply' }],
  ] as const)('%s: still exactly one reply', async (_name, fault) => {
    gateway.faults.next(fault);
    const client = attach();
    client.request(1, 'a');
    await client.reply(1);
    client.request(2, 'b');
    await client.reply(2);
    expect(client.replies.map(({ id }) => id)).toEqual([1, 2]);
    expect(client.replies.every(({ error }) => error === undefined)).toBe(true);
  });

  it.each([
    ['no JSON', 'rubbish'],
    ['no object', '[1]'],
    ['no payload object', '{"id":1,"mcp_payload":7}'],
  ])('%s is dropped, and the deadline answers', async (_name, text) => {
    gateway.faults.next({ kind: 'broken-envelope', text });
    const client = attach({ local: { request_timeout_ms: 150 } });
    client.request(1, 'a');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'request-timeout', retryable: false });
    expect(under.kinds('message-dropped')).toHaveLength(1);
  });

  it('a payload that is no message fails the request that its envelope names', async () => {
    gateway.faults.next({ kind: 'broken-envelope', text: '{"id":1,"mcp_payload":{"id":1,"result":{}}}' });
    const client = attach();
    client.request(1, 'a');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-misbehaved' });
  });

  it('a frame above the limit breaks the connection, and the request says so', async () => {
    gateway.faults.next({ kind: 'oversized-frame', bytes: 1024 * 1024 + 1 });
    const client = attach();
    client.request(1, 'a');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-lost' });
    client.request(2, 'b');
    expect((await client.reply(2)).result).toBeDefined();
  });

  it('a reply after the deadline reaches nobody', async () => {
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    const client = attach({ local: { request_timeout_ms: 100 } });
    client.request(1, 'slow');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'request-timeout' });
    held.resolve();
    client.request(2, 'next');
    await client.reply(2);
    expect(client.replies.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('a gateway that answers no ping is left, and found again', async () => {
    gateway.faults.always({ kind: 'no-pong' });
    const client = attach({
      gateway: {
        auth: { type: 'none' },
        connection: { keepalive_interval_ms: 20, pong_timeout_ms: 60, reconnect: { initial_delay_ms: 5 } },
      },
    });
    await under.until('the loss', () =>
      under.events.some((event) => event.kind === 'connection-failed' && event.detail.includes('ping')),
    );
    gateway.faults.clear();
    client.request(1, 'a');
    expect((await client.reply(1)).result).toBeDefined();
  });
});

describe('limits', () => {
  it('refuses above the rate with the time to wait, and counts it', async () => {
    const client = attach({ local: { rate_limit: { requests_per_second: 0.001, burst: 2 } } });
    for (const id of [1, 2, 3]) client.request(id, 'm');
    const refused = await client.reply(3);
    await client.reply(2);
    expect(refused.error?.data).toMatchObject({
      code: 'rate-limited',
      limit: 'local.rate_limit',
      retryable: true,
    });
    expect(Number(refused.error?.data?.['retry_after_ms'])).toBeGreaterThan(900_000);
    expect(under.engine.status().counters.rateLimitHits).toBe(1);
    expect(gateway.recording.requests()).toHaveLength(2);
  });

  it('refuses above max_concurrent_requests, and not at it', async () => {
    const held = deferred();
    gateway.faults.always({ kind: 'hold-reply', until: held.promise });
    const client = attach({ local: { max_concurrent_requests: 2 } });
    await under.until('connected', () =>
      under.kinds('connection-changed').some((event) => 'to' in event && event.to === 'connected'),
    );
    for (const id of [1, 2, 3]) client.request(id, 'm');
    expect((await client.reply(3)).error?.data).toMatchObject({
      code: 'concurrency-limited',
      limit: 'local.max_concurrent_requests',
    });
    held.resolve();
    await client.reply(2);
    client.request(4, 'm');
    expect((await client.reply(4)).result).toBeDefined();
  });

  it('queues while the gateway is away, refuses above max_queued_requests, and drains in order', async () => {
    await gateway.kill();
    const client = attach({ local: { max_queued_requests: 3 } });
    for (const id of [1, 2, 3, 4]) client.request(id, `m${String(id)}`);
    expect((await client.reply(4)).error?.data).toMatchObject({ code: 'queue-full', retryable: true });
    await gateway.restart();
    await client.reply(3);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(['m1', 'm2', 'm3']);
  });

  it('drains no faster than max_concurrent_requests allows', async () => {
    await gateway.kill();
    const client = attach({ local: { max_concurrent_requests: 1 } });
    for (const id of [1, 2, 3]) client.request(id, 'm');
    await under.until('a failed try', () => under.kinds('connection-failed').length > 0);
    await gateway.restart();
    await client.reply(3);
    expect(client.replies.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('fails what waited in vain when its deadline comes', async () => {
    await gateway.kill();
    const client = attach({ local: { request_timeout_ms: 120 } });
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({
      code: 'gateway-unreachable',
      retryable: true,
    });
    await gateway.restart();
    client.request(2, 'n');
    await client.reply(2);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(['n']);
  });

  it('refuses the client above max_sessions', async () => {
    attach({ local: { max_sessions: 1 } });
    const second = new StreamTestClient(under.engine);
    await expect(second.left).rejects.toMatchObject({ code: 'session-limit' });
  });
});

describe('cancellation and progress', () => {
  it('forgets a request that the client cancels while it waits, and sends neither', async () => {
    await gateway.kill();
    const client = attach();
    client.request(1, 'm');
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    client.request(2, 'n');
    await gateway.restart();
    await client.reply(2);
    expect(client.replies.map(({ id }) => id)).toEqual([2]);
    expect(gateway.recording.messages.map(({ method }) => method)).toEqual(['n']);
  });

  it('passes a cancellation on, and the late reply reaches nobody', async () => {
    await gateway.restart({ duplex: true });
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    const client = attach();
    client.request(1, 'slow');
    await gateway.until('sent', ({ recording }) => recording.requests('slow').length === 1);
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    await gateway.until('told', ({ recording }) =>
      recording.messages.some(({ method }) => method === 'notifications/cancelled'),
    );
    held.resolve();
    client.request(2, 'next');
    await client.reply(2);
    expect(client.replies.map(({ id }) => id)).toEqual([2]);
  });

  it('extends the deadline while progress is reported', async () => {
    const slow: FunctionBackend = {
      kind: 'function',
      handle: (message, reply, session) => {
        const steps = 6;
        const step = (done: number): void => {
          if (done === steps) {
            reply.result({ done });
            return;
          }
          session.send({ method: 'notifications/progress', params: { progressToken: 'p1', progress: done } });
          setTimeout(step, 80, done + 1);
        };
        if (message.method === 'slow') step(0);
        else reply.result({});
      },
    };
    await gateway.restart({ backend: slow, duplex: true });
    const client = attach({ local: { request_timeout_ms: 300 } });
    client.request(1, 'slow', { _meta: { progressToken: 'p1' } });
    expect((await client.reply(1)).result).toEqual({ done: 6 });
    expect(client.replies.filter(({ method }) => method === 'notifications/progress')).toHaveLength(6);
  });
});

describe('the lane down', () => {
  const asking: FunctionBackend = {
    kind: 'function',
    handle: (message, reply, session) => {
      if (message.method === 'ask') {
        session.memory.set('asked', reply);
        session.send({ id: 'q1', method: 'sampling/createMessage', params: { n: 1 } });
      } else if (message.method === '') {
        const asked = session.memory.get('asked');
        if (
          typeof asked === 'object' &&
          asked !== null &&
          'result' in asked &&
          typeof asked.result === 'function'
        ) {
          asked.result({ answer: message.result });
        }
      } else {
        reply.result({});
      }
    },
  };

  it('carries a question of the server to the client, and the answer back', async () => {
    await gateway.restart({ backend: asking, duplex: true });
    const client = attach();
    client.request(1, 'ask');
    await client.until('the question', () =>
      client.replies.some(({ method }) => method === 'sampling/createMessage'),
    );
    client.send({ jsonrpc: '2.0', id: 'q1', result: { text: 'yes' } });
    expect((await client.reply(1)).result).toEqual({ answer: { text: 'yes' } });
  });

  it('drops an answer to nothing', async () => {
    const client = attach();
    client.send({ jsonrpc: '2.0', id: 'q9', result: {} });
    await under.until('the drop', () => under.kinds('message-dropped').length === 1);
    client.request(1, 'ping');
    await client.reply(1);
    expect(gateway.recording.messages.map(({ method }) => method)).toEqual(['ping']);
  });
});

describe('the end', () => {
  it('drains on EOF, answers what is owed and closes with 1000', async () => {
    const client = attach();
    client.request(1, 'ping');
    client.input.end('{"jsonrpc":"2.0","id":2,"method":"last line without end"}');
    await client.left;
    expect(client.replies.map(({ id }) => id).sort()).toEqual([1, 2]);
    await gateway.until('the close', ({ recording }) => recording.closes.length === 1);
    expect(gateway.recording.closes[0]?.code).toBe(1000);
  });

  it('waits a bounded time only, and says what it does not know', async () => {
    gateway.faults.always({ kind: 'drop-reply' });
    const client = attach({ local: { drain_timeout_ms: 100 } });
    client.request(1, 'never');
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    client.input.end();
    await client.left;
    expect(client.replies.map(({ error }) => error?.data?.['code'])).toEqual(['request-timeout']);
  });

  it('answers what was never sent when it stops', async () => {
    await gateway.kill();
    const client = attach({ local: { drain_timeout_ms: 50 } });
    client.request(1, 'm');
    client.input.end();
    await client.left;
    expect(client.replies.map(({ error }) => error?.data?.['code'])).toEqual(['shutting-down']);
  });
});
