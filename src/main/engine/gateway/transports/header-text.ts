const WRAPPED = /^=\?base64\?.*\?=$/i;
/** Visible ASCII with spaces and tabs inside only (RFC 9110 section 5.5). */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

/** True for text that can stand in a header as it is. */
export const isHeaderText = (text: string): boolean => PLAIN.test(text);

/** The text as a header value; what a header cannot carry goes into MCP's base64 wrapper (MCP 2026-07-28). */
export function headerText(text: string): string {
  if (isHeaderText(text) && !WRAPPED.test(text)) return text;
  return `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
