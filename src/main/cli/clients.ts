import { parseArgs } from 'node:util';

import {
  clientIds,
  type ClientAction,
  type ClientId,
  type ClientOutcome,
  type ClientPreview,
  type ClientRefusal,
  type ClientRow,
  type ClientState,
} from '../../shared/model/client-apps';
import type { CommandIo } from './command-io';
import { askYesOrNo } from './yes-or-no';
import { isUsageRequest, mistake, requestOf, toldUsage, type UsageRequest } from './usage-request';

interface Planned {
  readonly kind: 'planned';
  readonly preview: ClientPreview;
  apply(): Promise<ClientOutcome>;
}

/** What `clients` needs from the machine. */
export interface ClientsMachine {
  list(): Promise<readonly ClientRow[]>;
  plan(
    action: ClientAction,
    id: ClientId,
    options: { readonly name?: string | undefined; readonly mayReplace: boolean },
  ): Promise<Planned | ClientRefusal>;
}

const USAGE = `Usage: mcp-router clients list [--json]        MCP clients on this machine, and which are connected
       mcp-router clients connect CLIENT       let the client start this router
       mcp-router clients disconnect CLIENT    take our entry out again, and nothing else
       mcp-router clients repair CLIENT        put our entry back when the client removed or changed it
       mcp-router clients undo CLIENT          take back our last change; byte for byte if nobody changed the file since
       mcp-router clients token add NAME       a token for a client that connects over HTTP; also list and revoke NAME

CLIENT is one of: ${clientIds.join(', ')}

Each command shows the exact change and asks before it writes. A copy of the file is kept.

Flags:
      --name NAME   the name of the server in the client (default: gateway)
      --replace     overwrite or remove an entry that is not ours
      --dry-run     show the change, write nothing
  -y, --yes         do not ask
      --json        for list

Exit codes: 0 done or nothing to do, 1 not done, 2 the file or the machine is not as it must be.
`;

const EXIT_NOT_DONE = 1;
const EXIT_MACHINE = 2;
const EXIT_CANCELLED = 130;
/** How often a change is looked at again because the client wrote its file meanwhile. */
const MAX_LOOKS = 5;

/** Runs `mcp-router clients ...`; returns the exit code. `argv` starts behind the word `clients`. */
export async function runClients(
  argv: readonly string[],
  io: CommandIo,
  machine: ClientsMachine,
): Promise<number> {
  const request = parse(argv);
  if (isUsageRequest(request)) return toldUsage(request, 'clients', USAGE, io);
  switch (request.kind) {
    case 'list':
      return list(request.isJson, io, machine);
    case 'change':
      return change(request, io, machine);
  }
}

async function list(isJson: boolean, io: CommandIo, machine: ClientsMachine): Promise<number> {
  const rows = await machine.list();
  if (isJson) {
    io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  const width = Math.max(...rows.map(({ id }) => id.length));
  for (const { id, title, state, name, path, remarks } of rows) {
    io.stdout.write(`${id.padEnd(width)}  ${title}: ${words(state, id, name)}\n`);
    if (state.kind === 'not-found') continue;
    const indent = ' '.repeat(width + 2);
    if (path !== null) io.stdout.write(`${indent}${path}\n`);
    io.stdout.write(remarks.map((remark) => `${indent}! ${remark}\n`).join(''));
  }
  return 0;
}

function words(state: ClientState, id: ClientId, name: string): string {
  switch (state.kind) {
    case 'not-found':
      return 'not found';
    case 'not-connected':
      return 'not connected';
    case 'connected':
      return `connected as "${name}"${state.by === 'by-hand' ? ' (written by hand)' : ''}`;
    case 'name-taken':
      return `not connected; it has another server with the name "${name}"`;
    case 'unusable':
      return `cannot be connected: ${state.problem}`;
    case 'drifted': {
      const what = {
        'entry-removed': `the client lost our entry "${name}"`,
        'entry-changed': `our entry "${name}" was changed`,
        'router-moved': 'what our entry starts is not there any more',
      }[state.change];
      return `${what}; run: mcp-router clients repair ${id}`;
    }
  }
}

type Change = Extract<Request, { kind: 'change' }>;

/** Shows, asks, does; when the client wrote its file meanwhile, everything from the start. */
async function change(request: Change, io: CommandIo, machine: ClientsMachine): Promise<number> {
  const { action, id, options } = request;
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const planned = await machine.plan(action, id, options);
    if (planned.kind !== 'planned') return end(planned, io);
    const { preview } = planned;
    io.stdout.write(previewText(preview));
    if (request.isDryRun) {
      io.stdout.write('Nothing was written (--dry-run).\n');
      return 0;
    }
    if (preview.obstacle !== null) return end({ kind: 'refused', message: preview.obstacle }, io);
    const answer = request.isConfirmed ? 'yes' : await askYesOrNo('Do this? [y/N] ', io);
    if (answer === 'nobody') {
      return end({ kind: 'refused', message: 'Nobody is there to confirm it; use --yes.' }, io);
    }
    if (answer === 'no') {
      io.stderr.write('Nothing was written.\n');
      return EXIT_CANCELLED;
    }
    const outcome = await planned.apply();
    if (outcome.kind !== 'stale') return end(outcome, io);
    io.stderr.write('The file was changed meanwhile, so nothing was written. Looking again.\n');
  }
  return end({ kind: 'unusable', message: 'The file keeps changing; close the client and try again.' }, io);
}

function previewText({ summary, diff, warnings, obstacle }: ClientPreview): string {
  const notes = [...warnings, ...(obstacle === null ? [] : [obstacle])];
  return [`${summary}.`, ...diff.map((line) => `  ${line}`), ...notes.map((note) => `! ${note}`), ''].join(
    '\n',
  );
}

function end(outcome: Exclude<ClientOutcome, { kind: 'stale' }>, io: CommandIo): number {
  switch (outcome.kind) {
    case 'done':
      io.stdout.write([outcome.message, ...outcome.remarks.map((remark) => `! ${remark}`), ''].join('\n'));
      return 0;
    case 'nothing-to-do':
      io.stdout.write(`${outcome.message}\n`);
      return 0;
    case 'refused':
      io.stderr.write(`${outcome.message}\n`);
      return EXIT_NOT_DONE;
    case 'unusable':
      io.stderr.write(`${outcome.message}\n`);
      return EXIT_MACHINE;
  }
}

type Request =
  | UsageRequest
  | { readonly kind: 'list'; readonly isJson: boolean }
  | {
      readonly kind: 'change';
      readonly action: ClientAction;
      readonly id: ClientId;
      readonly options: { readonly name?: string | undefined; readonly mayReplace: boolean };
      readonly isDryRun: boolean;
      readonly isConfirmed: boolean;
    };

const OPTIONS = {
  json: { type: 'boolean' },
  name: { type: 'string' },
  replace: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
const ACTIONS = ['connect', 'disconnect', 'repair', 'undo'] as const;

const parse = (argv: readonly string[]): Request =>
  requestOf(() => parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true }), meaningOf);

function meaningOf({ values, positionals }: Parsed): Request {
  const [verb, client, ...extra] = positionals;
  const stray = verb === 'list' ? client : extra[0];
  if (stray !== undefined) return mistake(`"${stray}" does not belong here`);
  if (verb === 'list') return { kind: 'list', isJson: values.json ?? false };
  const action = ACTIONS.find((known) => known === verb);
  if (action === undefined) {
    return mistake(verb === undefined ? 'a command is missing' : `unknown command "${verb}"`);
  }
  if (client === undefined) return mistake('CLIENT is missing');
  const id = clientIds.find((known) => known === client);
  if (id === undefined) return mistake(`unknown client "${client}"`);
  if (values.json === true) return mistake('--json goes with list');
  if (values.name !== undefined && action !== 'connect') return mistake('--name goes with connect');
  const options = { name: values.name, mayReplace: values.replace ?? false };
  const isDryRun = values['dry-run'] ?? false;
  return { kind: 'change', action, id, options, isDryRun, isConfirmed: values.yes ?? false };
}
