import { describe, expect, it } from 'vitest';

import type { Rejection } from '../../../src/main/engine/gateway/transports/transport';
import { notificationLine, requestLine, RouterBench, settled } from '../../support/router-bench';

const cancel = (id: number): Buffer =>
  notificationLine('notifications/cancelled', `{"requestId":${String(id)}}`);
const later = (retryAfterMs: number): Rejection => ({
  cause: { code: 'gateway-unreachable', detail: 'HTTP status 503' },
  retryAfterMs,
});
const never: Rejection = { cause: { code: 'auth-failed', detail: 'HTTP status 401' }, retryAfterMs: null };

describe('a request that the other side did not process', () => {
  it('is sent again after the time that it asked for, and nothing is sent before', async () => {
    const bench = new RouterBench();
    const { door, session } = await bench.attach();
    const wire = bench.wire.now;
    session.takeLine(requestLine(1, 'first'));
    wire.reject(later(5000));
    session.takeLine(requestLine(2, 'second'));
    bench.clock.advance(4999);
    expect(wire.methods).toEqual(['first']);
    bench.clock.advance(1);
    expect(wire.methods).toEqual(['first', 'first', 'second']);
    wire.say({ id: 1, result: {} });
    wire.say({ id: 2, result: {} });
    expect(door.outcomes).toEqual([
      ['1', undefined],
      ['2', undefined],
    ]);
  });

  it('keeps its place among those that come back with it', async () => {
    const bench = new RouterBench();
    const { session } = await bench.attach();
    const wire = bench.wire.now;
    for (const id of [1, 2, 3]) session.takeLine(requestLine(id, `m${String(id)}`));
    const [first, second, third] = wire.sent;
    wire.reject(later(100), second);
    session.takeLine(notificationLine('n4'));
    wire.reject(later(100), third);
    wire.reject(later(100), first);
    bench.clock.advance(100);
    expect(wire.methods.slice(3)).toEqual(['m1', 'm2', 'm3', 'n4']);
  });

  it('fails with the reason when sending it again is pointless', async () => {
    const bench = new RouterBench();
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1));
    bench.wire.now.reject(never);
    expect(door.outcomes).toEqual([['1', 'auth-failed']]);
    expect(session.inFlight).toBe(0);
  });

  it('fails at its deadline, which waiting does not extend', async () => {
    const bench = new RouterBench({ local: { request_timeout_ms: 1000 } });
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1));
    bench.clock.advance(600);
    bench.wire.now.reject(later(10_000));
    bench.clock.advance(400);
    expect(door.outcomes).toEqual([['1', 'gateway-unreachable']]);
    bench.clock.advance(20_000);
    expect(bench.wire.now.methods).toEqual(['m']);
  });

  it('is forgotten when it was answered, cancelled or expired already', async () => {
    const bench = new RouterBench();
    const { door, session } = await bench.attach();
    const wire = bench.wire.now;
    session.takeLine(requestLine(1));
    const [message] = wire.sent;
    wire.say({ id: 1, result: {} });
    wire.reject(later(10), message);
    wire.reject(never, message);
    bench.clock.advance(1000);
    expect(wire.methods).toEqual(['m']);
    expect(door.lines).toHaveLength(1);
  });

  it('leaves its slot to another client meanwhile', async () => {
    const bench = new RouterBench({ local: { max_concurrent_requests: 1 } });
    const first = await bench.attach();
    const firstWire = bench.wire.now;
    first.session.takeLine(requestLine(1, 'first'));
    const second = await bench.attach();
    const secondWire = bench.wire.now;
    // Refused rather than queued when it comes while the lane is clear; so the lane is lost for a moment.
    secondWire.lose();
    second.session.takeLine(requestLine(1, 'second'));
    await bench.reconnect();
    expect(bench.wire.now.methods).toEqual([]);
    firstWire.reject(later(5000));
    expect(bench.wire.now.methods).toEqual(['second']);
  });

  it('and is an initialize is not remembered as one that succeeded', async () => {
    const bench = new RouterBench();
    const { session } = await bench.attach();
    session.takeLine(requestLine(1, 'initialize'));
    bench.wire.now.reject(never);
    session.takeLine(requestLine(1, 'other'));
    bench.wire.now.say({ id: 1, result: {} });
    bench.wire.now.lose();
    await bench.reconnect();
    expect(bench.wire.now.methods).toEqual([]);
  });

  it('does not outlive its session', async () => {
    const bench = new RouterBench({ local: { drain_timeout_ms: 0 } });
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1));
    bench.wire.now.reject(later(30_000));
    const closing = bench.router.closeSession(session);
    bench.clock.advance(0);
    await closing;
    expect(door.outcomes).toEqual([['1', 'shutting-down']]);
    expect(bench.clock.waiting).toBe(0);
  });
});

describe('an id whose reply is still to come', () => {
  it.each([
    [
      'expired',
      (bench: RouterBench) => {
        bench.clock.advance(1000);
      },
    ],
    [
      'was cancelled',
      (_bench: RouterBench, take: (line: Buffer) => void) => {
        take(cancel(1));
      },
    ],
  ])('of a request that %s cannot be used, so that no reply is taken for another', async (_what, giveUp) => {
    const bench = new RouterBench({ local: { request_timeout_ms: 1000 } });
    const { door, session } = await bench.attach();
    const wire = bench.wire.now;
    session.takeLine(requestLine(1, 'old'));
    giveUp(bench, (line) => {
      session.takeLine(line);
    });
    const before = door.lines.length;
    session.takeLine(requestLine(1, 'new'));
    expect(door.outcomes.slice(before)).toEqual([['1', 'invalid-request']]);
    wire.say({ id: 1, result: { of: 'old' } });
    expect(door.lines).toHaveLength(before + 1);
    session.takeLine(requestLine(1, 'newest'));
    wire.say({ id: 1, result: { of: 'newest' } });
    expect(door.lines.at(-1)).toContain('newest');
    expect(wire.methods.filter((method) => !method.startsWith('notifications/'))).toEqual(['old', 'newest']);
  });

  it('is free at once when the connection is gone, or the request was never sent', async () => {
    const bench = new RouterBench({ local: { request_timeout_ms: 1000 } });
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1, 'old'));
    bench.clock.advance(1000);
    bench.wire.now.lose();
    session.takeLine(requestLine(1, 'queued'));
    session.takeLine(cancel(1));
    session.takeLine(requestLine(1, 'new'));
    await bench.reconnect();
    bench.wire.now.say({ id: 1, result: {} });
    expect(bench.wire.now.methods).toEqual(['new']);
    expect(door.outcomes).toEqual([
      ['1', 'request-timeout'],
      ['1', undefined],
    ]);
  });
});

describe('deadlines', () => {
  it('do not care what the clock is set to', async () => {
    const bench = new RouterBench({ local: { request_timeout_ms: 1000 } });
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1));
    bench.clock.set(86_400_000);
    bench.clock.advance(999);
    expect(door.lines).toEqual([]);
    bench.clock.set(-2 * 86_400_000);
    bench.clock.advance(1);
    expect(door.outcomes).toEqual([['1', 'request-timeout']]);
  });

  it('tell how long a request took, and never less than nothing', async () => {
    const bench = new RouterBench({});
    const { session } = await bench.attach();
    session.takeLine(requestLine(1));
    bench.clock.set(-3_600_000);
    bench.wire.now.say({ id: 1, result: {} });
    const settled = bench.facts.filter((fact) => fact.kind === 'request-settled');
    expect(settled.map(({ durationMs }) => durationMs)).toEqual([0]);
  });

  it('are extended by progress on the right request only', async () => {
    const bench = new RouterBench({ local: { request_timeout_ms: 1000 } });
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1, 'a', '{"_meta":{"progressToken":"t"}}'));
    session.takeLine(requestLine(2, 'b', '{"_meta":{"progressToken":2}}'));
    bench.clock.advance(900);
    bench.wire.now.say({ method: 'notifications/progress', params: { progressToken: 't', progress: 1 } });
    bench.wire.now.say({ method: 'notifications/progress', params: { progressToken: '2', progress: 1 } });
    bench.clock.advance(100);
    expect(door.outcomes.filter(([id]) => id !== undefined)).toEqual([['2', 'request-timeout']]);
    bench.clock.advance(900);
    expect(door.outcomes.at(-1)).toEqual(['1', 'request-timeout']);
  });

  it('survive that another request took over the progress token', async () => {
    const bench = new RouterBench({ local: { request_timeout_ms: 1000 } });
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1, 'a', '{"_meta":{"progressToken":"t"}}'));
    session.takeLine(requestLine(2, 'b', '{"_meta":{"progressToken":"t"}}'));
    bench.wire.now.say({ id: 1, result: {} });
    bench.clock.advance(900);
    bench.wire.now.say({ method: 'notifications/progress', params: { progressToken: 't', progress: 1 } });
    bench.clock.advance(900);
    bench.wire.now.say({ id: 2, result: {} });
    expect(door.outcomes.filter(([id]) => id === '2')).toEqual([['2', undefined]]);
  });
});

describe('notifications', () => {
  it('spend tokens of the rate limit; only the one that an accepted initialize waits for is exempt, and once', async () => {
    const bench = new RouterBench({ local: { rate_limit: { requests_per_second: 0.001, burst: 2 } } });
    const { door, session } = await bench.attach();
    const initialized = notificationLine('notifications/initialized');
    session.takeLine(requestLine(1, 'initialize'));
    session.takeLine(notificationLine('n'));
    session.takeLine(notificationLine('dropped'));
    session.takeLine(initialized);
    session.takeLine(initialized);
    session.takeLine(requestLine(2, 'initialize'));
    session.takeLine(initialized);
    expect(bench.wire.now.methods).toEqual(['initialize', 'n', 'notifications/initialized']);
    expect(door.outcomes).toEqual([['2', 'rate-limited']]);
  });

  it('are dropped in silence where they cannot be sent', async () => {
    const bench = new RouterBench({
      local: { max_queued_requests: 1 },
      gateway: { auth: { type: 'none' }, max_message_bytes: 1024 },
    });
    const { door, session } = await bench.attach();
    session.takeLine(notificationLine('large', `"${'x'.repeat(1024)}"`));
    bench.wire.now.lose();
    session.takeLine(notificationLine('queued'));
    session.takeLine(notificationLine('above the limit'));
    await session.switchOff();
    session.takeLine(notificationLine('off'));
    expect(door.lines).toEqual([]);
    const dropped = bench.facts.flatMap((fact) => (fact.kind === 'message-dropped' ? [fact.reason] : []));
    expect(dropped).toEqual(['larger than gateway.max_message_bytes', 'the queue is full', 'not connected']);
  });
});

describe('a session', () => {
  it('is told apart by the name that the client claims, without what could harm a log or a screen', async () => {
    const bench = new RouterBench();
    const { session } = await bench.attach();
    const claim = (name: string): void => {
      session.takeLine(requestLine(name, 'initialize', JSON.stringify({ clientInfo: { name } })));
    };
    claim('Cl\u001b[31maude\u202e\nDesktop');
    expect(session.status().clientName).toBe('Cl[31maudeDesktop');
    claim(`${'x'.repeat(79)}𝄞`);
    expect(session.status().clientName).toBe('x'.repeat(79));
    claim('\u0000');
    expect(session.status().clientName).toBe('x'.repeat(79));
  });

  it('leaves no timer behind', async () => {
    const bench = new RouterBench();
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1));
    bench.wire.now.lose();
    session.takeLine(requestLine(2));
    const closing = bench.router.closeSession(session);
    await bench.reconnect();
    bench.wire.now.say({ id: 2, result: {} });
    await closing;
    expect(door.hasEnded).toBe(true);
    expect(door.outcomes).toEqual([
      ['1', 'gateway-lost'],
      ['2', undefined],
    ]);
    expect(bench.clock.waiting).toBe(0);
  });

  it('stops the gateway while the client does not read, and lets it go on', async () => {
    const bench = new RouterBench();
    const { door, session } = await bench.attach();
    session.takeLine(requestLine(1));
    door.isCongested = true;
    bench.wire.now.say({ id: 1, result: {} });
    expect(bench.wire.now.isPaused).toBe(true);
    session.clientDrained();
    expect(bench.wire.now.isPaused).toBe(false);
  });

  it('stops the client while the gateway does not read, and sends what waits in order afterwards', async () => {
    const bench = new RouterBench();
    const { door, session } = await bench.attach();
    bench.wire.now.lose();
    for (const id of [1, 2, 3]) session.takeLine(requestLine(id, `m${String(id)}`));
    const dialled = bench.reconnect();
    await dialled;
    const wire = bench.wire.now;
    expect(wire.methods).toEqual(['m1', 'm2', 'm3']);
    wire.isCongested = true;
    session.takeLine(requestLine(4, 'm4'));
    expect(door.isInputPaused).toBe(true);
    wire.isCongested = false;
    wire.handlers.onDrain();
    expect(door.isInputPaused).toBe(false);
    await settled();
    expect(wire.methods).toEqual(['m1', 'm2', 'm3', 'm4']);
  });
});
