import type { Readable, Writable } from 'node:stream';

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

/** The exit code for arguments that cannot be understood (EX_USAGE); 1 and 2 have meanings of their own. */
export const EXIT_USAGE = 64;
