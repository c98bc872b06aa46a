/** Some Windows editors put it before the first character. */
export const BYTE_ORDER_MARK = '\uFEFF';

/** `line 3, column 7` of an offset, as editors count. */
export function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, column ${offset - before.lastIndexOf('\n')}`;
}

/** The line end that the text uses; of a text without one, `\n`. */
export function lineEndOf(text: string): string {
  const first = text.indexOf('\n');
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n';
}
