import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { decideSlot, type ClientLoad } from '../../../src/main/engine/guard/fair-slots';

vi.setConfig({ testTimeout: 30_000 });

const load = (inFlight: number, waiting = 0): ClientLoad => ({ inFlight, waiting });

describe('decideSlot', () => {
  it.each([
    ['alone, below the limit', [3, load(2), []], 'go'],
    ['alone, at the limit', [3, load(3), []], 'refuse'],
    ['alone, nothing allowed but one', [1, load(0), []], 'go'],
    ['all but one slot, beside a quiet client', [10, load(8), [load(0)]], 'go'],
    ['the slot of a quiet client', [10, load(9), [load(0)]], 'refuse'],
    ['the last slot, where there are few', [3, load(2), [load(0)]], 'go'],
    ['the first request of a client, beside one that has all others', [10, load(0), [load(9)]], 'go'],
    ['below its share, and nothing free', [10, load(1), [load(9)]], 'wait'],
    ['at its share, and nothing free', [10, load(5), [load(5)]], 'refuse'],
    ['above its share, while somebody below it waits', [10, load(6), [load(2, 1)]], 'refuse'],
    ['above its share, while somebody above it waits', [12, load(5), [load(6, 1)]], 'go'],
    ['more clients than slots', [1, load(0), [load(0, 1), load(1)]], 'wait'],
  ] as const)('%s', (_name, [limit, mine, others], expected) => {
    expect(decideSlot(limit, mine, others)).toBe(expected);
  });
});

type Step =
  { readonly kind: 'ask'; readonly client: number } | { readonly kind: 'reply'; readonly client: number };

/** Clients in front of one limit, as the router serves them. */
class Play {
  readonly inFlight: number[];
  readonly waiting: number[];

  constructor(
    readonly limit: number,
    readonly clients: number,
  ) {
    this.inFlight = new Array<number>(clients).fill(0);
    this.waiting = new Array<number>(clients).fill(0);
  }

  get total(): number {
    return this.inFlight.reduce((sum, count) => sum + count, 0);
  }

  decide(client: number): ReturnType<typeof decideSlot> {
    const loads = this.inFlight.map((inFlight, index) => load(inFlight, this.waiting[index]));
    const others = loads.filter((_load, index) => index !== client);
    return decideSlot(this.limit, loads[client] ?? load(0), others);
  }

  ask(client: number): void {
    const decision = (this.waiting[client] ?? 0) > 0 ? 'wait' : this.decide(client);
    if (decision === 'go') this.add(this.inFlight, client, 1);
    if (decision === 'wait') this.add(this.waiting, client, 1);
  }

  reply(client: number): void {
    if ((this.inFlight[client] ?? 0) === 0) return;
    this.add(this.inFlight, client, -1);
    this.serve();
  }

  serve(): void {
    const turns = [...this.inFlight.keys()].sort(
      (one, other) => (this.inFlight[one] ?? 0) - (this.inFlight[other] ?? 0),
    );
    for (const client of turns) {
      while ((this.waiting[client] ?? 0) > 0 && this.decide(client) === 'go') {
        this.add(this.waiting, client, -1);
        this.add(this.inFlight, client, 1);
      }
    }
  }

  private add(counts: number[], client: number, by: number): void {
    counts[client] = (counts[client] ?? 0) + by;
  }
}

describe('SEC-68 whatever clients do', () => {
  const client = fc.nat({ max: 4 });
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('ask' as const, 'reply' as const),
    client,
  });
  const plays = fc.record({
    limit: fc.integer({ min: 1, max: 24 }),
    clients: fc.integer({ min: 1, max: 5 }),
    steps: fc.array(step, { maxLength: 300 }),
  });

  it('never more than the limit are in flight, and a free slot waits for nobody who could have it', () => {
    fc.assert(
      fc.property(plays, ({ limit, clients, steps }) => {
        const play = new Play(limit, clients);
        for (const action of steps) {
          play[action.kind](action.client % clients);
          expect(play.total).toBeLessThanOrEqual(limit);
          const quiet = play.inFlight.filter((count) => count === 0).length;
          const isWaiting = play.waiting.some((count) => count > 0);
          // Slots that stay free while somebody waits are kept for the first requests of others.
          if (isWaiting) expect(limit - play.total).toBeLessThanOrEqual(limit >= 2 * clients ? quiet : 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a client that floods leaves a slot for the first request of each other one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 20 }), (clients, more) => {
        const play = new Play(2 * clients + more, clients);
        for (let index = 0; index < 100; index += 1) play.ask(0);
        for (let other = 1; other < clients; other += 1) expect(play.decide(other)).toBe('go');
      }),
    );
  });

  it('n clients that always ask have an equal part each, once the requests of before are answered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(), { maxLength: 60 }),
        (limit, clients, replies) => {
          const play = new Play(limit, clients);
          for (let index = 0; index < 100; index += 1) play.ask(0);
          for (const pick of [...replies, ...Array.from({ length: 10 * limit }, (_unused, index) => index)]) {
            for (let index = 0; index < 3; index += 1) play.ask(0);
            for (let other = 1; other < clients; other += 1) play.ask(other);
            // Whoever has most gets its replies; the others' are still being worked on.
            const most = play.inFlight.indexOf(Math.max(...play.inFlight));
            play.reply(pick % 2 === 0 ? most : pick % clients);
            expect(play.total).toBeLessThanOrEqual(limit);
          }
          const share = Math.floor(limit / clients);
          for (const count of play.inFlight) expect(count).toBeGreaterThanOrEqual(Math.max(0, share - 1));
        },
      ),
      { numRuns: 200 },
    );
  });
});
