/** Just enough of the DER encoding (X.690) to write X.509 certificates. */

const encodeLength = (length: number): Buffer => {
  if (length < 0x80) return Buffer.from([length]);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
};

/** One element: tag, length, content. Contents above 65,535 bytes are not needed here. */
export function derElement(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length > 0xffff) throw new RangeError('DER element too long');
  return Buffer.concat([Buffer.from([tag]), encodeLength(body.length), body]);
}

export const derSequence = (...items: readonly Uint8Array[]): Buffer => derElement(0x30, ...items);
export const derSet = (...items: readonly Uint8Array[]): Buffer => derElement(0x31, ...items);
export const derOctets = (content: Uint8Array): Buffer => derElement(0x04, content);
export const derUtf8 = (text: string): Buffer => derElement(0x0c, Buffer.from(text, 'utf8'));
export const derTrue = (): Buffer => derElement(0x01, Buffer.from([0xff]));

/** A bit string whose last byte has `unusedBits` bits without meaning. */
export const derBits = (content: Uint8Array, unusedBits = 0): Buffer =>
  derElement(0x03, Buffer.from([unusedBits]), content);

/** A non-negative integer from its big-endian bytes. */
export function derInteger(bytes: Uint8Array): Buffer {
  const first = bytes[0] ?? 0;
  return derElement(0x02, first >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

/** Context-specific tag around a complete element. */
export const derExplicit = (number: number, content: Uint8Array): Buffer =>
  derElement(0xa0 | number, content);

/** Context-specific tag in place of a primitive element's own. */
export const derImplicit = (number: number, content: Uint8Array): Buffer =>
  derElement(0x80 | number, content);

/** An object identifier from its dotted text. */
export function derObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return derElement(0x06, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5). */
export function derTime(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? derElement(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : derElement(0x18, Buffer.from(digits, 'ascii'));
}
