import { failedAt, skipKey, skipSpace, skipString, skipValue, type Offset } from './skip-value';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LEFT_BRACE = 0x7b;
const RIGHT_BRACE = 0x7d;

/** A half-open range of bytes. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Told of each member of an object in order: the key between its quotes, and the whole value. */
export type MemberVisitor = (key: Range, value: Range) => void;

/**
 * Checks the object at `from` and visits its members; nested values are checked, not visited.
 * Returns the offset after the object, or where the text stops being JSON.
 */
export function visitMembers(bytes: Uint8Array, from: number, visit: MemberVisitor): Offset {
  if (bytes[from] !== LEFT_BRACE) return failedAt(from);
  let offset = skipSpace(bytes, from + 1);
  if (bytes[offset] === RIGHT_BRACE) return offset + 1;
  for (;;) {
    const afterKey = skipString(bytes, offset);
    if (afterKey < 0) return afterKey;
    const valueStart = skipKey(bytes, offset);
    if (valueStart < 0) return valueStart;
    const valueEnd = skipValue(bytes, valueStart);
    if (valueEnd < 0) return valueEnd;
    visit({ start: offset + 1, end: afterKey - 1 }, { start: valueStart, end: valueEnd });
    offset = skipSpace(bytes, valueEnd);
    if (bytes[offset] === RIGHT_BRACE) return offset + 1;
    if (bytes[offset] !== COMMA) return failedAt(offset);
    offset = skipSpace(bytes, offset + 1);
  }
}

/** Decodes the text between two quotes. Plain text, the usual case, is copied without parsing. */
export function decodeString(bytes: Buffer, inside: Range): string {
  const escape = bytes.indexOf(BACKSLASH, inside.start);
  if (escape === -1 || escape >= inside.end) return bytes.toString('utf8', inside.start, inside.end);
  const decoded: unknown = JSON.parse(bytes.toString('utf8', inside.start - 1, inside.end + 1));
  return typeof decoded === 'string' ? decoded : '';
}

/** True when the value is a string. */
export const isString = (bytes: Uint8Array, value: Range): boolean => bytes[value.start] === QUOTE;

/** The range between the quotes of a string value. */
export const insideQuotes = (value: Range): Range => ({ start: value.start + 1, end: value.end - 1 });

/** The value of the last member with this key in the object at `object`, or undefined. */
export function memberOf(bytes: Buffer, object: Range | undefined, key: string): Range | undefined {
  if (object === undefined) return undefined;
  let found: Range | undefined;
  visitMembers(bytes, object.start, (candidate, value) => {
    if (decodeString(bytes, candidate) === key) found = value;
  });
  return found;
}
