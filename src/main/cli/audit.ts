import { parseArgs } from 'node:util';

import { auditMachine, AuditUnreadable } from '../compose/audit-machine';

import { EXIT_UNREADABLE, exportLog, type ExportRequest } from './audit-export';
import { tailLog } from './audit-tail';
import { verifyLog } from './audit-verify';
import type { CommandIo } from './command-io';
import { isUsageRequest, mistake, requestOf, toldUsage, type UsageRequest } from './usage-request';

const USAGE = `Usage: mcp-router audit verify [--json]                      check that nothing in the audit log was changed or removed
       mcp-router audit tail [-n N] [--follow] [--json]     the newest records
       mcp-router audit export --format jsonl|csv [--since TIME] [--until TIME] [--output FILE]
                                                            all records by their time, of all processes

TIME is a date or a time with its zone, such as 2026-05-01 or 2026-05-01T09:00:00Z.

Flags:
      --file FILE     the audit log; otherwise logging.audit.output of the configuration, or its default
  -c, --config FILE   the configuration file

Exit codes of verify: 0 whole, and sealed with the key of the keychain; 1 something was changed, removed or lost;
2 there is nothing to read; 3 whole as far as it goes, but whether its end was cut off cannot be proven.
Of the others: 0 done, 1 lines were left out that are not as they were written, 2 there is nothing to read.
`;

const DEFAULT_TAIL = 20;
const MAX_TAIL = 100_000;

type Request =
  | UsageRequest
  | (Place & { readonly kind: 'verify'; readonly isJson: boolean })
  | (Place & {
      readonly kind: 'tail';
      readonly count: number;
      readonly isFollowing: boolean;
      readonly isJson: boolean;
    })
  | (Place & ExportRequest & { readonly kind: 'export' });

interface Place {
  readonly file: string | undefined;
  readonly configPath: string | undefined;
}

/** Runs `mcp-router audit ...` on that machine; returns the exit code. `argv` starts behind the word `audit`. */
export async function runAudit(
  argv: readonly string[],
  io: CommandIo,
  ofMachine: Parameters<typeof auditMachine>[0],
): Promise<number> {
  const request = parse(argv);
  if (isUsageRequest(request)) return toldUsage(request, 'audit', USAGE, io);
  const machine = auditMachine(ofMachine);
  const location = await machine.locate(request.file, request.configPath);
  if (location.kind === 'refused') return unreadable(location.message, io);
  try {
    switch (request.kind) {
      case 'verify':
        return await verifyLog(location.path, request.isJson, io, machine);
      case 'tail':
        return await tailLog(location.path, request, io, machine);
      case 'export':
        return await exportLog(location.path, request, io, machine);
    }
  } catch (error) {
    if (!(error instanceof AuditUnreadable)) throw error;
    return unreadable(error.message, io);
  }
}

function unreadable(message: string, io: CommandIo): number {
  io.stderr.write(`mcp-router audit: ${message}\n`);
  return EXIT_UNREADABLE;
}

const OPTIONS = {
  file: { type: 'string' },
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  lines: { type: 'string', short: 'n' },
  follow: { type: 'boolean', short: 'f' },
  format: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  output: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
type Values = Parsed['values'];

/** What belongs to one verb alone. */
const OWN: Readonly<Record<'verify' | 'tail' | 'export', readonly (keyof Values)[]>> = {
  verify: ['json'],
  tail: ['json', 'lines', 'follow'],
  export: ['format', 'since', 'until', 'output'],
};
const EVERYWHERE: readonly (keyof Values)[] = ['file', 'config'];

const parse = (argv: readonly string[]): Request =>
  requestOf(() => parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true }), meaningOf);

function meaningOf({ values, positionals }: Parsed): Request {
  const [verb, ...extra] = positionals;
  if (verb !== 'verify' && verb !== 'tail' && verb !== 'export')
    return mistake(verb === undefined ? 'a command is missing' : `unknown command "${verb}"`);
  if (extra[0] !== undefined) return mistake(`"${extra[0]}" does not belong here`);
  const known: readonly string[] = [...OWN[verb], ...EVERYWHERE];
  const stray = Object.keys(values).find((name) => !known.includes(name));
  if (stray !== undefined) return mistake(`--${stray} does not go with ${verb}`);
  const place = { file: values.file, configPath: values.config };
  const isJson = values.json ?? false;
  if (verb === 'verify') return { kind: verb, ...place, isJson };
  if (verb === 'export') return exportRequest(values, place);
  const count = values.lines === undefined ? DEFAULT_TAIL : Number(values.lines);
  if (!Number.isInteger(count) || count < 0 || count > MAX_TAIL)
    return mistake(`-n takes a whole number up to ${String(MAX_TAIL)}`);
  return { kind: verb, ...place, count, isFollowing: values.follow ?? false, isJson };
}

function exportRequest({ format, since, until, output }: Values, place: Place): Request {
  if (format !== 'jsonl' && format !== 'csv') return mistake('--format must be jsonl or csv');
  const from = timeOf(since);
  const to = timeOf(until);
  if (from === undefined || to === undefined)
    return mistake('--since and --until take a date or a time with its zone, such as 2026-05-01T09:00:00Z');
  return { kind: 'export', ...place, format, from, to, output };
}

/** A date, or a time with its zone; a time without one would mean something else on each machine. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** ISO 8601; null when there is none, undefined when it cannot be read. */
function timeOf(text: string | undefined): string | null | undefined {
  if (text === undefined) return null;
  const at = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
