import type { CommandIo } from './command-io';
import { readSecret } from './secret-prompt';

const EXIT_NOT_ACCEPTED = 1;
const EXIT_CANCELLED = 130;
/** What a bearer token can hold; anything else breaks the header that carries it. A client secret has this much too. */
const TOKEN_SHAPE = /^[\x21-\x7e]+$/;

/** A token or client secret that was typed or piped in, or the exit code when there is none. */
export async function askedSecret(what: string, nothing: string, io: CommandIo): Promise<string | number> {
  const input = await readSecret(`${what} (not shown): `, io);
  switch (input.kind) {
    case 'cancelled':
      io.stderr.write(`${nothing}.\n`);
      return EXIT_CANCELLED;
    case 'too-long':
      return refuse(io, nothing, 'the token is longer than 64 KiB');
    case 'entered':
      break;
  }
  const value = input.value.trim();
  if (value === '') return refuse(io, nothing, 'the token is empty');
  if (!TOKEN_SHAPE.test(value)) {
    return refuse(io, nothing, 'the token holds spaces, line breaks or letters that a token cannot have');
  }
  return value;
}

/** Says why nothing was done; returns the exit code. */
export function refuse(io: CommandIo, nothing: string, message: string): number {
  io.stderr.write(`${nothing}: ${message}.\n`);
  return EXIT_NOT_ACCEPTED;
}
