import { createInterface } from 'node:readline';

import type { CommandIo } from './command-io';

/** Asks on the terminal; `nobody` where there is none. Everything but a clear yes is a no. */
export function askYesOrNo(question: string, io: CommandIo): Promise<'yes' | 'no' | 'nobody'> {
  if (io.stdin.isTTY !== true) return Promise.resolve('nobody');
  return new Promise((resolve) => {
    const lines = createInterface({ input: io.stdin, output: io.stderr, terminal: false });
    io.stderr.write(question);
    lines.once('line', (line) => {
      resolve(/^y(es)?$/i.test(line.trim()) ? 'yes' : 'no');
      lines.close();
    });
    // The end of input, and ^C where the terminal hands it over.
    lines.once('close', () => resolve('no'));
  });
}
