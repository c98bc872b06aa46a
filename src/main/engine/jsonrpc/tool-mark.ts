import type { RequestMessage } from './scan';
import { skipKey, skipSpace, skipString, skipValue } from './skip-value';

const TOOL_CALL = 'tools/call';
const LEFT_BRACE = 0x7b;
const QUOTE = 0x22;
const COMMA = 0x2c;
/** `name` and its closing quote, as the last bytes of a key. */
const NAME = [0x6e, 0x61, 0x6d, 0x65, QUOTE] as const;
/** Longer parameters are not looked through for a name that does not come first: that would cost a second reading. */
const MAX_SKIPPED_BYTES = 4096;
const MAX_NAME_BYTES = 256;
/** FNV-1a, 32 bits. */
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** A tool whose name was not found. */
const UNNAMED = 0;

/**
 * A hash of the tool's name as it was written, which tells tools apart without keeping names; 0 when there is none to be
 * found soon, and null for other methods. Clients write the name first.
 */
export function toolMark({ bytes, method, params }: RequestMessage): number | null {
  if (method !== TOOL_CALL) return null;
  if (params === undefined || bytes[params.start] !== LEFT_BRACE) return UNNAMED;
  let offset = skipSpace(bytes, params.start + 1);
  for (;;) {
    const afterKey = skipString(bytes, offset);
    const valueStart = afterKey < 0 ? -1 : skipKey(bytes, offset);
    if (valueStart < 0) return UNNAMED;
    if (isName(bytes, offset + 1, afterKey))
      return bytes[valueStart] === QUOTE ? hashOfText(bytes, valueStart) : UNNAMED;
    if (params.end - params.start > MAX_SKIPPED_BYTES) return UNNAMED;
    const valueEnd = skipValue(bytes, valueStart);
    if (valueEnd < 0) return UNNAMED;
    offset = skipSpace(bytes, valueEnd);
    if (bytes[offset] !== COMMA) return UNNAMED;
    offset = skipSpace(bytes, offset + 1);
  }
}

/** True when the key whose text starts there, and which ends with its closing quote, is `name`. */
function isName(bytes: Buffer, start: number, end: number): boolean {
  return end - start === NAME.length && NAME.every((byte, index) => bytes[start + index] === byte);
}

function hashOfText(bytes: Buffer, from: number): number {
  const end = Math.min(skipString(bytes, from) - 1, from + MAX_NAME_BYTES);
  let hash = FNV_START;
  for (let offset = from + 1; offset < end; offset += 1) {
    hash = Math.imul(hash ^ (bytes[offset] ?? 0), FNV_PRIME);
  }
  return hash >>> 0;
}
