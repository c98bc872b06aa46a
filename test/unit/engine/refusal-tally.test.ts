import { describe, expect, it } from 'vitest';

import { RefusalTally } from '../../../src/main/engine/listeners/refusal-tally';
import type { RouterFact } from '../../../src/shared/model/events';
import { ManualClock } from '../../support/manual-clock';

function setUp(): { told: RouterFact[]; clock: ManualClock; tally: RefusalTally } {
  const clock = new ManualClock();
  const told: RouterFact[] = [];
  return { told, clock, tally: new RefusalTally('http', clock, (fact) => told.push(fact)) };
}
const refused = (reason: string, times: number): object => ({
  kind: 'local-client-refused',
  door: 'http',
  reason,
  times,
});

describe('SEC-99 who is turned away', () => {
  it('is told at once, and those that follow once a second, with none lost', () => {
    const { told, clock, tally } = setUp();
    for (let index = 0; index < 10_000; index += 1) tally.note('host');
    expect(told).toEqual([refused('host', 1)]);
    clock.advance(999);
    expect(told).toHaveLength(1);
    clock.advance(1);
    expect(told[1]).toEqual(refused('host', 9999));
    tally.note('host');
    clock.advance(1000);
    expect(told[2]).toEqual(refused('host', 1));
    clock.advance(10_000);
    expect(told).toHaveLength(3);
    expect(clock.waiting).toBe(0);
  });

  it('is told apart by reason', () => {
    const { told, tally } = setUp();
    tally.note('origin');
    tally.note('token');
    expect(told).toEqual([refused('origin', 1), refused('token', 1)]);
  });

  it('is told when the door closes, and no timer stays', () => {
    const { told, clock, tally } = setUp();
    tally.note('token');
    tally.note('token');
    tally.close();
    expect(told).toEqual([refused('token', 1), refused('token', 1)]);
    expect(clock.waiting).toBe(0);
  });
});
