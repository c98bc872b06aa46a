import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { FairTokenBucket, type RateLimit } from '../../../src/main/engine/guard/rate-limit';

vi.setConfig({ testTimeout: 30_000 });

const taken = (bucket: FairTokenBucket, client: string, now: number, times: number): number => {
  let count = 0;
  for (let index = 0; index < times; index += 1) if (bucket.take(client, now).ok) count += 1;
  return count;
};

describe('FairTokenBucket with one client', () => {
  it('admits the burst, refuses the next, and says when', () => {
    const bucket = new FairTokenBucket({ requestsPerSecond: 10, burst: 3 }, 0);
    expect(taken(bucket, 'a', 0, 3)).toBe(3);
    expect(bucket.take('a', 0)).toEqual({ ok: false, retryAfterMs: 100 });
    expect(bucket.take('a', 99).ok).toBe(false);
    expect(bucket.take('a', 100).ok).toBe(true);
  });

  it('gives nothing away when the clock is set back', () => {
    const bucket = new FairTokenBucket({ requestsPerSecond: 1, burst: 1 }, 10_000);
    expect(bucket.take('a', 10_000).ok).toBe(true);
    expect(bucket.take('a', 5000).ok).toBe(false);
    expect(bucket.take('a', 5999).ok).toBe(false);
    expect(bucket.take('a', 6000).ok).toBe(true);
  });

  it('keeps what was spent when the limit changes', () => {
    const bucket = new FairTokenBucket({ requestsPerSecond: 1, burst: 10 }, 0);
    expect(taken(bucket, 'a', 0, 10)).toBe(10);
    bucket.change({ requestsPerSecond: 1, burst: 100 }, 0);
    expect(bucket.take('a', 0).ok).toBe(false);
    bucket.change({ requestsPerSecond: 1000, burst: 1 }, 0);
    expect(bucket.take('a', 1).ok).toBe(true);
  });
});

describe('FairTokenBucket with several clients', () => {
  it('gives the whole rate to the one that asks, and all but one token for each quiet one as a burst', () => {
    const bucket = new FairTokenBucket({ requestsPerSecond: 10, burst: 20 }, 0);
    for (const client of ['a', 'b', 'c']) bucket.join(client, 0);
    expect(taken(bucket, 'a', 10_000, 100)).toBe(18);
    for (let second = 11; second < 20; second += 1) expect(taken(bucket, 'a', second * 1000, 100)).toBe(10);
    expect(bucket.take('b', 20_000).ok).toBe(true);
  });

  it('deals a new one in before the others go on, whatever they have taken', () => {
    const bucket = new FairTokenBucket({ requestsPerSecond: 10, burst: 20 }, 0);
    bucket.join('flood', 0);
    expect(taken(bucket, 'flood', 0, 100)).toBe(20);
    bucket.join('b', 0);
    taken(bucket, 'flood', 0, 100);
    expect(taken(bucket, 'flood', 1000, 100)).toBe(5);
    expect(taken(bucket, 'b', 1000, 100)).toBe(5);
  });

  it('gives what a client held to everybody when it leaves', () => {
    const bucket = new FairTokenBucket({ requestsPerSecond: 10, burst: 20 }, 0);
    for (const client of ['a', 'b']) bucket.join(client, 0);
    expect(taken(bucket, 'a', 0, 100)).toBe(10);
    bucket.leave('b');
    expect(taken(bucket, 'a', 0, 100)).toBe(10);
  });
});

type Step =
  | { readonly kind: 'ask'; readonly client: number; readonly afterMs: number; readonly times: number }
  | { readonly kind: 'leave'; readonly client: number }
  | { readonly kind: 'join'; readonly client: number }
  | { readonly kind: 'set-back'; readonly byMs: number };

const client = fc.integer({ min: 0, max: 5 });
const ask = fc.record({
  kind: fc.constant('ask' as const),
  client,
  afterMs: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 10_000 })),
  times: fc.integer({ min: 1, max: 40 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: ask },
  fc.record({ kind: fc.constantFrom('leave' as const, 'join' as const), client }),
  fc.record({ kind: fc.constant('set-back' as const), byMs: fc.integer({ min: 1, max: 5000 }) }),
);
const steps = fc.array(step, { minLength: 1, maxLength: 120 });
const limits: fc.Arbitrary<RateLimit> = fc.record({
  requestsPerSecond: fc.double({ min: 0.5, max: 200, noNaN: true }),
  burst: fc.integer({ min: 1, max: 50 }),
});

/** Plays the steps on a bucket; time is the time that truly passed, whatever the clock says. */
class Play {
  readonly admitted: number[] = [];
  private trueMs = 0;
  private offsetMs = 0;

  constructor(readonly bucket: FairTokenBucket) {}

  get now(): number {
    return this.trueMs + this.offsetMs;
  }

  pass(ms: number): void {
    this.trueMs += ms;
  }

  take(name: string): ReturnType<FairTokenBucket['take']> {
    const permit = this.bucket.take(name, this.now);
    if (permit.ok) this.admitted.push(this.trueMs);
    return permit;
  }

  perform(action: Step): void {
    switch (action.kind) {
      case 'ask':
        this.pass(action.afterMs);
        for (let index = 0; index < action.times; index += 1) this.take(String(action.client));
        return;
      case 'leave':
        this.bucket.leave(String(action.client));
        return;
      case 'join':
        this.bucket.join(String(action.client), this.now);
        return;
      case 'set-back':
        this.offsetMs -= action.byMs;
    }
  }
}

describe('SEC-68 whatever clients do', () => {
  it('all together never pass more than rate x time + burst in any span', () => {
    fc.assert(
      fc.property(limits, steps, (limit, actions) => {
        const play = new Play(new FairTokenBucket(limit, 0));
        for (const action of actions) play.perform(action);
        const { admitted } = play;
        let [least, leastAt] = [Number.POSITIVE_INFINITY, 0];
        // The worst span that ends here begins where count - rate x time was least.
        admitted.forEach((end, index) => {
          const before = index - (limit.requestsPerSecond * end) / 1000;
          if (before < least) [least, leastAt] = [before, index];
          const span = ((end - (admitted[leastAt] ?? 0)) * limit.requestsPerSecond) / 1000;
          expect(index - leastAt + 1).toBeLessThanOrEqual(span + limit.burst + 1e-6);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('the limit holds when it is changed meanwhile: never more than the largest rate x time + burst', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(limits, steps), { minLength: 2, maxLength: 4 }), (phases) => {
        const rate = Math.max(...phases.map(([{ requestsPerSecond }]) => requestsPerSecond));
        const burst = Math.max(...phases.map(([limit]) => limit.burst));
        const [[first]] = phases as [(typeof phases)[0]]; // minLength is 2
        const play = new Play(new FairTokenBucket(first, 0));
        for (const [limit, actions] of phases) {
          play.bucket.change(limit, play.now);
          for (const action of actions) play.perform(action);
        }
        const { admitted } = play;
        const last = admitted.at(-1) ?? 0;
        expect(admitted.length).toBeLessThanOrEqual((rate * last) / 1000 + burst + 1e-6);
      }),
      { numRuns: 200 },
    );
  });

  it('a client that was refused and comes back when it was told to passes, if each can have a token', () => {
    const generous = limits.map((limit) => ({ ...limit, burst: Math.max(7, limit.burst) }));
    fc.assert(
      fc.property(generous, steps, steps, (limit, before, meanwhile) => {
        const play = new Play(new FairTokenBucket(limit, 0));
        for (const action of before) play.perform(action);
        const permit = play.take('victim');
        if (permit.ok) return;
        // Nobody waits longer than a round in which each of the others has a token first.
        expect(permit.retryAfterMs).toBeLessThanOrEqual((7 / limit.requestsPerSecond) * 1000 + 1e-6);
        let leftMs = permit.retryAfterMs + 1e-6;
        for (const action of meanwhile) {
          if (action.kind === 'set-back') continue;
          const afterMs = action.kind === 'ask' ? Math.min(action.afterMs, leftMs) : 0;
          leftMs -= afterMs;
          play.perform(action.kind === 'ask' ? { ...action, afterMs } : action);
        }
        play.pass(leftMs);
        expect(play.take('victim').ok).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('a client that keeps asking passes within a bounded time even where there are fewer tokens than clients', () => {
    const tight = limits.map((limit) => ({ ...limit, burst: Math.min(3, limit.burst) }));
    fc.assert(
      fc.property(tight, fc.array(ask, { minLength: 1, maxLength: 60 }), (limit, others) => {
        const play = new Play(new FairTokenBucket(limit, 0));
        const roundMs = (7 / limit.requestsPerSecond) * 1000;
        const boundMs = 7 * (Math.max(1000, 2 * roundMs) + roundMs);
        let waitedMs = 0;
        for (let turn = 0; waitedMs <= boundMs; turn += 1) {
          const other = others[turn % others.length];
          if (other !== undefined) play.perform({ ...other, afterMs: 0 });
          if (play.take('victim').ok) return;
          // Who stays away for longer than a round or two is not waiting any more.
          const pauseMs = Math.min(1000, Math.max(1, other?.afterMs ?? 1));
          play.pass(pauseMs);
          waitedMs += pauseMs;
        }
        throw new Error('starved');
      }),
      { numRuns: 300 },
    );
  });

  it('of n clients that ask all the time each gets an nth', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 2, max: 6 }), (limit, clients) => {
        const bucket = new FairTokenBucket(limit, 0);
        const counts = new Array<number>(clients).fill(0);
        // A little more than a quarter, so that four of them are a token for certain.
        const stepMs = 1000.001 / limit.requestsPerSecond / 4;
        const rounds = 60;
        for (let index = 0; index < rounds * clients * 4; index += 1) {
          // The first one asks twenty times as often as the others, and always before them.
          counts[0] = (counts[0] ?? 0) + taken(bucket, '0', index * stepMs, 20);
          for (let other = 1; other < clients; other += 1) {
            counts[other] = (counts[other] ?? 0) + taken(bucket, String(other), index * stepMs, 1);
          }
        }
        // The burst at the beginning is whose it is; after it a round gives each one token.
        for (const count of counts) expect(count).toBeGreaterThanOrEqual(rounds - limit.burst / clients - 2);
      }),
      { numRuns: 20 },
    );
  });
});
