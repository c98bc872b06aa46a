import type { RefusedFor, RouterFact } from '../../../shared/model/events';
import type { Clock, Timer } from '../ports';

type Refused = Extract<RouterFact, { kind: 'local-client-refused' }>;

/** Who knocks again and again makes one event in this time. */
const INTERVAL_MS = 1000;

/** Tells who was turned away at a door: the first at once, those that follow together. It holds one number per reason. */
export class RefusalTally {
  private readonly more = new Map<RefusedFor, number>();
  private readonly timers = new Map<RefusedFor, Timer>();

  constructor(
    private readonly door: Refused['door'],
    private readonly clock: Clock,
    private readonly publish: (fact: RouterFact) => void,
  ) {}

  /** Somebody was turned away. */
  note(reason: RefusedFor): void {
    if (this.timers.has(reason)) {
      this.more.set(reason, (this.more.get(reason) ?? 0) + 1);
      return;
    }
    this.tell(reason, 1);
  }

  /** Tells what was not told yet. */
  close(): void {
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
    for (const [reason, times] of this.more) this.publishOnce(reason, times);
    this.more.clear();
  }

  private tell(reason: RefusedFor, times: number): void {
    this.timers.set(
      reason,
      this.clock.after(INTERVAL_MS, () => {
        this.timers.delete(reason);
        const more = this.more.get(reason);
        this.more.delete(reason);
        if (more !== undefined) this.tell(reason, more);
      }),
    );
    this.publishOnce(reason, times);
  }

  private publishOnce(reason: RefusedFor, times: number): void {
    this.publish({ kind: 'local-client-refused', door: this.door, reason, times });
  }
}
