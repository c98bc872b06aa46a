import { errorSentence, errorTable, type ErrorCode } from '../../../shared/model/errors';

import type { Range } from './members';

const NULL_ID = Buffer.from('null');
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** What an error of ours tells the client beside its code. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly detail?: string;
  /** When sending again may succeed. */
  readonly retryAfterMs?: number;
  /** The configuration key of the limit that was hit. */
  readonly limit?: string;
}

/** An error reply of ours (design section 7); `id` is the exact text of the request's id, or null. */
export function errorReply(id: Buffer | null, refusal: Refusal): Buffer {
  const meaning = errorTable[refusal.code];
  const error = {
    code: meaning.jsonRpcCode,
    message: errorSentence(refusal.code, refusal.detail),
    data: {
      code: refusal.code,
      retryable: meaning.retryable,
      ...(refusal.retryAfterMs === undefined ? {} : { retry_after_ms: Math.ceil(refusal.retryAfterMs) }),
      ...(refusal.limit === undefined ? {} : { limit: refusal.limit }),
      ...(meaning.limitedBy === null ? {} : { limited_by: meaning.limitedBy }),
    },
  };
  return Buffer.concat([
    Buffer.from('{"jsonrpc":"2.0","id":'),
    id ?? NULL_ID,
    Buffer.from(`,"error":${JSON.stringify(error)}}`),
  ]);
}

/** Replaces a range of the message by other text, leaving every other byte as it is. */
export function splice(bytes: Buffer, range: Range, replacement: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, range.start), replacement, bytes.subarray(range.end)]);
}

/**
 * Makes a JSON text fit on one line. A raw line break can only stand between tokens there,
 * so that a space in its place changes nothing.
 */
export function onOneLine(bytes: Buffer): Buffer {
  if (!bytes.includes(LINE_FEED) && !bytes.includes(CARRIAGE_RETURN)) return bytes;
  const line = Buffer.from(bytes);
  for (let offset = 0; offset < line.length; offset += 1) {
    if (line[offset] === LINE_FEED || line[offset] === CARRIAGE_RETURN) line[offset] = SPACE;
  }
  return line;
}
