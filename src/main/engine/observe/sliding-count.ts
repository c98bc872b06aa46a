/** So many events within so long a time. */
export interface WindowLimit {
  readonly threshold: number;
  readonly window_seconds: number;
}

/** Remembers as many moments as the threshold has, and no more. */
export class SlidingCount {
  private readonly times: number[] = [];

  /** Counts an event at `at` (epoch milliseconds); true when the threshold is reached within the window. */
  add(at: number, { threshold, window_seconds: seconds }: WindowLimit): boolean {
    this.times.push(at);
    if (this.times.length > threshold) this.times.splice(0, this.times.length - threshold);
    const oldest = this.times[0] ?? at;
    // A clock that was set back tells nothing about how long ago it was.
    return this.times.length >= threshold && at >= oldest && at - oldest <= seconds * 1000;
  }

  clear(): void {
    this.times.length = 0;
  }
}
