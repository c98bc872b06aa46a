import { parseArgs } from 'node:util';

import { EXIT_USAGE, type CommandIo } from './command-io';
import { readSecret } from './secret-prompt';

type Change =
  { readonly kind: 'done' } | { readonly kind: 'locked' | 'unavailable'; readonly reason: string };

/** What `token` needs from the machine. */
export interface TokenMachine {
  readonly keychain: {
    write(name: string, value: string): Promise<Change>;
    delete(name: string): Promise<Change>;
    list(): Promise<readonly { readonly name: string; readonly storedAt: string }[]>;
  };
}

const USAGE = `Usage: mcp-router token set NAME       store a token in the keychain; it is asked for, or read from stdin
       mcp-router token list [--json]   names and dates of stored tokens, never their values
       mcp-router token delete NAME     remove a token from the keychain

NAME is what gateway.auth.token_secure_key refers to, such as "gateway".
Exit codes: 0 done, 1 not accepted, 2 the keychain is locked or not available.
`;

const EXIT_NOT_ACCEPTED = 1;
const EXIT_KEYCHAIN = 2;
const EXIT_CANCELLED = 130;
const NAME_SHAPE = /^[A-Za-z0-9][A-Za-z0-9._@:/-]{0,63}$/;
/** Somebody put the token where its name belongs. */
const TOKEN_LOOK = /^(eyJ|sk-|sk_|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abprs]-)/;
/** What a bearer token can hold; anything else breaks the header that carries it. */
const TOKEN_SHAPE = /^[\x21-\x7e]+$/;

/** Runs `mcp-router token ...`; returns the exit code. `argv` starts behind the word `token`. */
export async function runToken(
  argv: readonly string[],
  io: CommandIo,
  machine: TokenMachine,
): Promise<number> {
  const request = parse(argv);
  switch (request.kind) {
    case 'help':
      io.stdout.write(USAGE);
      return 0;
    case 'mistake':
      io.stderr.write(`mcp-router token: ${request.message}\n\n${USAGE}`);
      return EXIT_USAGE;
    case 'set':
      return tokenSet(request.name, io, machine);
    case 'list':
      return tokenList(request.isJson, io, machine);
    case 'delete':
      return tokenDelete(request.name, io, machine);
  }
}

async function tokenSet(name: string, io: CommandIo, { keychain }: TokenMachine): Promise<number> {
  const input = await readSecret(`Token for "${name}" (not shown): `, io);
  switch (input.kind) {
    case 'cancelled':
      io.stderr.write('Nothing was stored.\n');
      return EXIT_CANCELLED;
    case 'too-long':
      return refuse(io, 'the token is longer than 64 KiB');
    case 'entered':
      break;
  }
  const value = input.value.trim();
  if (value === '') return refuse(io, 'the token is empty');
  if (!TOKEN_SHAPE.test(value)) {
    return refuse(io, 'the token holds spaces, line breaks or letters that a token cannot have');
  }
  const change = await keychain.write(name, value);
  if (change.kind !== 'done') return failed(io, 'Nothing was stored', change);
  io.stdout.write(`Stored "${name}" in the keychain. Use it with gateway.auth.token_secure_key: ${name}\n`);
  return 0;
}

async function tokenList(isJson: boolean, io: CommandIo, { keychain }: TokenMachine): Promise<number> {
  const stored = [...(await keychain.list())].sort((a, b) => a.name.localeCompare(b.name));
  if (isJson) {
    io.stdout.write(`${JSON.stringify(stored, null, 2)}\n`);
    return 0;
  }
  if (stored.length === 0) {
    io.stdout.write('No tokens are stored.\n');
    return 0;
  }
  const width = Math.max(...stored.map(({ name }) => name.length));
  io.stdout.write(stored.map(({ name, storedAt }) => `${name.padEnd(width)}  stored ${storedAt}\n`).join(''));
  return 0;
}

async function tokenDelete(name: string, io: CommandIo, { keychain }: TokenMachine): Promise<number> {
  const isKnown = (await keychain.list()).some((entry) => entry.name === name);
  const change = await keychain.delete(name);
  if (change.kind !== 'done') return failed(io, 'Nothing was deleted', change);
  io.stdout.write(isKnown ? `Deleted "${name}" from the keychain.\n` : `"${name}" is not in the keychain.\n`);
  return 0;
}

type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }
  | { readonly kind: 'list'; readonly isJson: boolean }
  | { readonly kind: 'set' | 'delete'; readonly name: string };

const OPTIONS = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

function parse(argv: readonly string[]): Request {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch {
    // The parser's own message repeats the argument, which may be a token.
    return mistake('an option is not known');
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { kind: 'help' };
  const [verb, name, ...extra] = positionals;
  if (verb === 'list' && name === undefined) return { kind: 'list', isJson: values.json ?? false };
  if (verb !== 'set' && verb !== 'delete') {
    return mistake(verb === undefined ? 'a command is missing' : 'unknown command');
  }
  if (name === undefined) return mistake('NAME is missing');
  if (extra.length > 0) {
    // Never accepted there: other users see the arguments of a process, and the shell's history keeps them.
    return mistake('a token is never given as an argument; it is asked for, or read from stdin');
  }
  if (!NAME_SHAPE.test(name)) return mistake('NAME may hold letters, digits and . _ @ : / - (64 at most)');
  if (TOKEN_LOOK.test(name))
    return mistake('NAME looks like a token; give the token a name, such as "gateway"');
  return { kind: verb, name };
}

function refuse(io: CommandIo, message: string): number {
  io.stderr.write(`Nothing was stored: ${message}.\n`);
  return EXIT_NOT_ACCEPTED;
}

function failed(io: CommandIo, what: string, change: Exclude<Change, { kind: 'done' }>): number {
  const reason =
    change.kind === 'locked'
      ? change.reason
      : `no keychain answers (${change.reason}). Use token_env or token_file instead.`;
  io.stderr.write(`${what}: ${reason}\n`);
  return EXIT_KEYCHAIN;
}

function mistake(message: string): Request {
  return { kind: 'mistake', message };
}
