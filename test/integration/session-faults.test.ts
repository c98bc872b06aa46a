import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import { writeEnvelope } from '../support/gateway/envelope';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

describe('what the gateway gets wrong', () => {
  it.each([
    ['duplicate-reply', { kind: 'duplicate-reply' }],
    ['unknown-id', { kind: 'unknown-id' }],
    ['null-id-error', { kind: 'null-id-error' }],
    ['bare-reply', { kind: 'bare-reply' }],
  ] as const)('%s: still exactly one reply', async (_name, fault) => {
    gateway.faults.next(fault);
    const client = bench.attach();
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
    const client = bench.attach({ local: { request_timeout_ms: 150 } });
    client.request(1, 'a');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'request-timeout', retryable: false });
    expect(bench.under.kinds('message-dropped')).toHaveLength(1);
  });

  it('a payload that is no message fails the request that its envelope names', async () => {
    gateway.faults.next({ kind: 'broken-envelope', text: '{"id":1,"mcp_payload":{"id":1,"result":{}}}' });
    const client = bench.attach();
    client.request(1, 'a');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-misbehaved' });
  });

  it('a frame above the limit breaks the connection, and the request says so', async () => {
    gateway.faults.next({ kind: 'oversized-frame', bytes: 1024 * 1024 + 1 });
    const client = bench.attach();
    client.request(1, 'a');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-lost' });
    client.request(2, 'b');
    expect((await client.reply(2)).result).toBeDefined();
  });

  it('a reply to a request that still waits here settles nothing', async () => {
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    await gateway.kill();
    const client = bench.attach({ local: { max_concurrent_requests: 1 } });
    client.request(1, 'a');
    client.request(2, 'b');
    await gateway.restart();
    await gateway.until('the first', ({ recording }) => recording.requests().length === 1);
    gateway.broadcast(writeEnvelope('2', '{"jsonrpc":"2.0","id":2,"result":"forged"}', new Date()));
    await bench.under.until('the drop', () => bench.under.kinds('message-dropped').length === 1);
    held.resolve();
    expect((await client.reply(2)).result).toEqual({ method: 'b', params: {} });
    expect(client.replies.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('a null result whose reply has its id on the envelope only is made whole', async () => {
    gateway.faults.next({
      kind: 'broken-envelope',
      text: '{"id":1,"mcp_payload":{"jsonrpc":"2.0","id":null}}',
    });
    const client = bench.attach();
    client.request(1, 'a');
    expect(await client.reply(1)).toEqual({ jsonrpc: '2.0', id: 1, result: null });
  });

  it('a reply after the deadline reaches nobody', async () => {
    const held = deferred();
    gateway.faults.next({ kind: 'hold-reply', until: held.promise });
    const client = bench.attach({ local: { request_timeout_ms: 100 } });
    client.request(1, 'slow');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'request-timeout' });
    held.resolve();
    client.request(2, 'next');
    await client.reply(2);
    expect(client.replies.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('a gateway that answers no ping is left, and found again', async () => {
    gateway.faults.always({ kind: 'no-pong' });
    const client = bench.attach({
      gateway: {
        auth: { type: 'none' },
        connection: { keepalive_interval_ms: 20, pong_timeout_ms: 60, reconnect: { initial_delay_ms: 5 } },
      },
    });
    await bench.under.until('the loss', () =>
      bench.under.events.some((event) => event.kind === 'connection-failed' && event.detail.includes('ping')),
    );
    gateway.faults.clear();
    client.request(1, 'a');
    expect((await client.reply(1)).result).toBeDefined();
  });
});
