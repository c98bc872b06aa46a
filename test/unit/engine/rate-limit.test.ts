import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TokenBucket } from '../../../src/main/engine/guard/rate-limit';

describe('TokenBucket', () => {
  it('admits the burst, refuses the next, and says when', () => {
    const bucket = new TokenBucket({ requestsPerSecond: 10, burst: 3 }, 0);
    for (let index = 0; index < 3; index += 1) expect(bucket.take(0)).toEqual({ ok: true });
    expect(bucket.take(0)).toEqual({ ok: false, retryAfterMs: 100 });
    expect(bucket.take(99).ok).toBe(false);
    expect(bucket.take(100).ok).toBe(true);
  });

  it('never admits more than rate x time + burst in any span', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 200, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        gaps,
        (rate, burst, steps) => {
          const bucket = new TokenBucket({ requestsPerSecond: rate, burst }, 0);
          const admitted: number[] = [];
          let now = 0;
          for (const gap of steps) {
            now += gap;
            if (bucket.take(now).ok) admitted.push(now);
          }
          admitted.forEach((start, first) => {
            admitted.slice(first).forEach((end, index) => {
              expect(index + 1).toBeLessThanOrEqual((rate * (end - start)) / 1000 + burst + 1e-6);
            });
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives nothing away when the clock is set back', () => {
    const bucket = new TokenBucket({ requestsPerSecond: 1, burst: 1 }, 10_000);
    expect(bucket.take(10_000).ok).toBe(true);
    expect(bucket.take(5000).ok).toBe(false);
    expect(bucket.take(5999).ok).toBe(false);
    expect(bucket.take(6000).ok).toBe(true);
  });

  it('keeps what was spent when the limit changes', () => {
    const bucket = new TokenBucket({ requestsPerSecond: 1, burst: 10 }, 0);
    for (let index = 0; index < 10; index += 1) bucket.take(0);
    bucket.change({ requestsPerSecond: 1, burst: 100 }, 0);
    expect(bucket.take(0).ok).toBe(false);
    bucket.change({ requestsPerSecond: 1000, burst: 1 }, 0);
    expect(bucket.take(1).ok).toBe(true);
  });
});
