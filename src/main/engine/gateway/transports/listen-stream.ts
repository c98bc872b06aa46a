import type { GatewayConfig } from '../../../../shared/model/config';
import type { Clock } from '../../ports';
import { retryDelayMs } from '../backoff';

import { answerForm } from './http-answer';
import { delay } from './http-exchange';
import { discard, type HttpLink } from './http-link';
import { readEventStream } from './sse-stream';

/** What the stream needs of the connection it belongs to. */
export interface ListenParts {
  readonly link: HttpLink;
  readonly url: URL;
  /** The session's headers, read for each request. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly gateway: GatewayConfig;
  readonly signal: AbortSignal;
  readonly mayRead: () => Promise<void>;
  readonly deliver: (payload: Buffer) => void;
  /** The server has answered an attempt, whatever it said, or the attempt has failed. */
  readonly onAnswer: () => void;
}

/** Why the stream is not kept open any longer. */
export type ListenEnd = 'closed' | 'not-offered' | 'session-ended';

/** Before the stream is opened again after it ended well, unless the server says otherwise. */
const REOPEN_DELAY_MS = 1000;
/** No jitter: the attempts of many routers are spread by when their streams broke. */
const EVEN = 0.5;

/**
 * Keeps the GET stream open on which a server of the 2025 era asks and tells of its own accord. A broken one is opened
 * again from the last event; requests do not depend on it, so its trouble never breaks the connection.
 */
export async function listen(parts: ListenParts): Promise<ListenEnd> {
  const place: { eventId: string | undefined; retryMs: number | undefined } = {
    eventId: undefined,
    retryMs: undefined,
  };
  let failures = 0;
  while (!parts.signal.aborted) {
    const outcome = await listenOnce(parts, place);
    parts.onAnswer();
    if (outcome === 'not-offered' || outcome === 'session-ended') return outcome;
    failures = outcome === 'ended' ? 0 : failures + 1;
    const backoffMs = failures === 0 ? 0 : retryDelayMs(failures, parts.gateway.connection.reconnect, EVEN);
    await delay(parts.clock, Math.max(place.retryMs ?? REOPEN_DELAY_MS, backoffMs), parts.signal);
  }
  return 'closed';
}

async function listenOnce(
  { link, url, headers, gateway, signal, mayRead, deliver, onAnswer }: ListenParts,
  place: { eventId: string | undefined; retryMs: number | undefined },
): Promise<'ended' | 'failed' | 'not-offered' | 'session-ended'> {
  try {
    const response = await link.request(url, {
      method: 'GET',
      headers: {
        accept: 'text/event-stream',
        ...headers(),
        ...(place.eventId === undefined ? {} : { 'last-event-id': place.eventId }),
      },
      signal,
    });
    const { status } = response;
    onAnswer();
    if (status !== 200 || answerForm(response.headers) !== 'events') {
      discard(response.body);
      if (status === 404 && headers()['mcp-session-id'] !== undefined) return 'session-ended';
      // 409: an earlier stream of ours has not been given up by the server yet.
      return status >= 500 || status === 409 || status === 429 ? 'failed' : 'not-offered';
    }
    await readEventStream(response.body, gateway.max_message_bytes, {
      mayRead,
      onRetry: (retryMs) => {
        place.retryMs = retryMs;
      },
      onEvent: ({ event, id, data }) => {
        if (id !== undefined) place.eventId = id;
        if (data !== '' && (event === undefined || event === 'message')) deliver(Buffer.from(data));
      },
    });
    return 'ended';
  } catch (error) {
    if (error instanceof Error) return 'failed';
    throw error;
  }
}
