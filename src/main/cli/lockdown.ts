import { parseArgs } from 'node:util';

import type { LockdownMachine } from '../compose/lockdown-machine';
import { lockdownSourceWords, RELEASE_WORD, type Lockdown } from '../../shared/model/lockdown';

import type { CommandIo } from './command-io';
import { askWord, askYesOrNo } from './yes-or-no';
import { isUsageRequest, mistake, requestOf, toldUsage, type UsageRequest } from './usage-request';

const USAGE = `Usage: mcp-router lockdown [--revoke] [--delete-credentials] [--yes]    let nothing pass any more
       mcp-router lockdown status [--json]                              whether it is locked down, and since when
       mcp-router lockdown release [--yes]                              end it; asks for the word "${RELEASE_WORD}"

Locks down every router of this user: the app, serve and the bridges of clients, those that run and those that start
later, also after a restart of the machine. Connections are closed, tokens in memory forgotten, requests refused
(locked-down). Nothing but "release", or the window, ends it.

Flags:
      --revoke               end the sign-in at the identity provider as well (see sign-out)
      --delete-credentials   delete the router's entries from the keychain as well; shows them and asks
      --yes                  do not ask
  -c, --config FILE          the configuration file

Exit codes: 0 done, 1 locked down, but something that was asked for could not be done (release: not confirmed),
2 nothing changed, because the marker cannot be written or removed. Of status: 0 not locked down, 1 locked down.
`;

const EXIT_INCOMPLETE = 1;
const EXIT_FAILED = 2;

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  revoke: { type: 'boolean' },
  'delete-credentials': { type: 'boolean' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

interface LockRequest {
  readonly kind: 'lock';
  readonly isRevoking: boolean;
  readonly isDeleting: boolean;
  readonly isSure: boolean;
  readonly configPath: string | undefined;
}

type Request =
  | UsageRequest
  | { readonly kind: 'status'; readonly isJson: boolean }
  | { readonly kind: 'release'; readonly isSure: boolean; readonly configPath: string | undefined }
  | LockRequest;

/** Runs `mcp-router lockdown ...`; returns the exit code. `argv` starts behind the word `lockdown`. */
export async function runLockdown(
  argv: readonly string[],
  io: CommandIo,
  machine: LockdownMachine,
): Promise<number> {
  const request = parse(argv);
  if (isUsageRequest(request)) return toldUsage(request, 'lockdown', USAGE, io);
  switch (request.kind) {
    case 'status':
      return status(await machine.look(), request.isJson, io);
    case 'release':
      return release(request, io, machine);
    case 'lock':
      return lock(request, io, machine);
  }
}

function status(lockdown: Lockdown | null, isJson: boolean, io: CommandIo): number {
  if (isJson) io.stdout.write(`${JSON.stringify({ locked: lockdown !== null, ...lockdown })}\n`);
  else io.stdout.write(`${statusText(lockdown)}\n`);
  return lockdown === null ? 0 : EXIT_INCOMPLETE;
}

function statusText(lockdown: Lockdown | null): string {
  if (lockdown === null) return 'Not locked down.';
  const { since, by, problem } = lockdown;
  if (since === null) return `Locked down: ${problem ?? lockdownSourceWords[by]}.`;
  return `Locked down since ${new Date(since).toISOString()}, by ${lockdownSourceWords[by]}.`;
}

async function lock(
  { isRevoking, isDeleting, isSure, configPath }: LockRequest,
  io: CommandIo,
  machine: LockdownMachine,
): Promise<number> {
  const change = await machine.lock('command', configPath);
  if (change.kind === 'failed') {
    io.stderr.write(`Nothing is locked down: ${change.reason}\nStop the routers in place of it.\n`);
    return EXIT_FAILED;
  }
  const what = change.kind === 'done' ? 'Locked down' : statusText(await machine.look()).replace(/\.$/, '');
  io.stdout.write(`${what}: nothing passes, until "mcp-router lockdown release".\n`);
  const isRevoked = !isRevoking || (await revoke(io, machine, configPath));
  const isDeleted = !isDeleting || (await deleteAll({ isSure, configPath }, io, machine));
  for (const line of await machine.advice(configPath)) io.stdout.write(`${line}\n`);
  return isRevoked && isDeleted ? 0 : EXIT_INCOMPLETE;
}

async function revoke(
  io: CommandIo,
  machine: LockdownMachine,
  configPath: string | undefined,
): Promise<boolean> {
  const revocation = await machine.revoke(configPath);
  switch (revocation.kind) {
    case 'revoked':
      io.stdout.write('The identity provider has ended the tokens.\n');
      return true;
    case 'nothing':
      io.stdout.write('Nobody was signed in.\n');
      return true;
    case 'not-possible':
      io.stderr.write(`Not revoked: ${revocation.reason}\n`);
      return false;
  }
}

async function deleteAll(
  { isSure, configPath }: Pick<LockRequest, 'isSure' | 'configPath'>,
  io: CommandIo,
  machine: LockdownMachine,
): Promise<boolean> {
  const names = await machine.credentials();
  if (names.length === 0) {
    io.stdout.write('There is nothing of the router in the keychain.\n');
    return true;
  }
  const question = `Delete from the keychain: ${names.join(', ')}? [y/N] `;
  const answer = isSure ? 'yes' : await askYesOrNo(question, io);
  if (answer !== 'yes') {
    const why = answer === 'nobody' ? ', because nobody can be asked; use --yes' : '';
    io.stderr.write(`Nothing was deleted${why}.\n`);
    return false;
  }
  const { deleted, failures } = await machine.deleteCredentials(names, configPath);
  if (deleted.length > 0) io.stdout.write(`Deleted from the keychain: ${deleted.join(', ')}\n`);
  for (const failure of failures) io.stderr.write(`${failure}\n`);
  return failures.length === 0;
}

async function release(
  { isSure, configPath }: Extract<Request, { kind: 'release' }>,
  io: CommandIo,
  machine: LockdownMachine,
): Promise<number> {
  const lockdown = await machine.look();
  if (lockdown === null) {
    io.stdout.write('Not locked down.\n');
    return 0;
  }
  const question = `${statusText(lockdown)}\nType "${RELEASE_WORD}" to let requests pass again: `;
  const answer = isSure ? 'yes' : await askWord(RELEASE_WORD, question, io);
  if (answer !== 'yes') {
    const why = answer === 'nobody' ? ', because nobody can be asked; use --yes' : '';
    io.stderr.write(`It stays locked down${why}.\n`);
    return EXIT_INCOMPLETE;
  }
  const change = await machine.release(configPath);
  if (change.kind === 'failed') {
    io.stderr.write(`It stays locked down: ${change.reason}\n`);
    return EXIT_FAILED;
  }
  io.stdout.write('The lockdown is over. Routers connect again as they were switched.\n');
  return 0;
}

const parse = (argv: readonly string[]): Request =>
  requestOf(() => parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true }), meaningOf);

function meaningOf({ values, positionals }: Parsed): Request {
  const [name, ...extra] = positionals;
  if (extra.length > 0) return mistake(`"${extra[0] ?? ''}" does not belong here`);
  const {
    yes: isSure = false,
    config: configPath,
    revoke: isRevoking = false,
    json: isJson = false,
  } = values;
  const isDeleting = values['delete-credentials'] ?? false;
  if (name !== undefined && (isRevoking || isDeleting))
    return mistake('--revoke and --delete-credentials belong to locking down');
  if (isJson && name !== 'status') return mistake('--json belongs to status');
  switch (name) {
    case undefined:
      return { kind: 'lock', isRevoking, isDeleting, isSure, configPath };
    case 'status':
      return { kind: 'status', isJson };
    case 'release':
      return { kind: 'release', isSure, configPath };
    default:
      return mistake(`unknown command "${name}"`);
  }
}
