import { skipPlainRun } from './plain-run';

/** Nesting above this is refused, as the stack of the scanner is bounded by it. */
export const MAX_NESTING = 512;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const LEFT_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const RIGHT_BRACKET = 0x5d;
const LEFT_BRACE = 0x7b;
const RIGHT_BRACE = 0x7d;
const LOWER_E = 0x65;
const LOWER_U = 0x75;

/** An offset, or `-1 - offset` where the text stops being JSON. */
export type Offset = number;

/** Turns the offset of a mistake into a failed {@link Offset}, and back. */
export const failedAt = (offset: number): Offset => -1 - offset;

const byteAt = (bytes: Uint8Array, offset: number): number => bytes[offset] ?? -1;
const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

/** Skips the four bytes that JSON counts as white space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let offset = from;
  for (;;) {
    const byte = byteAt(bytes, offset);
    if (byte !== SPACE && byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== TAB) return offset;
    offset += 1;
  }
}

/** Skips a string whose opening quote stands at `from`; returns the offset after its closing quote. */
export function skipString(bytes: Uint8Array, from: number): Offset {
  if (byteAt(bytes, from) !== QUOTE) return failedAt(from);
  let offset = skipPlainRun(bytes, from + 1);
  for (;;) {
    const byte = byteAt(bytes, offset);
    if (byte === QUOTE) return offset + 1;
    if (byte !== BACKSLASH) return failedAt(offset);
    const escaped = skipEscape(bytes, offset + 1);
    if (escaped < 0) return escaped;
    offset = skipPlainRun(bytes, escaped);
  }
}

function skipEscape(bytes: Uint8Array, from: number): Offset {
  const byte = byteAt(bytes, from);
  if (byte !== LOWER_U) {
    const isShort = byte === QUOTE || byte === BACKSLASH || byte === SLASH || isControlLetter(byte);
    return isShort ? from + 1 : failedAt(from);
  }
  for (let digit = 1; digit <= 4; digit += 1) {
    if (!isHexDigit(byteAt(bytes, from + digit))) return failedAt(from + digit);
  }
  return from + 5;
}

/** b, f, n, r and t. */
const isControlLetter = (byte: number): boolean =>
  byte === 0x62 || byte === 0x66 || byte === 0x6e || byte === 0x72 || byte === 0x74;
const isHexDigit = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

function skipDigits(bytes: Uint8Array, from: number): Offset {
  let offset = from;
  while (isDigit(byteAt(bytes, offset))) offset += 1;
  return offset === from ? failedAt(from) : offset;
}

function skipNumber(bytes: Uint8Array, from: number): Offset {
  let offset = byteAt(bytes, from) === MINUS ? from + 1 : from;
  offset = byteAt(bytes, offset) === ZERO ? offset + 1 : skipDigits(bytes, offset);
  if (offset < 0) return offset;
  if (byteAt(bytes, offset) === POINT) {
    offset = skipDigits(bytes, offset + 1);
    if (offset < 0) return offset;
  }
  const exponent = byteAt(bytes, offset);
  if (exponent !== LOWER_E && exponent !== UPPER_E) return offset;
  const sign = byteAt(bytes, offset + 1);
  return skipDigits(bytes, offset + (sign === PLUS || sign === MINUS ? 2 : 1));
}

const LITERALS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

function skipLiteral(bytes: Uint8Array, from: number): Offset {
  const word = LITERALS.find((literal) => literal[0] === bytes[from]);
  if (word === undefined) return failedAt(from);
  for (let index = 1; index < word.length; index += 1) {
    if (bytes[from + index] !== word[index]) return failedAt(from + index);
  }
  return from + word.length;
}

function skipScalar(bytes: Uint8Array, from: number): Offset {
  const byte = byteAt(bytes, from);
  if (byte === QUOTE) return skipString(bytes, from);
  return byte === MINUS || isDigit(byte) ? skipNumber(bytes, from) : skipLiteral(bytes, from);
}

/** Skips `"key" :` and the space around it; returns the offset of the value. */
export function skipKey(bytes: Uint8Array, from: number): Offset {
  const afterKey = skipString(bytes, skipSpace(bytes, from));
  if (afterKey < 0) return afterKey;
  const colon = skipSpace(bytes, afterKey);
  return byteAt(bytes, colon) === COLON ? skipSpace(bytes, colon + 1) : failedAt(colon);
}

/**
 * Checks one JSON value (RFC 8259) without building it, and returns the offset after it.
 * It does not recurse, so that deep input cannot exhaust the stack.
 */
export function skipValue(bytes: Uint8Array, from: number): Offset {
  const closers: number[] = [];
  let offset = from;
  for (;;) {
    offset = enterValue(bytes, offset, closers);
    if (offset < 0) return offset;
    if (closers[closers.length - 1] === OPENED) {
      closers.pop();
      continue;
    }
    offset = leaveContainers(bytes, offset, closers);
    if (offset < 0 || closers.length === 0) return offset;
  }
}

/** Marks on the stack that a container was just opened and its first value comes next. */
const OPENED = -1;

/** Reads a scalar or an empty container whole, or opens a container and pushes its closer and {@link OPENED}. */
function enterValue(bytes: Uint8Array, from: number, closers: number[]): Offset {
  const byte = byteAt(bytes, from);
  if (byte !== LEFT_BRACE && byte !== LEFT_BRACKET) return skipScalar(bytes, from);
  if (closers.length >= MAX_NESTING) return failedAt(from);
  const closer = byte === LEFT_BRACE ? RIGHT_BRACE : RIGHT_BRACKET;
  const inside = skipSpace(bytes, from + 1);
  if (byteAt(bytes, inside) === closer) return inside + 1;
  closers.push(closer, OPENED);
  return closer === RIGHT_BRACE ? skipKey(bytes, inside) : inside;
}

/** After a value: closes what ends here, or moves to the next value of the innermost container. */
function leaveContainers(bytes: Uint8Array, from: number, closers: number[]): Offset {
  let offset = from;
  for (let closer = closers.at(-1); closer !== undefined; closer = closers.at(-1)) {
    offset = skipSpace(bytes, offset);
    const byte = byteAt(bytes, offset);
    if (byte === COMMA) {
      return closer === RIGHT_BRACE ? skipKey(bytes, offset + 1) : skipSpace(bytes, offset + 1);
    }
    if (byte !== closer) return failedAt(offset);
    closers.pop();
    offset += 1;
  }
  return offset;
}
