import type { IncomingHttpHeaders } from 'node:http';

import type { FailureCause } from '../../../../shared/model/status';
import { isBusy } from '../dial-failure';

/** What the body of an answer claims to be. */
export type AnswerForm = 'json' | 'events' | 'other';

/** The form by `Content-Type`; parameters and case do not matter. */
export function answerForm(headers: IncomingHttpHeaders): AnswerForm {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'text/event-stream' ? 'events' : 'other';
}

/**
 * How long the other side asks to wait (RFC 9110 section 10.2.3), in milliseconds from `now`.
 * Undefined when it does not say, or nothing that can be read.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Anything else that a lenient parser takes for a date is none of HTTP's.
  const date = text.endsWith(' GMT') ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** True for an answer that says: not processed, come back later. */
export const asksToWait = (status: number): boolean => status === 429 || status === 503;

/** Longer than a timer can run nobody has to wait. */
const MAX_TIMER_MS = 2_147_483_647;

/** The cause of a refused connection whose answer says when to come back; undefined for every other answer. */
export function busyCause(
  status: number,
  headers: IncomingHttpHeaders,
  now: number,
): FailureCause | undefined {
  const waitMs = asksToWait(status) ? retryAfterMs(headers, now) : undefined;
  if (waitMs === undefined) return undefined;
  const detail = `HTTP status ${String(status)}`;
  return { code: 'gateway-busy', detail, retryAfterMs: Math.min(waitMs, MAX_TIMER_MS) };
}

/** The cause to tell the client for a status that carries no reply. Nothing of the body is repeated. */
export function statusCause(status: number): FailureCause {
  const detail = `HTTP status ${String(status)}`;
  if (status === 401 || status === 403) return { code: 'auth-failed', detail };
  if (status === 429) return { code: 'gateway-busy', detail };
  if (status >= 300 && status < 400) {
    return {
      code: 'gateway-error',
      detail: `${detail}: redirects are not followed; set gateway.url to where it leads`,
    };
  }
  return { code: 'gateway-error', detail };
}

/**
 * Judges the answer to the question that opens a connection (a GET, which servers may answer with 405, 400 or 404 as
 * they have no such stream). Undefined: address, TLS and credential are fine.
 */
export function openingRefusal(status: number, hasRetryAfter = false): FailureCause | undefined {
  const detail = `HTTP status ${String(status)}`;
  if (isBusy(status, hasRetryAfter)) return { code: 'gateway-busy', detail };
  if (status === 401 || status === 403) return { code: 'auth-failed', detail };
  if (status >= 300 && status < 400) {
    return {
      code: 'gateway-refused',
      detail: `${detail}: redirects are not followed; set gateway.url to where it leads`,
    };
  }
  const isDown = status === 408 || (status >= 500 && status !== 501);
  return isDown ? { code: 'gateway-unreachable', detail } : undefined;
}
