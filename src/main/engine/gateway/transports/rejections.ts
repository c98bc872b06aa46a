import type { FailureCause } from '../../../../shared/model/status';
import type { Message } from '../../jsonrpc/scan';
import type { Clock, Timer } from '../../ports';

import type { TransportHandlers } from './transport';

/** What is in flight when a session ends gets this long to end by itself. */
const GRACE_MS = 1000;

/** The messages that a connection gives back when it ends: they were not processed, and keep their order. */
export class Rejections {
  isEnding = false;
  private messages: Message[] = [];
  private timer: Timer | undefined;
  private finish: (() => void) | undefined;

  constructor(
    private readonly handlers: Pick<TransportHandlers, 'onRejected'>,
    private readonly clock: Clock,
  ) {}

  add(message: Message): void {
    this.messages.push(message);
  }

  /** From now on nothing is sent; `end` is called when everything has landed, or the grace is over. */
  endSoon(end: () => void): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.finish = end;
    this.timer = this.clock.after(GRACE_MS, end);
  }

  /** A message has landed, and this many are still in flight. */
  landed(stillInFlight: number): void {
    if (!this.isEnding || stillInFlight > 0) return;
    this.timer?.cancel();
    this.finish?.();
  }

  /** Gives everything back, last first, because each goes before all that wait. */
  flush(cause: FailureCause): void {
    this.isEnding = true;
    this.timer?.cancel();
    for (const message of this.messages.splice(0).reverse()) {
      this.handlers.onRejected(message, { cause, retryAfterMs: 0 });
    }
  }
}
