const WRAPPED = /^=\?base64\?.*\?=$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Visible ASCII with spaces and tabs inside only (RFC 9110 section 5.5). */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

/** True for text that can stand in a header as it is. */
export const isHeaderText = (text: string): boolean => PLAIN.test(text);

/** The text as a header value; what a header cannot carry goes into MCP's base64 wrapper (MCP 2026-07-28). */
export function headerText(text: string): string {
  if (isHeaderText(text) && !WRAPPED.test(text)) return text;
  return `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

/** What the header value stands for; undefined for a wrapper that holds no base64. */
export function decodeHeaderText(value: string): string | undefined {
  const plain = value.trim();
  if (!WRAPPED.test(plain)) return plain;
  const inside = plain.slice('=?base64?'.length, -'?='.length);
  return BASE64.test(inside) ? Buffer.from(inside, 'base64').toString('utf8') : undefined;
}
