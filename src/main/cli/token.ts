import type { TokenMachine } from '../compose/token-machine';

import type { CommandIo } from './command-io';
import { askedSecret } from './asked-secret';
import { parseTokenArgs, TOKEN_USAGE } from './token-args';
import { isUsageRequest, toldUsage } from './usage-request';

type Change = Awaited<ReturnType<TokenMachine['set']>>;

const EXIT_KEYCHAIN = 2;

/** Runs `mcp-router token ...`; returns the exit code. `argv` starts behind the word `token`. */
export async function runToken(
  argv: readonly string[],
  io: CommandIo,
  machine: TokenMachine,
): Promise<number> {
  const request = parseTokenArgs(argv);
  if (isUsageRequest(request)) return toldUsage(request, 'token', TOKEN_USAGE, io);
  switch (request.kind) {
    case 'set':
      return tokenSet(request.name, io, machine);
    case 'list': {
      const { listTokens } = await import('./token-list');
      return listTokens(await machine.list(request.configPath), request.isJson, io);
    }
    case 'set-certificate':
    case 'delete-certificate':
    case 'rotate':
    case 'rollback': {
      const { changeOver } = await import('./token-rotate');
      return changeOver(request, io, machine);
    }
    case 'delete':
      return tokenDelete(request.name, io, machine);
  }
}

async function tokenSet(name: string, io: CommandIo, machine: TokenMachine): Promise<number> {
  const value = await askedSecret(`Token or client secret for "${name}"`, 'Nothing was stored', io);
  if (typeof value === 'number') return value;
  const change = await machine.set(name, value);
  if (change.kind !== 'done') return failed(io, 'Nothing was stored', change);
  io.stdout.write(
    `Stored "${name}" in the keychain. Use it with gateway.auth.token_secure_key: ${name}, or with client_secret_secure_key if it is an OAuth client secret.\n`,
  );
  return 0;
}

async function tokenDelete(name: string, io: CommandIo, machine: TokenMachine): Promise<number> {
  const isKnown = (await machine.list()).stored.some((entry) => entry.name === name);
  const change = await machine.delete(name);
  if (change.kind !== 'done') return failed(io, 'Nothing was deleted', change);
  io.stdout.write(isKnown ? `Deleted "${name}" from the keychain.\n` : `"${name}" is not in the keychain.\n`);
  return 0;
}

function failed(io: CommandIo, what: string, change: Exclude<Change, { kind: 'done' }>): number {
  const reason =
    change.kind === 'locked'
      ? change.reason
      : `no keychain answers (${change.reason}). Use token_env or token_file instead.`;
  io.stderr.write(`${what}: ${reason}\n`);
  return EXIT_KEYCHAIN;
}
