import { afterEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import { EndpointBench } from '../support/endpoint-bench';
import { ManualClock } from '../support/manual-clock';

let bench: EndpointBench;

afterEach(() => bench.stop());

describe('the circuit breaker of an endpoint', () => {
  const advanced = {
    circuit_breaker: { failure_threshold: 2, success_threshold: 2, recovery_timeout_ms: 30_000 },
  };
  const gateway = { connection: { keepalive_interval_ms: 1_000_000, reconnect: { initial_delay_ms: 1000 } } };
  const failures = (): number => bench.under.kinds('connection-failed').length;

  it('SEC-64 leaves it alone, tries one connection when its time is up, and closes when it is well', async () => {
    bench = await EndpointBench.start(2);
    const clock = new ManualClock();
    await bench.gateway(0).kill();
    bench.open({ advanced, gateway }, { clock });
    for (let index = 0; index < 6; index += 1) await bench.attach();
    expect([failures(), bench.places]).toEqual([2, [1, 1, 1, 1, 1, 1]]);
    clock.advance(30_000);
    for (let index = 0; index < 3; index += 1) await bench.attach();
    expect(failures()).toBe(3);
    await bench.gateway(0).restart();
    await bench.attach();
    expect([failures(), bench.places.at(-1)]).toEqual([3, 1]);
    clock.advance(30_000);
    // The first one is a trial: until it has lasted, the others go elsewhere.
    await bench.attach();
    await bench.attach();
    expect(bench.places.slice(-2)).toEqual([0, 1]);
    clock.advance(1000);
    await bench.attach();
    await bench.attach();
    expect(bench.places.slice(-2)).toEqual([0, 1]);
    clock.advance(1000);
    await bench.attach();
    await bench.attach();
    expect(bench.places.slice(-2)).toEqual([0, 0]);
  });

  it('SEC-64 counts lost connections, and no client that leaves', async () => {
    bench = await EndpointBench.start(2);
    const clock = new ManualClock();
    bench.open({ advanced, gateway }, { clock });
    for (let index = 0; index < 5; index += 1) {
      const client = await bench.attach();
      client.input.end();
      await client.left;
    }
    await bench.attach();
    expect(bench.places).toEqual([0]);
    for (let index = 0; index < 2; index += 1) {
      bench.gateway(0).dropConnections();
      await bench.under.until('the loss', () => failures() > index);
      await bench.under.until('a connection', () => bench.places[0] !== -1);
      if (index === 0) await bench.attach();
    }
    await bench.attach();
    expect(bench.places.at(-1)).toBe(1);
  });

  it('SEC-64 does not take a busy endpoint or a slow answer for a failure', async () => {
    bench = await EndpointBench.start(2);
    const busy = { kind: 'refuse-upgrade', status: 503, headers: { 'Retry-After': '1' } } as const;
    bench.gateway(0).faults.next(busy, { uses: 4 });
    bench.gateway(0).faults.next({ kind: 'refuse-upgrade', status: 429 }, { uses: 2 });
    bench.open({ advanced, local: { request_timeout_ms: 5 } });
    for (let index = 0; index < 6; index += 1) await bench.attach();
    expect(bench.places).toEqual([1, 1, 1, 1, 1, 1]);
    const client = await bench.attach();
    expect(bench.places.at(-1)).toBe(0);
    const never = deferred();
    bench.gateway(0).faults.next({ kind: 'hold-reply', until: never.promise }, { uses: 5 });
    for (let index = 0; index < 5; index += 1) {
      client.request(index, `m${String(index)}`);
      expect((await client.reply(index)).error?.data).toMatchObject({ code: 'request-timeout' });
    }
    await bench.attach();
    expect(bench.places.at(-1)).toBe(0);
    never.resolve();
  });

  it('SEC-64 does not hold against an endpoint that it refuses a handshake', async () => {
    bench = await EndpointBench.start(2);
    bench.open({ advanced });
    const client = await bench.attach();
    await client.initialize();
    bench.gateway(0).faults.next({ kind: 'backend-status', status: 500 }, { uses: 3, method: 'initialize' });
    bench.gateway(1).faults.always({ kind: 'backend-status', status: 500 }, { method: 'initialize' });
    bench.gateway(0).dropConnections();
    await bench.under.until('the handshake', () => bench.under.kinds('handshake-replayed').length > 0);
    await bench.attach();
    expect(bench.places).toEqual([0, 0]);
  });
});
