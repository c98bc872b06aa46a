import { createInterface } from 'node:readline';

import type { CommandIo } from './command-io';

/** `nobody`: there is no terminal to ask on. */
export type Answer = 'yes' | 'no' | 'nobody';

/** Asks on the terminal; `nobody` where there is none. Everything but a clear yes is a no. */
export const askYesOrNo = (question: string, io: CommandIo): Promise<Answer> =>
  ask(question, io, (line) => /^y(es)?$/i.test(line));

/** The same for what must not be confirmed by habit: this very word is a yes. */
export const askWord = (word: string, question: string, io: CommandIo): Promise<Answer> =>
  ask(question, io, (line) => line === word);

function ask(question: string, io: CommandIo, isYes: (line: string) => boolean): Promise<Answer> {
  if (io.stdin.isTTY !== true) return Promise.resolve('nobody');
  return new Promise((resolve) => {
    const lines = createInterface({ input: io.stdin, output: io.stderr, terminal: false });
    io.stderr.write(question);
    lines.once('line', (line) => {
      resolve(isYes(line.trim()) ? 'yes' : 'no');
      lines.close();
    });
    // The end of input, and ^C where the terminal hands it over.
    lines.once('close', () => resolve('no'));
  });
}
