import type { Readable } from 'node:stream';

/**
 * Calls back with each line of a UTF-8 stream, without its line feed. Unlike node:readline it does not take U+2028,
 * U+2029 or a lone carriage return for the end of a line: JSON may contain them.
 */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}
