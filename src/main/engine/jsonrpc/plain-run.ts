const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Shorter runs are not worth a view of the bytes as words. */
const SHORT_RUN = 64;
const WORD = 4;

/** True for what ends a run of plain text in a JSON string: its closing quote, an escape, or what may not stand there. */
const isSpecial = (byte: number): boolean => byte < SPACE || byte === QUOTE || byte === BACKSLASH;

/**
 * Skips plain text inside a JSON string; returns the offset of the first quote, backslash or control character at or
 * after `from`, or the length. Most of a large message is such text, so that long runs are looked at in words.
 */
export function skipPlainRun(bytes: Uint8Array, from: number): number {
  const start = bytes.byteOffset;
  // The first word boundary after the short run.
  const boundary = from + SHORT_RUN + ((WORD - ((start + from) % WORD)) % WORD);
  const offset = skipBytes(bytes, from, Math.min(boundary, bytes.length));
  if (offset < boundary || boundary + WORD > bytes.length) return skipBytes(bytes, offset, bytes.length);
  const words = new Int32Array(bytes.buffer, start + boundary, Math.floor((bytes.length - boundary) / WORD));
  return skipBytes(bytes, boundary + plainWords(words) * WORD, bytes.length);
}

function skipBytes(bytes: Uint8Array, from: number, end: number): number {
  let offset = from;
  while (offset < end && !isSpecial(bytes[offset] ?? 0)) offset += 1;
  return offset;
}

/** How many words from the first one hold plain text alone. */
function plainWords(words: Int32Array): number {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? 0;
    const quote = word ^ 0x22222222;
    const backslash = word ^ 0x5c5c5c5c;
    // For each byte: its top bit is set here where the byte is below 0x20, a quote or a backslash. A borrow from such a
    // byte may set the next one's as well, which changes nothing: the bytes of the word are looked at one by one then.
    const below = (word - 0x20202020) & ~word;
    const found = below | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
    if ((found & 0x80808080) !== 0) return index;
  }
  return words.length;
}
