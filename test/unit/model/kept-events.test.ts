import { describe, expect, it } from 'vitest';

import type { RouterEvent, RouterFact } from '../../../src/shared/model/events';
import { keptEvents } from '../../../src/shared/model/kept-events';

const limited: RouterFact = {
  kind: 'rate-limited',
  session: 's1',
  limit: 'local.rate_limit',
  retryAfterMs: 1,
};
const alert: RouterFact = { kind: 'alert-raised', rule: 'request_rate', count: 1 };
const events = (facts: readonly RouterFact[]): readonly RouterEvent[] =>
  facts.map((fact, index) => ({ ...fact, sequence: index, at: index }));
const many = (fact: RouterFact, count: number): readonly RouterFact[] =>
  Array.from({ length: count }, () => fact);

describe('the events that are kept', () => {
  it('are all of them while there is room', () => {
    const few = events(many(limited, 10));
    expect(keptEvents(few, 10)).toBe(few);
  });

  it('are the newest, in order', () => {
    const kept = keptEvents(events(many(limited, 50)), 10);
    expect(kept.map(({ sequence }) => sequence)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
  });

  it('hold the one alert, however often a limit was hit after it', () => {
    const kept = keptEvents(events([alert, ...many(limited, 5000)]), 500);
    expect(kept[0]?.kind).toBe('alert-raised');
    expect(kept).toHaveLength(500);
  });

  it('are never more than allowed, whatever comes', () => {
    const kinds: readonly RouterFact[] = [
      limited,
      alert,
      { kind: 'engine-started' },
      { kind: 'engine-stopped' },
    ];
    for (let seed = 1; seed < 200; seed += 1) {
      const facts = kinds.flatMap((fact, index) => many(fact, (seed * (index + 3) * 7) % 90));
      const kept = keptEvents(events(facts), 50);
      expect(kept.length).toBeLessThanOrEqual(50);
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(facts.length, 50 - kinds.length));
    }
  });
});
