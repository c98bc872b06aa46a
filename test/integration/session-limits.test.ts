import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import { StreamTestClient } from '../support/engine-client';
import type { FunctionBackend, FunctionReply } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

describe('SEC-11 limits', () => {
  it('refuses above the rate with the time to wait, and counts it', async () => {
    const client = bench.attach({ local: { rate_limit: { requests_per_second: 0.001, burst: 2 } } });
    for (const id of [1, 2, 3]) client.request(id, 'm');
    const refused = await client.reply(3);
    await client.reply(2);
    expect(refused.error?.data).toMatchObject({
      code: 'rate-limited',
      limit: 'local.rate_limit',
      retryable: true,
    });
    expect(Number(refused.error?.data?.['retry_after_ms'])).toBeGreaterThan(900_000);
    expect(bench.under.engine.status().counters.rateLimitHits).toBe(1);
    expect(gateway.recording.requests()).toHaveLength(2);
  });

  it('refuses above max_concurrent_requests, and not at it', async () => {
    const held = deferred();
    gateway.faults.always({ kind: 'hold-reply', until: held.promise });
    const client = bench.attach({ local: { max_concurrent_requests: 2 } });
    await bench.under.until('connected', () =>
      bench.under.kinds('connection-changed').some((event) => 'to' in event && event.to === 'connected'),
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
    const client = bench.attach({ local: { max_queued_requests: 3 } });
    for (const id of [1, 2, 3, 4]) client.request(id, `m${String(id)}`);
    expect((await client.reply(4)).error?.data).toMatchObject({ code: 'queue-full', retryable: true });
    await gateway.restart();
    await client.reply(3);
    expect(gateway.recording.requests().map(({ method }) => method)).toEqual(['m1', 'm2', 'm3']);
  });

  it('drains no faster than max_concurrent_requests allows', async () => {
    await gateway.kill();
    const client = bench.attach({ local: { max_concurrent_requests: 1 } });
    for (const id of [1, 2, 3]) client.request(id, 'm');
    await bench.under.until('a failed try', () => bench.under.kinds('connection-failed').length > 0);
    await gateway.restart();
    await client.reply(3);
    expect(client.replies.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('fails what waited in vain when its deadline comes', async () => {
    await gateway.kill();
    const client = bench.attach({ local: { request_timeout_ms: 120 } });
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
    bench.attach({ local: { max_sessions: 1 } });
    const second = new StreamTestClient(bench.under.engine);
    await expect(second.left).rejects.toMatchObject({ code: 'session-limit' });
  });
});

describe('cancellation and progress', () => {
  it('forgets a request that the client cancels while it waits, and sends neither', async () => {
    await gateway.kill();
    const client = bench.attach();
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
    const client = bench.attach();
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
    const client = bench.attach({ local: { request_timeout_ms: 300 } });
    client.request(1, 'slow', { _meta: { progressToken: 'p1' } });
    expect((await client.reply(1)).result).toEqual({ done: 6 });
    expect(client.replies.filter(({ method }) => method === 'notifications/progress')).toHaveLength(6);
  });
});

describe('the lane down', () => {
  const isReply = (value: unknown): value is FunctionReply =>
    typeof value === 'object' && value !== null && 'result' in value;
  const asking: FunctionBackend = {
    kind: 'function',
    handle: (message, reply, session) => {
      const asked = session.memory.get('asked');
      if (message.method === 'ask') {
        session.memory.set('asked', reply);
        session.send({ id: 'q1', method: 'sampling/createMessage', params: { n: 1 } });
      } else if (message.method === '' && isReply(asked)) {
        asked.result({ answer: message.result });
      } else {
        reply.result({});
      }
    },
  };

  it('carries a question of the server to the client, and the answer back', async () => {
    await gateway.restart({ backend: asking, duplex: true });
    const client = bench.attach();
    client.request(1, 'ask');
    await client.until('the question', () =>
      client.replies.some(({ method }) => method === 'sampling/createMessage'),
    );
    client.send({ jsonrpc: '2.0', id: 'q1', result: { text: 'yes' } });
    expect((await client.reply(1)).result).toEqual({ answer: { text: 'yes' } });
  });

  it('drops an answer to nothing', async () => {
    const client = bench.attach();
    client.send({ jsonrpc: '2.0', id: 'q9', result: {} });
    await bench.under.until('the drop', () => bench.under.kinds('message-dropped').length === 1);
    client.request(1, 'ping');
    await client.reply(1);
    expect(gateway.recording.messages.map(({ method }) => method)).toEqual(['ping']);
  });
});
