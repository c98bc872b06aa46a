import type { FailureCause } from '../../../../shared/model/status';
import type { Clock, Timer } from '../../ports';

/** What the check needs. */
export interface LivenessParts {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Undefined: all is well. */
  readonly probe: (signal: AbortSignal) => Promise<FailureCause | undefined>;
  /** The other side cannot be used any more. */
  readonly onFailure: (cause: FailureCause) => void;
}

/** Asks again and again whether a connection that nobody uses would still work. */
export class Liveness {
  private readonly life = new AbortController();
  private timer: Timer | undefined;

  constructor(private readonly parts: LivenessParts) {
    this.schedule();
  }

  /** No more questions: whoever uses the connection finds out by using it. Idempotent. */
  stop(): void {
    // Called with each message, and an abort makes an error with its stack even when there was one before.
    if (this.life.signal.aborted) return;
    this.timer?.cancel();
    this.life.abort();
  }

  private schedule(): void {
    const { clock, intervalMs } = this.parts;
    this.timer = clock.after(intervalMs, () => {
      void this.ask();
    });
  }

  private async ask(): Promise<void> {
    const cause = await this.parts.probe(this.life.signal);
    if (this.life.signal.aborted) return;
    if (cause === undefined) this.schedule();
    else this.parts.onFailure(cause);
  }
}
