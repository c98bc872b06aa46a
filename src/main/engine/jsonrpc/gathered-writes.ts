import type { Writable } from 'node:stream';

/**
 * Lets what is written in one turn of the event loop leave in one system call, which costs more than the rest of a small
 * message. Nothing waits longer than for the end of the turn.
 */
export class GatheredWrites {
  private isGathering = false;

  constructor(private readonly stream: Writable) {}

  /** Called before a write. */
  gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    this.stream.cork();
    setImmediate(() => {
      this.flush();
    });
  }

  /** Called after a write: what is gathered must not look like what the other side does not take. */
  flushIfFull(): void {
    if (this.stream.writableNeedDrain) this.flush();
  }

  /** Lets go of what was gathered. */
  flush(): void {
    if (!this.isGathering) return;
    this.isGathering = false;
    this.stream.uncork();
  }
}
