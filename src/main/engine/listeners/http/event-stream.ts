import type { EventSink } from './event-sink';
import type { ReplayLog } from './replay-log';

const ID = /^(\d{1,9})-(\d{1,9})$/;

/** Where a client was when its stream broke. */
export interface StreamPlace {
  readonly stream: number;
  readonly sequence: number;
}

/** The place that `Last-Event-ID` names; null: it is none of ours. */
export function placeOf(eventId: string): StreamPlace | null {
  const [, stream, sequence] = ID.exec(eventId) ?? [];
  return stream === undefined ? null : { stream: Number(stream), sequence: Number(sequence) };
}

/**
 * The messages of one stream of a session: those about one request, or those about none. They outlive the response that
 * carries them, because a broken connection is no cancellation (MCP 2025: resumability).
 */
export class EventStream {
  private sequence = 0;
  private readonly sinks = new Set<EventSink>();

  constructor(
    private readonly number: number,
    /** Null where streams cannot be resumed. */
    private readonly log: ReplayLog | null,
  ) {}

  get isListenedTo(): boolean {
    return this.sink !== undefined;
  }

  push(message: Buffer): void {
    this.sequence += 1;
    const { sink } = this;
    sink?.event(this.idOf(this.sequence), message);
    this.log?.add({ stream: this.number, sequence: this.sequence, message }, sink !== undefined);
  }

  /** Goes on here, after what was missed; of several the newest one gets what is new. */
  attach(sink: EventSink, after: number | null): void {
    this.replay(sink, after);
    this.sinks.add(sink);
  }

  replay(sink: EventSink, after: number | null): void {
    if (this.log === null) return;
    const missed =
      after === null ? this.log.takeUnwritten(this.number) : this.log.takeAfter(this.number, after);
    for (const { sequence, message } of missed) sink.event(this.idOf(sequence), message);
  }

  /** The place before the first message; undefined where streams cannot be resumed. */
  get firstId(): string | undefined {
    return this.idOf(0);
  }

  detach(sink: EventSink): void {
    this.sinks.delete(sink);
  }

  /** Nothing more comes. */
  end(): void {
    for (const sink of this.sinks) sink.end();
    this.sinks.clear();
  }

  get size(): number {
    return this.sinks.size;
  }

  /** The newest one that is open. */
  private get sink(): EventSink | undefined {
    return [...this.sinks].findLast(({ isOpen }) => isOpen);
  }

  private idOf(sequence: number): string | undefined {
    return this.log === null ? undefined : `${String(this.number)}-${String(sequence)}`;
  }
}
