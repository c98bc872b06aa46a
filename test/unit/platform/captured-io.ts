import { PassThrough, Readable, Writable } from 'node:stream';

import type { CommandIo } from '../../../src/main/cli/command-io';

/** Streams of a command whose output can be looked at. */
export interface CapturedIo {
  readonly io: CommandIo;
  readonly out: () => string;
  readonly err: () => string;
}

/** Standard input is a pipe with that text. */
export function pipedIo(input = ''): CapturedIo {
  return capture(Readable.from(input === '' ? [] : [Buffer.from(input)]));
}

/** Standard input is a terminal; `raw` tells each switch of its raw mode. */
export function terminalIo(): CapturedIo & { readonly keys: PassThrough; readonly raw: readonly boolean[] } {
  const keys = new PassThrough();
  const raw: boolean[] = [];
  const stdin = Object.assign(keys, {
    isTTY: true,
    setRawMode: (isRaw: boolean): void => {
      raw.push(isRaw);
    },
  });
  return { ...capture(stdin), keys, raw };
}

function capture(stdin: CommandIo['stdin']): CapturedIo {
  const out: string[] = [];
  const err: string[] = [];
  const into = (texts: string[]): Writable =>
    new Writable({
      write: (chunk, _encoding, done) => {
        texts.push(String(chunk));
        done();
      },
    });
  return {
    io: { stdin, stdout: into(out), stderr: into(err) },
    out: () => out.join(''),
    err: () => err.join(''),
  };
}
