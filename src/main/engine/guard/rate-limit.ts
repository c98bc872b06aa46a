/** Whether a message may pass now, or when one may. */
export type Permit = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number };

/** Rate and size of a bucket (guide: Resource Limits). */
export interface RateLimit {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** What one client holds of the bucket. */
interface Hand {
  tokens: number;
  /** In {@link FairTokenBucket.elapsedMs}. */
  askedAt: number;
  /** It has not asked for a while. Kept, so that nobody is overtaken by who seems active again as others come and go. */
  isQuiet: boolean;
}

type Entry = readonly [client: string, hand: Hand];

/** A client that asked within this time, or within two rounds of tokens, is an active one. */
const QUIET_AFTER_MS = 1000;

/**
 * One token bucket that is dealt out to clients in turn. Tokens are only moved, never made: all together pass no more
 * than rate x time + burst in any span. Whoever was served longest ago is dealt to first, so that a client that asks
 * within its share waits for one round at most, whatever others do. What nobody else can hold goes to whoever asks, so
 * that a client alone has everything.
 */
export class FairTokenBucket {
  /** Of all clients, the one that was served longest ago first. */
  private readonly hands = new Map<string, Hand>();
  /** Tokens that nobody holds. */
  private pool: number;
  /** Tokens in all hands together. */
  private held = 0;
  /** Never runs backwards, as the clock may. */
  private elapsedMs = 0;

  /** @param now milliseconds of a clock; the bucket starts full */
  constructor(
    private limit: RateLimit,
    private filledAt: number,
  ) {
    this.pool = limit.burst;
  }

  /** A client attached: its share is there before it asks. */
  join(client: string, now: number): void {
    this.fill(now);
    this.wake(client);
    this.deal();
  }

  /** It left, and its tokens are everybody's. */
  leave(client: string): void {
    const { tokens } = this.hands.get(client) ?? { tokens: 0 };
    this.hands.delete(client);
    this.held -= tokens;
    this.pool += tokens;
  }

  /** Takes one token for this client. */
  take(client: string, now: number): Permit {
    this.fill(now);
    const hand = this.wake(client);
    if (hand.tokens < 1) this.deal();
    if (hand.tokens < 1) return { ok: false, retryAfterMs: this.msUntil(client) };
    hand.tokens -= 1;
    this.held -= 1;
    this.toTheEnd(client, hand);
    return { ok: true };
  }

  /** Uses another limit from now on; tokens that were spent stay spent. */
  change(limit: RateLimit, now: number): void {
    this.fill(now);
    this.limit = limit;
    this.pool = Math.min(limit.burst, this.pool + this.held);
    this.held = 0;
    for (const hand of this.hands.values()) hand.tokens = 0;
    this.deal();
  }

  private fill(now: number): void {
    // A clock that was set back must not take tokens away, and one set forward fills the bucket at most.
    const passedMs = Math.max(0, now - this.filledAt);
    this.filledAt = now;
    this.elapsedMs += passedMs;
    const { burst, requestsPerSecond } = this.limit;
    this.pool = Math.min(burst - this.held, this.pool + (passedMs / 1000) * requestsPerSecond);
  }

  /** Deals whole tokens from the pool, to whoever was served longest ago first. */
  private deal(): void {
    this.noteQuiet();
    const caps = this.caps();
    let needy: Entry[] = [];
    for (const entry of this.hands) {
      const [, hand] = entry;
      const missing = caps(hand) - hand.tokens;
      if (missing > 0) needy.push(entry);
      else if (missing < 0) this.give(hand, missing);
    }
    while (this.pool >= 1 && needy.length > 0) {
      const each = Math.floor(this.pool / needy.length);
      // Who has nothing comes first; so nobody with a token left overtakes it, as others leave and shares grow.
      if (each === 0) needy = byTokens(needy).slice(0, Math.floor(this.pool));
      for (const [client, hand] of needy) {
        this.give(hand, Math.min(Math.max(1, each), caps(hand) - hand.tokens));
        if (each === 0) this.toTheEnd(client, hand);
      }
      needy = each === 0 ? [] : needy.filter(([, hand]) => hand.tokens < caps(hand));
    }
  }

  private give(hand: Hand, tokens: number): void {
    hand.tokens += tokens;
    this.held += tokens;
    this.pool -= tokens;
  }

  /**
   * How many tokens each may hold: an equal part of the burst, and at least one. Who is quiet keeps one, for when it
   * speaks, as long as there are plenty.
   */
  private caps(): (hand: Hand) => number {
    const { burst } = this.limit;
    const quietCap = burst >= 2 * this.hands.size ? 1 : 0;
    let quiet = 0;
    for (const hand of this.hands.values()) if (hand.isQuiet) quiet += 1;
    const active = Math.max(1, this.hands.size - quiet);
    const activeCap = Math.max(1, Math.floor((burst - quiet * quietCap) / active));
    return (hand) => (hand.isQuiet ? quietCap : activeCap);
  }

  private noteQuiet(): void {
    const roundMs = (this.hands.size / this.limit.requestsPerSecond) * 1000;
    const latest = this.elapsedMs - Math.max(QUIET_AFTER_MS, 2 * roundMs);
    for (const hand of this.hands.values()) if (hand.askedAt < latest) hand.isQuiet = true;
  }

  /** When the tokens of those before it in the round, and its own, will have come. */
  private msUntil(client: string): number {
    let before = 0;
    for (const [other, hand] of this.hands) {
      if (other === client) break;
      if (hand.tokens === 0 && !hand.isQuiet) before += 1;
    }
    return ((before + 1 - this.pool) / this.limit.requestsPerSecond) * 1000;
  }

  /** The hand of a client that asks; who is new or was quiet comes behind those who wait. */
  private wake(client: string): Hand {
    const hand = this.hands.get(client) ?? { tokens: 0, askedAt: 0, isQuiet: true };
    if (hand.isQuiet) this.toTheEnd(client, hand);
    hand.isQuiet = false;
    hand.askedAt = this.elapsedMs;
    return hand;
  }

  private toTheEnd(client: string, hand: Hand): void {
    this.hands.delete(client);
    this.hands.set(client, hand);
  }
}

/** Those with fewest tokens first, of those the ones that are asking, and otherwise as they come. */
const byTokens = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort(
    ([, one], [, other]) => one.tokens - other.tokens || Number(one.isQuiet) - Number(other.isQuiet),
  );
