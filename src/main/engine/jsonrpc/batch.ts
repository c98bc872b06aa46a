import { scanMessage } from './scan';
import { skipSpace, skipValue } from './skip-value';

const COMMA = 0x2c;
const RIGHT_BRACKET = 0x5d;

/**
 * The ids of the requests in a JSON-RPC batch, exactly as written, so that each can be answered.
 * Undefined when the text is not a JSON array. MCP had batches in 2025-03-26 only, and the gateway refuses them.
 */
export function batchRequestIds(bytes: Buffer): readonly Buffer[] | undefined {
  const ids: Buffer[] = [];
  let offset = skipSpace(bytes, skipSpace(bytes, 0) + 1);
  if (bytes[offset] === RIGHT_BRACKET) return ids;
  for (;;) {
    const end = skipValue(bytes, offset);
    if (end < 0) return undefined;
    const scanned = scanMessage(bytes.subarray(offset, end));
    if (scanned.kind === 'message' && scanned.message.kind === 'request') {
      const { bytes: element, id } = scanned.message;
      ids.push(element.subarray(id.text.start, id.text.end));
    }
    offset = skipSpace(bytes, end);
    if (bytes[offset] === RIGHT_BRACKET) return ids;
    if (bytes[offset] !== COMMA) return undefined;
    offset = skipSpace(bytes, offset + 1);
  }
}
