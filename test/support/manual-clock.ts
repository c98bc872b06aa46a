import type { Clock, Timer } from '../../src/main/engine/ports';

interface Pending {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that stands still until the test moves it. Timers know nothing of what people set the clock to. */
export class ManualClock implements Clock {
  private elapsedMs = 0;
  private offsetMs: number;
  private readonly timers = new Set<Pending>();

  constructor(startMs = 1_700_000_000_000) {
    this.offsetMs = startMs;
  }

  now(): number {
    return this.offsetMs + this.elapsedMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { dueAt: this.elapsedMs + Math.max(0, delayMs), callback };
    this.timers.add(timer);
    return {
      cancel: () => {
        this.timers.delete(timer);
      },
    };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.timers.size;
  }

  /** Lets time pass; timers fire in the order in which they are due. */
  advance(byMs: number): void {
    const until = this.elapsedMs + byMs;
    for (;;) {
      const next = [...this.timers].sort((a, b) => a.dueAt - b.dueAt)[0];
      if (next === undefined || next.dueAt > until) break;
      this.timers.delete(next);
      this.elapsedMs = next.dueAt;
      next.callback();
    }
    this.elapsedMs = until;
  }

  /** Sets the clock forward or back, as a person or a time server does; no time passes. */
  set(byMs: number): void {
    this.offsetMs += byMs;
  }
}
