import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createSystemClock } from '../../../src/main/platform/system-clock';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('createSystemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls back once after the delay, and not when cancelled', () => {
    const clock = createSystemClock();
    const calls: string[] = [];
    clock.after(100, () => calls.push('kept'));
    clock.after(100, () => calls.push('cancelled')).cancel();
    vi.advanceTimersByTime(99);
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(calls).toEqual(['kept']);
  });

  it('waits longer than the 24.8 days that a Node timer can, and can be cancelled on the way', () => {
    const clock = createSystemClock();
    const calls: string[] = [];
    clock.after(60 * DAY_MS, () => calls.push('kept'));
    const cancelled = clock.after(60 * DAY_MS, () => calls.push('cancelled'));
    vi.advanceTimersByTime(59 * DAY_MS);
    cancelled.cancel();
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(DAY_MS);
    expect(calls).toEqual(['kept']);
  });

  it('treats a negative delay as none, and never fires for one that is not a number', () => {
    const clock = createSystemClock();
    const calls: string[] = [];
    clock.after(-5, () => calls.push('negative'));
    clock.after(NaN, () => calls.push('NaN'));
    vi.advanceTimersByTime(DAY_MS);
    expect(calls).toEqual(['negative']);
  });

  it('does not keep the process alive', () => {
    vi.useRealTimers();
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const timer = createSystemClock().after(60_000, () => undefined);
    const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    timer.cancel();
    expect(after).toBe(before);
  });
});
