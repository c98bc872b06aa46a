/** Whether a request may pass now, or when one may. */
export type Permit = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number };

/** Rate and size of a bucket (guide: Resource Limits). */
export interface RateLimit {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** A token bucket: never admits more than rate x time + burst in any span of time. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** @param now milliseconds of a clock; the bucket starts full */
  constructor(
    private limit: RateLimit,
    now: number,
  ) {
    this.tokens = limit.burst;
    this.filledAt = now;
  }

  /** Takes one token. */
  take(now: number): Permit {
    this.fill(now);
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return { ok: true };
    }
    return { ok: false, retryAfterMs: ((1 - this.tokens) / this.limit.requestsPerSecond) * 1000 };
  }

  /** Uses another limit from now on; tokens that were spent stay spent. */
  change(limit: RateLimit, now: number): void {
    this.fill(now);
    this.limit = limit;
    this.tokens = Math.min(this.tokens, limit.burst);
  }

  private fill(now: number): void {
    // A clock that was set back must not take tokens away, and one set forward fills the bucket at most.
    const elapsedMs = Math.max(0, now - this.filledAt);
    this.filledAt = now;
    this.tokens = Math.min(this.limit.burst, this.tokens + (elapsedMs / 1000) * this.limit.requestsPerSecond);
  }
}
