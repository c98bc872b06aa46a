import { parseArgs } from 'node:util';

import type { ListedToken, TokenMachine } from '../compose/token-machine';

import { EXIT_USAGE, type CommandIo } from './command-io';
import { readSecret } from './secret-prompt';

type Change = Awaited<ReturnType<TokenMachine['set']>>;

const USAGE = `Usage: mcp-router token set NAME       store a token in the keychain; it is asked for, or read from stdin
       mcp-router token rotate [NAME] [--config FILE]
                                        try a new token against the gateway, then put it in place of the old one;
                                        without NAME the token that the configuration uses, also a token_file
       mcp-router token rollback [NAME] [--config FILE]
                                        go back to the token before, while it is still kept
       mcp-router token list [--json]   names and dates of stored tokens, never their values
       mcp-router token delete NAME     remove a token from the keychain

NAME is what gateway.auth.token_secure_key refers to, such as "gateway".
Exit codes: 0 done, 1 not accepted, 2 the keychain (or the file) cannot be used, 3 the gateway cannot be asked.
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
    case 'rotate':
    case 'rollback':
      return changeOver(request, io, machine);
    case 'delete':
      return tokenDelete(request.name, io, machine);
  }
}

/** A token that was typed or piped in, or the exit code when there is none. */
async function askedToken(name: string, nothing: string, io: CommandIo): Promise<string | number> {
  const input = await readSecret(`Token for "${name}" (not shown): `, io);
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

async function tokenSet(name: string, io: CommandIo, machine: TokenMachine): Promise<number> {
  const value = await askedToken(name, 'Nothing was stored', io);
  if (typeof value === 'number') return value;
  const change = await machine.set(name, value);
  if (change.kind !== 'done') return failed(io, 'Nothing was stored', change);
  io.stdout.write(`Stored "${name}" in the keychain. Use it with gateway.auth.token_secure_key: ${name}\n`);
  return 0;
}

async function changeOver(
  { kind, name, configPath }: Extract<Request, { kind: 'rotate' | 'rollback' }>,
  io: CommandIo,
  machine: TokenMachine,
): Promise<number> {
  const start = await machine.rotation(name, configPath);
  if (start.kind === 'refused') return refuse(io, 'Nothing was changed', start.message);
  const { rollBack, rotateTo } = await import('./token-rotate');
  if (kind === 'rollback') return rollBack(start, io);
  const value = await askedToken(start.inUse.name, 'Nothing was changed', io);
  return typeof value === 'number' ? value : rotateTo(value, start, io);
}

async function tokenList(isJson: boolean, io: CommandIo, machine: TokenMachine): Promise<number> {
  const stored = [...(await machine.list())].sort((a, b) => a.name.localeCompare(b.name));
  if (isJson) {
    io.stdout.write(`${JSON.stringify(stored, null, 2)}\n`);
    return 0;
  }
  if (stored.length === 0) {
    io.stdout.write('No tokens are stored.\n');
    return 0;
  }
  const width = Math.max(...stored.map(({ name }) => name.length));
  const days = await machine.rotationDays();
  io.stdout.write(stored.map((entry) => `${entry.name.padEnd(width)}  ${listLine(entry, days)}\n`).join(''));
  return 0;
}

const DAY_MS = 86_400_000;

function listLine({ storedAt, previousUntil }: ListedToken, rotationDays: number): string {
  const age = Math.floor((Date.now() - Date.parse(storedAt)) / DAY_MS);
  const isOld = rotationDays > 0 && age >= rotationDays;
  const old = isOld
    ? `  ${String(age)} days old: rotate it (security.rotation_days: ${String(rotationDays)})`
    : '';
  const kept = previousUntil === undefined ? '' : `  the one before is kept until ${previousUntil}`;
  return `stored ${storedAt}${kept}${old}`;
}

async function tokenDelete(name: string, io: CommandIo, machine: TokenMachine): Promise<number> {
  const isKnown = (await machine.list()).some((entry) => entry.name === name);
  const change = await machine.delete(name);
  if (change.kind !== 'done') return failed(io, 'Nothing was deleted', change);
  io.stdout.write(isKnown ? `Deleted "${name}" from the keychain.\n` : `"${name}" is not in the keychain.\n`);
  return 0;
}

type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }
  | { readonly kind: 'list'; readonly isJson: boolean }
  | { readonly kind: 'set' | 'delete'; readonly name: string }
  | {
      readonly kind: 'rotate' | 'rollback';
      /** Undefined: the one that the configuration uses. */
      readonly name: string | undefined;
      readonly configPath: string | undefined;
    };

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

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
  if (verb !== 'set' && verb !== 'delete' && verb !== 'rotate' && verb !== 'rollback') {
    return mistake(verb === undefined ? 'a command is missing' : 'unknown command');
  }
  const isChangeOver = verb === 'rotate' || verb === 'rollback';
  if (extra.length > 0) {
    // Never accepted there: other users see the arguments of a process, and the shell's history keeps them.
    return mistake('a token is never given as an argument; it is asked for, or read from stdin');
  }
  if (name === undefined && !isChangeOver) return mistake('NAME is missing');
  if (name !== undefined && !NAME_SHAPE.test(name))
    return mistake('NAME may hold letters, digits and . _ @ : / - (64 at most)');
  if (name !== undefined && TOKEN_LOOK.test(name))
    return mistake('NAME looks like a token; give the token a name, such as "gateway"');
  if (isChangeOver) return { kind: verb, name, configPath: values.config };
  if (values.config !== undefined) return mistake('--config belongs to rotate and rollback');
  return { kind: verb, name: name ?? '' };
}

function refuse(io: CommandIo, nothing: string, message: string): number {
  io.stderr.write(`${nothing}: ${message}.\n`);
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
