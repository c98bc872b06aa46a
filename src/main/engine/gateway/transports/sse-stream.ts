import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';

import { createParser, type EventSourceMessage } from 'eventsource-parser';

import { RouterError } from '../../../../shared/model/errors';
import { chunksOf } from '../../auth/http-client';

/** Timers cannot wait longer. */
const MAX_TIMER_MS = 2_147_483_647;

/** What is told while a stream is read. */
export interface SseHandlers {
  /** One event; `data` may be empty. */
  onEvent(event: EventSourceMessage): void;
  /** The server asks to wait this long before a reconnect, in milliseconds. */
  onRetry(retryMs: number): void;
  /** Resolves when the reader may go on; read before each chunk. */
  readonly mayRead: () => Promise<void>;
}

/**
 * Reads an event stream to its end (WHATWG HTML: server-sent events).
 *
 * @param maxEventBytes a longer event ends the stream
 * @throws RouterError gateway-misbehaved (too long, not UTF-8), or the error of the connection
 */
export async function readEventStream(
  body: Readable,
  maxEventBytes: number,
  handlers: SseHandlers,
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const lines = new LineEnds();
  const limit = { isExceeded: false };
  const parser = createParser({
    maxBufferSize: maxEventBytes,
    onEvent: (event) => {
      if (Buffer.byteLength(event.data) > maxEventBytes) limit.isExceeded = true;
      else handlers.onEvent(event);
    },
    onRetry: (retryMs) => {
      handlers.onRetry(Math.min(retryMs, MAX_TIMER_MS));
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') limit.isExceeded = true;
    },
  });
  for await (const chunk of chunksOf(body)) {
    await handlers.mayRead();
    parser.feed(lines.unified(decode(decoder, chunk)));
    if (limit.isExceeded) {
      throw new RouterError('gateway-misbehaved', `an event of more than ${String(maxEventBytes)} bytes`);
    }
  }
}

function decode(decoder: TextDecoder, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (error) {
    throw new RouterError('gateway-misbehaved', 'an event stream that is not UTF-8', { cause: error });
  }
}

/**
 * Makes every line end a line feed. The parser waits for what follows a carriage return, as it may be a line feed, and
 * would keep an event back for as long as the server is silent behind it.
 */
class LineEnds {
  private isAfterReturn = false;

  unified(text: string): string {
    if (text === '') return text;
    const rest = this.isAfterReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.isAfterReturn = text.endsWith('\r');
    return rest.includes('\r') ? rest.replaceAll(/\r\n?/g, '\n') : rest;
  }
}
