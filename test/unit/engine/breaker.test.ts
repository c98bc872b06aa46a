import { describe, expect, it } from 'vitest';

import {
  initialBreaker,
  nextBreaker,
  permits,
  type Breaker,
  type BreakerEvent,
} from '../../../src/main/engine/gateway/breaker';

const config = { enabled: true, failure_threshold: 3, success_threshold: 2, recovery_timeout_ms: 1000 };
const closed = (failures: number): Breaker => ({ name: 'closed', failures });
const open = (until: number): Breaker => ({ name: 'open', until });
const half = (successes: number, isProbed: boolean): Breaker => ({ name: 'half-open', successes, isProbed });

const dialled = (now: number): BreakerEvent => ({ kind: 'dialled', now });
const failed: BreakerEvent = { kind: 'failed', now: 100 };
const succeeded: BreakerEvent = { kind: 'succeeded' };
const released: BreakerEvent = { kind: 'released' };

type Row = readonly [Breaker, BreakerEvent, Breaker];

const table: readonly Row[] = [
  [closed(0), dialled(0), closed(0)],
  [closed(0), failed, closed(1)],
  [closed(1), failed, closed(2)],
  [closed(2), failed, open(1100)],
  [closed(2), succeeded, closed(0)],
  [closed(2), released, closed(2)],
  [open(1100), dialled(1099), open(1100)],
  [open(1100), dialled(1100), half(0, true)],
  // Nothing new: it does not stay open for longer.
  [open(900), failed, open(900)],
  [open(1100), succeeded, half(1, false)],
  [open(1100), released, open(1100)],
  [half(0, false), dialled(0), half(0, true)],
  [half(0, true), succeeded, half(1, false)],
  [half(1, true), succeeded, closed(0)],
  [half(1, true), failed, open(1100)],
  [half(1, true), released, half(1, false)],
];

describe('the circuit breaker', () => {
  it.each(table)('SEC-64 %j and %j make %j', (before, event, after) => {
    expect(nextBreaker(before, event, config)).toEqual(after);
  });

  it.each([
    [closed(2), 0, true],
    [open(1000), 999, false],
    [open(1000), 1000, true],
    [half(0, false), 0, true],
    [half(0, true), 0, false],
  ] as const)('%j permits another connection at %i: %s', (breaker, now, expected) => {
    expect(permits(breaker, now)).toBe(expected);
  });

  it('never opens when it is switched off', () => {
    let breaker = initialBreaker;
    for (let index = 0; index < 100; index += 1) {
      breaker = nextBreaker(breaker, failed, { ...config, enabled: false });
    }
    expect(permits(breaker, 0)).toBe(true);
  });

  it('opens at a threshold of one, and closes at one', () => {
    const eager = { ...config, failure_threshold: 1, success_threshold: 1 };
    const opened = nextBreaker(initialBreaker, failed, eager);
    expect(opened).toEqual(open(1100));
    expect(nextBreaker(nextBreaker(opened, dialled(1100), eager), succeeded, eager)).toEqual(closed(0));
  });
});
