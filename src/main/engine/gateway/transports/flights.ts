import type { Message } from '../../jsonrpc/scan';

/** One message on its way: from the start of its POST until it is answered, taken or given up. */
export interface Flight {
  readonly message: Message;
  readonly abort: AbortController;
  /** Resolves when the exchange is over; never rejects. */
  finished: Promise<void>;
  isAnswered: boolean;
  /** The HTTP status, once the other side has begun to answer. */
  status: number | undefined;
  /** The POST is over and the reply comes another way. */
  isParked: boolean;
}

/** The messages of a connection that are on their way. */
export class Flights {
  private readonly all = new Set<Flight>();

  get size(): number {
    return this.all.size;
  }

  /** Bytes that the other side has not begun to answer. */
  get silentBytes(): number {
    let bytes = 0;
    for (const { status, message } of this.all) bytes += status === undefined ? message.bytes.length : 0;
    return bytes;
  }

  add(message: Message): Flight {
    const flight: Flight = {
      message,
      abort: new AbortController(),
      finished: Promise.resolve(),
      isAnswered: false,
      status: undefined,
      isParked: false,
    };
    this.all.add(flight);
    return flight;
  }

  remove(flight: Flight): void {
    this.all.delete(flight);
  }

  /** The request with this key that is on its way. */
  request(key: string): Flight | undefined {
    for (const flight of this.all) {
      if (flight.message.kind === 'request' && flight.message.id.key === key) return flight;
    }
    return undefined;
  }

  abortAll(): void {
    for (const { abort } of this.all) abort.abort();
  }

  /** Resolves when the notifications and responses of now have arrived, or the signal ends the wait. */
  async lastWords(limit: AbortSignal): Promise<void> {
    const last = [...this.all].filter(({ message }) => message.kind !== 'request');
    if (last.length === 0) return;
    const isOver = new Promise<void>((resolve) => {
      const finish = (): void => {
        resolve();
      };
      limit.addEventListener('abort', finish, { once: true });
    });
    await Promise.race([Promise.all(last.map(({ finished }) => finished)), isOver]);
  }
}

/** The key of the request that is on its way; undefined for what gets no reply. */
export const keyOf = (flight: Flight | undefined): string | undefined =>
  flight?.message.kind === 'request' ? flight.message.id.key : undefined;
