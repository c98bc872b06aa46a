import { describe, expect, it } from 'vitest';

import { TrafficSeries } from '../../../src/main/compose/traffic-series';
import type { RouterEvent, RouterFact } from '../../../src/shared/model/events';

const START = 1_772_443_800_000;

/** A series with a clock that the test moves. */
class Bench {
  now = START;
  readonly series = new TrafficSeries(() => this.now);
  private sequence = 0;

  tell(fact: RouterFact): void {
    this.sequence += 1;
    const event: RouterEvent = { ...fact, sequence: this.sequence, at: this.now };
    this.series.note(event);
  }

  answer(durationMs: number, outcome: 'result' | 'error' = 'result'): void {
    const sizes = { requestBytes: 1, replyBytes: 1 };
    this.tell({
      kind: 'request-settled',
      session: 's1',
      method: 'ping',
      tool: null,
      outcome,
      durationMs,
      ...sizes,
    });
  }

  refuse(): void {
    this.tell({ kind: 'request-refused', session: 's1', code: 'rate-limited', detail: '' });
  }

  /** The requests of each step, the newest last; steps without any are left out. */
  get busySteps(): readonly number[] {
    return this.series.report().steps.flatMap(({ requests }) => (requests === 0 ? [] : [requests]));
  }
}

describe('the traffic of the last minutes', () => {
  it('is told in whole steps of the same number, without the one that is under way', () => {
    const bench = new Bench();
    bench.answer(10);
    expect(bench.busySteps).toEqual([]);
    bench.now += 2000;
    bench.answer(10);
    bench.answer(10);
    bench.now += 2000;
    expect(bench.busySteps).toEqual([1, 2]);
    const { steps, stepMs, total } = bench.series.report();
    expect([steps.length * stepMs, steps.at(-1)?.requests, total.requests]).toEqual([300_000, 2, 3]);
  });

  it('forgets what is older than the last step', () => {
    const bench = new Bench();
    bench.answer(10);
    bench.now += 300_000;
    expect(bench.busySteps).toEqual([1]);
    bench.now += 2000;
    expect(bench.busySteps).toEqual([]);
    expect(bench.series.report().total).toEqual({ requests: 0, failures: 0, p50Ms: null, p95Ms: null });
  });

  it('counts failures and refusals, but takes the latency from answers alone', () => {
    const bench = new Bench();
    bench.answer(10);
    bench.answer(10, 'error');
    bench.refuse();
    bench.now += 2000;
    const { total } = bench.series.report();
    expect([total.requests, total.failures]).toEqual([3, 2]);
    expect(total.p50Ms).toBeCloseTo(10, 0);
  });

  it.each([0.07, 0.5, 3, 12, 250, 4000, 59_000])('tells a latency of %d ms within 5 %', (latency) => {
    const bench = new Bench();
    bench.answer(latency);
    bench.now += 2000;
    const told = bench.series.report().total.p95Ms ?? 0;
    expect(Math.abs(told / latency - 1)).toBeLessThan(0.05);
  });

  it('tells the median and what 95 of 100 answers do not exceed', () => {
    const bench = new Bench();
    for (let count = 0; count < 95; count += 1) bench.answer(10);
    for (let count = 0; count < 5; count += 1) bench.answer(1000);
    bench.now += 2000;
    const { total } = bench.series.report();
    expect([Math.round(total.p50Ms ?? 0), Math.round(total.p95Ms ?? 0)]).toEqual([10, 10]);
    bench.answer(1000);
    bench.now += 2000;
    expect(bench.series.report().total.p95Ms).toBeGreaterThan(900);
  });

  it.each([-3_600_000, 3_600_000])('starts anew when the clock jumps by %d ms, and counts on', (jumpMs) => {
    const bench = new Bench();
    bench.answer(10);
    bench.now += jumpMs;
    bench.answer(10);
    bench.answer(10);
    bench.now += 2000;
    expect(bench.busySteps).toEqual([2]);
  });

  it('takes durations that no clock should give', () => {
    const bench = new Bench();
    for (const duration of [0, -1, Number.MAX_SAFE_INTEGER]) bench.answer(duration);
    bench.now += 2000;
    expect(bench.series.report().total.requests).toBe(3);
  });

  it('says since when the router has been running, and when it has stopped', () => {
    const bench = new Bench();
    expect(bench.series.report().startedAt).toBeNull();
    bench.tell({ kind: 'engine-started' });
    bench.now += 5000;
    expect(bench.series.report().startedAt).toBe(START);
    bench.tell({ kind: 'engine-stopped' });
    expect(bench.series.report().startedAt).toBeNull();
  });
});
