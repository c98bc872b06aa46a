import { RouterError } from '../../../../shared/model/errors';
import type { FailureCause } from '../../../../shared/model/status';
import { ScopeMissingError } from '../../auth/challenge';
import { NotSentError, readWhole, type HttpResponse } from '../../auth/http-client';
import type { Message } from '../../jsonrpc/scan';
import type { Clock, Timer } from '../../ports';

import { answerForm, asksToWait, retryAfterMs, statusCause } from './http-answer';
import { discard, type HttpLink } from './http-link';
import { readEventStream } from './sse-stream';

/** How the exchange of one message ended. */
export type ExchangeOutcome =
  /** Answered, or taken without an answer where none is due. */
  | { readonly kind: 'done' }
  /** The other side took the request (202); its reply comes another way, if it does. */
  | { readonly kind: 'accepted' }
  /** Nobody waits for it any more. */
  | { readonly kind: 'abandoned' }
  /** There will be no reply, and it may have been carried out. `status` where an answer came at all. */
  | { readonly kind: 'failed'; readonly cause: FailureCause; readonly status?: number }
  /** It was not processed, and may be sent again after this time. */
  | { readonly kind: 'postponed'; readonly cause: FailureCause; readonly retryAfterMs: number }
  /** No connection could be made for it. */
  | { readonly kind: 'unsent'; readonly error: unknown }
  /** The credential was refused, and there is no newer one. */
  | { readonly kind: 'unauthorized'; readonly cause: FailureCause }
  /** The session is gone (404). `isProcessed` is false when that was the answer to the message itself. */
  | { readonly kind: 'session-ended'; readonly isProcessed: boolean };

/** What an exchange needs of the connection it belongs to. */
export interface ExchangeParts {
  readonly link: HttpLink;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Why the message is not sent. */
  readonly unusable?: FailureCause | undefined;
  readonly body: Buffer;
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Ends the exchange; the signal fires. */
  readonly cut: () => void;
  /** The POST is only taken, and replies come on another stream. */
  readonly repliesElsewhere: boolean;
  /** Resolves when the client reads. */
  readonly mayRead: () => Promise<void>;
  /** The head of the answer is here. */
  readonly onHead: (response: HttpResponse) => void;
  /** Takes one message of the answer; true when the exchange has its reply. */
  readonly deliver: (payload: Buffer) => boolean;
}

/** After its reply a server closes the stream; one that does not is cut. */
const AFTER_REPLY_MS = 1000;
/** Before a broken stream is resumed, unless the server says otherwise. */
const RESUME_DELAY_MS = 1000;
const MAX_RESUME_DELAY_MS = 30_000;
const LOST: FailureCause = { code: 'gateway-lost', detail: 'the answer broke off' };

/** Sends one message and reads its answer to the end. Never throws for what the other side does. */
export async function exchange(message: Message, parts: ExchangeParts): Promise<ExchangeOutcome> {
  const { link, url, headers, body, signal } = parts;
  if (parts.unusable !== undefined) return { kind: 'failed', cause: parts.unusable };
  let response: HttpResponse;
  try {
    response = await link.request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body,
      signal,
    });
  } catch (error) {
    return failure(error, signal);
  }
  parts.onHead(response);
  const early = refusal(response, parts);
  if (early !== undefined) {
    discard(response.body);
    return early;
  }
  if (message.kind !== 'request') return takenOrNot(response);
  if (parts.repliesElsewhere && isSuccess(response)) {
    discard(response.body);
    return { kind: 'accepted' };
  }
  switch (answerForm(response.headers)) {
    case 'json':
      return readJson(response, parts);
    case 'events':
      return isSuccess(response) ? readEvents(response, parts) : unanswered(response);
    default:
      return unanswered(response);
  }
}

const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300;

function failure(error: unknown, signal: AbortSignal): ExchangeOutcome {
  if (signal.aborted) return { kind: 'abandoned' };
  if (error instanceof NotSentError) return { kind: 'unsent', error: error.cause };
  if (error instanceof ScopeMissingError) return { kind: 'failed', cause: causeOf(error), status: 403 };
  // Only finding the credential throws these, before anything is sent.
  if (error instanceof RouterError) {
    return { kind: 'unauthorized', cause: { code: error.code, detail: error.detail } };
  }
  return { kind: 'failed', cause: LOST };
}

/** What the status alone decides. */
function refusal({ status, headers }: HttpResponse, parts: ExchangeParts): ExchangeOutcome | undefined {
  if (status === 401) return { kind: 'unauthorized', cause: parts.link.refusedForGood(statusCause(status)) };
  if (status === 404 && parts.headers['mcp-session-id'] !== undefined) {
    return { kind: 'session-ended', isProcessed: false };
  }
  const waitMs = asksToWait(status) ? retryAfterMs(headers, parts.clock.now()) : undefined;
  if (waitMs === undefined) return undefined;
  const cause: FailureCause = { code: 'gateway-busy', detail: `HTTP status ${String(status)}` };
  return { kind: 'postponed', cause, retryAfterMs: waitMs };
}

function takenOrNot(response: HttpResponse): ExchangeOutcome {
  discard(response.body);
  if (isSuccess(response)) return { kind: 'done' };
  return { kind: 'failed', cause: statusCause(response.status), status: response.status };
}

function unanswered(response: HttpResponse): ExchangeOutcome {
  discard(response.body);
  if (response.status === 202) return { kind: 'accepted' };
  if (!isSuccess(response)) {
    return { kind: 'failed', cause: statusCause(response.status), status: response.status };
  }
  const detail = 'the answer is neither JSON nor an event stream';
  return { kind: 'failed', cause: { code: 'gateway-misbehaved', detail }, status: response.status };
}

/** One reply as JSON, whatever the status: errors of the 2026 era come with 400 and 404. */
async function readJson(response: HttpResponse, parts: ExchangeParts): Promise<ExchangeOutcome> {
  const { status } = response;
  try {
    await parts.mayRead();
    const payload = await readWhole(response.body, parts.maxBytes);
    if (parts.deliver(payload)) return { kind: 'done' };
    if (status === 202 && payload.length === 0) return { kind: 'accepted' };
  } catch (error) {
    if (parts.signal.aborted) return { kind: 'abandoned' };
    return { kind: 'failed', cause: error instanceof RouterError ? causeOf(error) : LOST, status };
  }
  if (!isSuccess(response)) return { kind: 'failed', cause: statusCause(status), status };
  const detail = 'the answer is not the reply to the request';
  return { kind: 'failed', cause: { code: 'gateway-misbehaved', detail }, status };
}

const causeOf = ({ code, detail }: RouterError): FailureCause => ({ code, detail });

/** Where a stream stands: enough to resume it. */
interface StreamPlace {
  eventId: string | undefined;
  retryMs: number | undefined;
  hasReply: boolean;
}

/** Reads a stream of messages; one that breaks before the reply is resumed until nobody waits for it any more. */
async function readEvents(first: HttpResponse, parts: ExchangeParts): Promise<ExchangeOutcome> {
  const place: StreamPlace = { eventId: undefined, retryMs: undefined, hasReply: false };
  let response: HttpResponse | undefined = first;
  let delayMs = RESUME_DELAY_MS;
  for (;;) {
    const wrong: FailureCause | undefined = response && (await readOne(response, place, parts));
    if (place.hasReply) return { kind: 'done' };
    if (parts.signal.aborted) return { kind: 'abandoned' };
    if (wrong !== undefined) return { kind: 'failed', cause: wrong };
    if (place.eventId === undefined) return { kind: 'failed', cause: LOST };
    delayMs = response === undefined ? Math.min(delayMs * 2, MAX_RESUME_DELAY_MS) : RESUME_DELAY_MS;
    await delay(
      parts.clock,
      Math.max(place.retryMs ?? RESUME_DELAY_MS, delayMs - RESUME_DELAY_MS),
      parts.signal,
    );
    const resumed = await resume(place.eventId, parts);
    if ('kind' in resumed) return resumed;
    response = resumed.response;
  }
}

/** @returns what makes going on pointless; undefined when the stream just ended or broke */
async function readOne(
  response: HttpResponse,
  place: StreamPlace,
  parts: ExchangeParts,
): Promise<FailureCause | undefined> {
  let patience: Timer | undefined;
  try {
    await readEventStream(response.body, parts.maxBytes, {
      mayRead: parts.mayRead,
      onRetry: (retryMs) => {
        place.retryMs = retryMs;
      },
      onEvent: ({ event, id, data }) => {
        if (id !== undefined) place.eventId = id;
        if (data === '' || (event !== undefined && event !== 'message')) return;
        if (!parts.deliver(Buffer.from(data))) return;
        place.hasReply = true;
        patience ??= parts.clock.after(AFTER_REPLY_MS, parts.cut);
      },
    });
    return undefined;
  } catch (error) {
    return error instanceof RouterError ? causeOf(error) : undefined;
  } finally {
    patience?.cancel();
  }
}

async function resume(
  eventId: string,
  parts: ExchangeParts,
): Promise<ExchangeOutcome | { readonly response: HttpResponse | undefined }> {
  const { signal } = parts;
  if (isOver(signal)) return { kind: 'abandoned' };
  const headers = { ...parts.headers, accept: 'text/event-stream', 'last-event-id': eventId };
  try {
    const response = await parts.link.request(parts.url, { method: 'GET', headers, signal });
    const { status } = response;
    if (isSuccess(response) && answerForm(response.headers) === 'events') return { response };
    discard(response.body);
    if (status === 404) return { kind: 'session-ended', isProcessed: true };
    if (status >= 500 || status === 429) return { response: undefined };
    const detail = `the answer broke off and cannot be resumed (HTTP status ${String(status)})`;
    return { kind: 'failed', cause: { code: 'gateway-lost', detail } };
  } catch (error) {
    if (isOver(signal)) return { kind: 'abandoned' };
    return error instanceof RouterError ? { kind: 'failed', cause: causeOf(error) } : { response: undefined };
  }
}

/** Asked anew each time, because it changes while we wait. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;

/** Waits; the signal ends the wait early. */
export function delay(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.after(delayMs, finish);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}
