import type { Readable, Writable } from 'node:stream';

import { RouterError } from '../../shared/model/errors';

/** Standard input; the last two exist on a terminal. */
export interface CommandInput extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** What a command reads and writes, so that tests need no process. */
export interface CommandIo {
  readonly stdin: CommandInput;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Says in one sentence why a command was refused; exit code 2. */
export async function saidWhenRefused(io: CommandIo, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    io.stderr.write(`mcp-router: ${error.message} ${error.meaning.nextStep}\n`);
    return 2;
  }
}

/** Resolves when the stream takes more, or never will. */
export function drained(stream: Writable): Promise<void> {
  const ends = ['drain', 'close', 'error'] as const;
  return new Promise((resolve) => {
    const done = (): void => {
      for (const end of ends) stream.off(end, done);
      resolve();
    };
    for (const end of ends) stream.on(end, done);
  });
}

/** The exit code for arguments that cannot be understood (EX_USAGE); 1 and 2 have meanings of their own. */
export const EXIT_USAGE = 64;
