/** What was said on one stream, and when in its order. */
export interface LoggedEvent {
  readonly stream: number;
  readonly sequence: number;
  readonly message: Buffer;
}

interface Entry extends LoggedEvent {
  wasWritten: boolean;
}

/** How much is kept; read anew each time. */
export interface ReplayLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Keeps the last messages of a session's streams, for a client that comes back to a broken one. Bounded. */
export class ReplayLog {
  private readonly entries: Entry[] = [];
  private bytes = 0;

  constructor(
    private readonly limits: () => ReplayLimits,
    /** Nobody has seen this message, and nobody will. */
    private readonly onLost: (byteLength: number) => void,
  ) {}

  add(event: LoggedEvent, wasWritten: boolean): void {
    this.entries.push({ ...event, wasWritten });
    this.bytes += event.message.length;
    const { maxEvents, maxBytes } = this.limits();
    while (this.entries.length > maxEvents || this.bytes > maxBytes) {
      const oldest = this.entries.shift();
      if (oldest === undefined) return;
      this.bytes -= oldest.message.length;
      if (!oldest.wasWritten) this.onLost(oldest.message.length);
    }
  }

  /** What came on this stream after that place, in order; it counts as written from now on. */
  takeAfter(stream: number, sequence: number): readonly LoggedEvent[] {
    const found = this.entries.filter((entry) => entry.stream === stream && entry.sequence > sequence);
    for (const entry of found) entry.wasWritten = true;
    return found;
  }

  /** What came on this stream while nobody listened. */
  takeUnwritten(stream: number): readonly LoggedEvent[] {
    const found = this.entries.filter((entry) => entry.stream === stream && !entry.wasWritten);
    for (const entry of found) entry.wasWritten = true;
    return found;
  }
}
