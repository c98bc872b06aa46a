import { scanMessage } from './scan';
import { skipSpace, skipValue } from './skip-value';

const COMMA = 0x2c;
const RIGHT_BRACKET = 0x5d;

/** A batch with more requests is answered once, as one message: nobody sends it in good faith. */
export const MAX_BATCH_IDS = 100;

/**
 * The ids of the requests in a JSON-RPC batch, exactly as written, so that each can be answered.
 * Empty when there is none, or more than {@link MAX_BATCH_IDS}; undefined when the text is not a JSON array.
 * MCP had batches in 2025-03-26 only, and the gateway refuses them.
 */
export function batchRequestIds(bytes: Buffer): readonly Buffer[] | undefined {
  const ids: Buffer[] = [];
  const finish = (bracket: number): readonly Buffer[] | undefined => {
    if (skipSpace(bytes, bracket + 1) !== bytes.length) return undefined;
    return ids.length > MAX_BATCH_IDS ? [] : ids;
  };
  let offset = skipSpace(bytes, skipSpace(bytes, 0) + 1);
  if (bytes[offset] === RIGHT_BRACKET) return finish(offset);
  for (;;) {
    const end = skipValue(bytes, offset);
    if (end < 0) return undefined;
    const id = ids.length > MAX_BATCH_IDS ? undefined : requestIdOf(bytes.subarray(offset, end));
    if (id !== undefined) ids.push(id);
    offset = skipSpace(bytes, end);
    if (bytes[offset] === RIGHT_BRACKET) return finish(offset);
    if (bytes[offset] !== COMMA) return undefined;
    offset = skipSpace(bytes, offset + 1);
  }
}

function requestIdOf(element: Buffer): Buffer | undefined {
  const scanned = scanMessage(element);
  if (scanned.kind !== 'message' || scanned.message.kind !== 'request') return undefined;
  const { start, end } = scanned.message.id.text;
  return element.subarray(start, end);
}
