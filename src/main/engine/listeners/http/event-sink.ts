import type { ServerResponse } from 'node:http';

import type { Clock, Timer } from '../../ports';

/** What writing events needs. */
export interface SinkParts {
  readonly clock: Clock;
  readonly keepAliveMs: () => number;
  readonly headers: Readonly<Record<string, string>>;
  /** An id before the first message: a client whose stream breaks earlier than that can come back (MCP 2025-11-25). */
  readonly firstId?: string | undefined;
}

/** How long a client whose stream broke waits before it comes back: the door is on its own machine. */
const RETRY_MS = 500;
const KEEP_ALIVE = ':\n\n';

/** One HTTP response that carries events, with comments in between so that both sides know that it is alive. */
export class EventSink {
  private timer: Timer | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly parts: SinkParts,
  ) {
    response.writeHead(200, {
      ...parts.headers,
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
      'X-Content-Type-Options': 'nosniff',
    });
    const { firstId } = parts;
    if (firstId === undefined) response.flushHeaders();
    else response.write(`id: ${firstId}\nretry: ${String(RETRY_MS)}\ndata: \n\n`);
    response.once('close', () => {
      this.timer?.cancel();
    });
    this.keepAlive();
  }

  get isOpen(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }

  /** Writes a message that is on one line. */
  event(id: string | undefined, message: Buffer): void {
    if (!this.isOpen) return;
    this.response.cork();
    this.response.write(`${id === undefined ? '' : `id: ${id}\n`}event: message\ndata: `);
    this.response.write(message);
    this.response.write('\n\n');
    this.response.uncork();
  }

  end(): void {
    this.timer?.cancel();
    if (this.isOpen) this.response.end();
  }

  private keepAlive(): void {
    this.timer = this.parts.clock.after(this.parts.keepAliveMs(), () => {
      if (!this.isOpen) return;
      // Who does not read gets nothing more; the timeout of the socket ends it.
      if (!this.response.writableNeedDrain) this.response.write(KEEP_ALIVE);
      this.keepAlive();
    });
  }
}
