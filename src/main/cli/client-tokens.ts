import type { ClientTokens } from '../compose';

import { EXIT_USAGE, type CommandIo } from './command-io';

const USAGE = `Usage: mcp-router clients token add NAME      make a token for a client that connects over HTTP; it is shown this once
       mcp-router clients token list [--json] names and dates, never values
       mcp-router clients token revoke NAME   the token opens nothing any more, and its sessions end at once

The address is local.http.address (http://127.0.0.1:9642/mcp unless configured otherwise), and is served by the app and
"mcp-router serve" with local.http.enabled: true. The client sends the token as "Authorization: Bearer ...".

Exit codes: 0 done, 1 not done, 2 the file of the tokens is not as it must be.
`;

const EXIT_NOT_DONE = 1;
const EXIT_MACHINE = 2;

/** Runs `mcp-router clients token ...`; returns the exit code. `argv` starts behind the word `token`. */
export async function runClientTokens(
  argv: readonly string[],
  io: CommandIo,
  tokens: ClientTokens,
): Promise<number> {
  const [verb, name, ...extra] = argv;
  if (verb === '--help' || verb === '-h') {
    io.stdout.write(USAGE);
    return 0;
  }
  if (verb === 'list' && extra.length === 0 && (name === undefined || name === '--json')) {
    return list(name === '--json', io, tokens);
  }
  if ((verb !== 'add' && verb !== 'revoke') || name === undefined || extra.length > 0) {
    io.stderr.write(`mcp-router clients token: ${mistake(verb, name)}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  return verb === 'add' ? add(name, io, tokens) : revoke(name, io, tokens);
}

function mistake(verb: string | undefined, name: string | undefined): string {
  if (verb === undefined) return 'a command is missing';
  if (verb !== 'add' && verb !== 'revoke' && verb !== 'list') return `unknown command "${verb}"`;
  return name === undefined ? 'NAME is missing' : 'there is one word too many';
}

async function add(name: string, io: CommandIo, tokens: ClientTokens): Promise<number> {
  const change = await tokens.add(name);
  if (change.kind !== 'done') return failed(change, io);
  // Alone on stdout, so that it can go where it is needed without being seen.
  io.stdout.write(`${change.value}\n`);
  io.stderr.write(`This is the token of "${name}". It is not kept here and cannot be shown again.\n`);
  return 0;
}

async function revoke(name: string, io: CommandIo, tokens: ClientTokens): Promise<number> {
  const change = await tokens.revoke(name);
  if (change.kind !== 'done') return failed(change, io);
  io.stdout.write(`The token of "${name}" is revoked.\n`);
  return 0;
}

async function list(isJson: boolean, io: CommandIo, tokens: ClientTokens): Promise<number> {
  const found = await tokens.list();
  if (found.kind !== 'done') return failed(found, io);
  const rows = found.value.map(({ name, createdAt }) => ({ name, createdAt }));
  if (isJson) io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length === 0) io.stdout.write('No client has a token.\n');
  else io.stdout.write(rows.map(({ name, createdAt }) => `${name}  since ${createdAt}\n`).join(''));
  return 0;
}

function failed({ kind, problem }: { kind: 'refused' | 'unusable'; problem: string }, io: CommandIo): number {
  io.stderr.write(`mcp-router clients token: ${problem}\n`);
  return kind === 'refused' ? EXIT_NOT_DONE : EXIT_MACHINE;
}
