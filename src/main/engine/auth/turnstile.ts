/** Lets a few in at a time; the others wait in the order in which they came. */
export class Turnstile {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  /** Does the work as soon as there is room. */
  async pass<Value>(work: () => Promise<Value>): Promise<Value> {
    if (!this.entersAtOnce()) await this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** True when there was room; who was let in must {@link leave}. */
  entersAtOnce(): boolean {
    if (this.inside >= this.limit) return false;
    this.inside += 1;
    return true;
  }

  /** Waits for room. Throws the reason of the signal when it fires first; whoever was let in must {@link leave}. */
  async enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.entersAtOnce()) return;
    let giveUp: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        giveUp = () => {
          this.waiting.splice(this.waiting.indexOf(resolve), 1);
          reject(signal?.reason instanceof Error ? signal.reason : new Error('given up'));
        };
        this.waiting.push(resolve);
        signal?.addEventListener('abort', giveUp, { once: true });
      });
    } finally {
      if (giveUp !== undefined) signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Whoever waits takes the place over, so that nobody slips in between. */
  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.inside -= 1;
    else next();
  }
}
