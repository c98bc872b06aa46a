import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import type { StreamTestClient } from '../support/engine-client';
import { minimalInitializeResult, type FunctionBackend } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

/** Answers each request with the very text of its params, so that a test sees what arrived. */
const mirror: FunctionBackend = {
  kind: 'function',
  handle: ({ text, method, id, params }, reply) => {
    if (method === 'initialize') reply.result(minimalInitializeResult(params));
    else reply.text(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"sent":${text}}}`);
  },
};

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

describe('a session', () => {
  it('carries requests up and replies down', async () => {
    const client = bench.attach();
    expect((await client.initialize()).result).toMatchObject({ serverInfo: { name: 'function' } });
    client.request(1, 'tools/list');
    expect((await client.reply(1)).result).toEqual({ method: 'tools/list', params: {} });
    client.request('two', 'tools/call', { name: 'echo' });
    expect((await client.reply('two')).result).toEqual({ method: 'tools/call', params: { name: 'echo' } });
  });

  it('sends the envelope of the real gateway, with its namespaces', async () => {
    const client = bench.attach();
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
    const client = bench.attach();
    const text =
      '{"zeta":1, "jsonrpc":"2.0","params":{"big":12345678901234567890,"e":"\\u00e9é<&>","n":1.50},"id":"x","method":"m","alpha":[]}';
    client.send(text);
    await client.reply('x');
    expect(gateway.recording.requests('m')[0]?.payloadText).toBe(text);
    expect(client.lines[0]).toBe(`{"jsonrpc":"2.0","id":"x","result":{"sent":${text}}}`);
  });

  it('gives back the id exactly as it was written, though the gateway reads numbers as doubles', async () => {
    const client = bench.attach();
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
    const client = bench.attach();
    client.request(1, 'ping');
    expect((await client.reply(1)).result).toEqual({});
    expect(client.lines).toHaveLength(1);
  });

  it('keeps the order of stdin on the wire', async () => {
    const client = bench.attach();
    for (let id = 0; id < 80; id += 1) client.request(id, `m${String(id)}`);
    await client.reply(79);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(
      Array.from({ length: 80 }, (_unused, id) => `m${String(id)}`),
    );
  });

  it('is silent for notifications, though the real gateway answers them', async () => {
    const client = bench.attach();
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
    const client = bench.attach();
    client.request(1, 'tools/call');
    expect((await client.reply(1)).error).toEqual({
      code: -32602,
      message: 'no such tool',
      data: { hint: 'look' },
    });
  });

  it('repairs the empty reply that the real gateway makes of a null result', async () => {
    gateway.faults.next({ kind: 'broken-envelope', text: '{"id":1,"mcp_payload":{"jsonrpc":"2.0","id":1}}' });
    const client = bench.attach();
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
    const client = bench.attach();
    client.send(line);
    await client.until('a reply', () => client.lines.length > 0);
    expect(codeOf(client)).toEqual([expected]);
    expect(gateway.recording.messages).toEqual([]);
  });

  it('answers each request of a batch, which MCP no longer has', async () => {
    const client = bench.attach();
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
    const client = bench.attach();
    client.request(1, 'slow');
    client.request(1, 'again');
    await client.until('the refusal', () => client.lines.length === 1);
    held.resolve();
    await client.until('the reply', () => client.lines.length === 2);
    expect(client.replies.map(({ error }) => error?.data?.['code'])).toEqual(['invalid-request', undefined]);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(['slow']);
  });

  it('fails a 2 MiB message locally with its id, and the session goes on', async () => {
    const client = bench.attach();
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
    const client = bench.attach({ local: { max_line_bytes: 4096 } });
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
    const client = bench.attach({ gateway: { max_message_bytes: 2048 } });
    client.request('edge', 'm', { filler: 'x'.repeat(1950) });
    expect((await client.reply('edge')).error?.data).toMatchObject({ code: 'message-too-large' });
    expect(gateway.recording.messages).toEqual([]);
  });
});

describe('the end', () => {
  it('drains on EOF, answers what is owed and closes with 1000', async () => {
    const client = bench.attach();
    client.request(1, 'ping');
    client.input.end('{"jsonrpc":"2.0","id":2,"method":"last line without end"}');
    await client.left;
    expect(client.replies.map(({ id }) => id).sort()).toEqual([1, 2]);
    await gateway.until('the close', ({ recording }) => recording.closes.length === 1);
    expect(gateway.recording.closes[0]?.code).toBe(1000);
  });

  it('waits a bounded time only, and says what it does not know', async () => {
    gateway.faults.always({ kind: 'drop-reply' });
    const client = bench.attach({ local: { drain_timeout_ms: 100 } });
    client.request(1, 'never');
    await gateway.until('sent', ({ recording }) => recording.requests().length === 1);
    client.input.end();
    await client.left;
    expect(client.replies.map(({ error }) => error?.data?.['code'])).toEqual(['request-timeout']);
  });

  it('answers what was never sent when it stops', async () => {
    await gateway.kill();
    const client = bench.attach({ local: { drain_timeout_ms: 50 } });
    client.request(1, 'm');
    client.input.end();
    await client.left;
    expect(client.replies.map(({ error }) => error?.data?.['code'])).toEqual(['shutting-down']);
  });
});
