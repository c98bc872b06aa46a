import { describe, expect, it } from 'vitest';
import { linePath, stepsPath } from '../../src/renderer/sparkline';
import { latencyWords, trafficView } from '../../src/renderer/traffic-view';
import type { TrafficReport, TrafficStep } from '../../src/shared/model/traffic';

const step = (requests: number, p50Ms: number | null = null, p95Ms: number | null = null): TrafficStep => ({
  requests,
  failures: 0,
  p50Ms,
  p95Ms,
});

function reportOf(steps: readonly TrafficStep[], total: TrafficStep): TrafficReport {
  return { startedAt: 0, stepMs: 2000, steps, total };
}

describe('the pictures', () => {
  it('fill steps from the ground up', () => {
    expect(stepsPath([0, 2, 1], 2)).toBe('M0 44V44H100V2H200V23H300V44Z');
    expect(stepsPath([0, 0], 0)).toBe('M0 44V44H150V44H300V44Z');
  });

  it('leave a gap where nothing is known, and a dot where one value stands alone', () => {
    expect(linePath([null, 1, null, 2, 2], 2)).toBe('M90 23h0M210 2h0L270 2');
    expect(linePath([null, null], 0)).toBe('');
  });
});

describe('the words of the charts', () => {
  it.each([
    [null, ''],
    [0.4, '< 1 ms'],
    [3.26, '3.3 ms'],
    [12.4, '12 ms'],
    [999, '999 ms'],
    [1740, '1.7 s'],
  ])('a latency of %s is "%s"', (ms, words) => {
    expect(latencyWords(ms)).toBe(words);
  });

  it('take the rate of the last ten seconds, and the range of all', () => {
    const steps = [step(40), ...Array.from({ length: 9 }, () => step(0)), step(10)];
    const view = trafficView(reportOf(steps, step(50)), true);
    if (view.kind !== 'busy') throw new Error('it is quiet');
    expect(view.rate.value).toBe('1/s');
    expect(view.rate.notes).toEqual(['Between 0 and 20 a second', '50 requests']);
    expect(view.latency.notes).toEqual(['No answers in this time']);
  });

  it('tell nothing yet from nothing lately', () => {
    const steps = Array.from({ length: 150 }, () => step(0));
    expect(trafficView(reportOf(steps, step(0)), false)).toEqual({ kind: 'quiet', title: 'No requests yet' });
    expect(trafficView(reportOf(steps, step(0)), true)).toEqual({
      kind: 'quiet',
      title: 'No requests in the last 5 minutes',
    });
  });
});
