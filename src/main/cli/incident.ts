import { parseArgs } from 'node:util';

import type { IncidentMachine } from '../compose/incident-machine';

import type { CommandIo } from './command-io';
import { isUsageRequest, mistake, requestOf, toldUsage, type UsageRequest } from './usage-request';

const USAGE = `Usage: mcp-router incident export [--output FILE] [-n N] [--config FILE]

Writes one JSON file (0600) for whoever looks into an incident: versions, lockdown, status, hardening checklist,
configuration, the last N records of the audit log and lines of the log (200). Secrets, what looks like one, and personal
data are masked; names of hosts, files and clients are not. Read it before you share it.

Flags:
  -o, --output FILE   where to; otherwise mcp-router-incident-TIME.json in this folder; an existing file is left alone
  -n N                how many records and lines at most, up to 10000
  -c, --config FILE   the configuration file

Exit codes: 0 written with everything, 1 written, but something could not be had (it is named), 2 not written.
`;

const EXIT_INCOMPLETE = 1;
const EXIT_FAILED = 2;
const DEFAULT_COUNT = 200;
const MAX_COUNT = 10_000;

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  output: { type: 'string', short: 'o' },
  number: { type: 'string', short: 'n' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

type Request =
  | UsageRequest
  | {
      readonly kind: 'export';
      readonly output: string;
      readonly count: number;
      readonly configPath: string | undefined;
    };

/** Runs `mcp-router incident ...`; returns the exit code. `argv` starts behind the word `incident`. */
export async function runIncident(
  argv: readonly string[],
  io: CommandIo,
  machine: IncidentMachine,
): Promise<number> {
  const request = parse(argv, new Date());
  if (isUsageRequest(request)) return toldUsage(request, 'incident', USAGE, io);
  return exportBundle(request, io, machine);
}

async function exportBundle(
  { output, count, configPath }: Extract<Request, { kind: 'export' }>,
  io: CommandIo,
  machine: IncidentMachine,
): Promise<number> {
  const { document, contents, missing } = await machine.gather(count, configPath);
  const problem = await machine.write(output, `${JSON.stringify(document, null, 2)}\n`);
  if (problem !== null) {
    io.stderr.write(`Nothing was written to ${output}: ${problem}\n`);
    return EXIT_FAILED;
  }
  io.stdout.write(`Wrote ${output} (0600). In it:\n${contents.map((line) => `  ${line}\n`).join('')}`);
  for (const line of missing) io.stdout.write(`Not in it: ${line}\n`);
  io.stdout.write(
    'Read it before you share it: secrets and personal data are masked as far as they are recognised; names of hosts, files and clients are not.\n',
  );
  return missing.length === 0 ? 0 : EXIT_INCOMPLETE;
}

const parse = (argv: readonly string[], now: Date): Request =>
  requestOf(
    () => parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true }),
    (parsed) => meaningOf(parsed, now),
  );

function meaningOf({ values, positionals }: Parsed, now: Date): Request {
  if (positionals.length !== 1 || positionals[0] !== 'export') {
    return mistake(positionals[0] === undefined ? 'a command is missing' : 'the one command is "export"');
  }
  const number = values.number ?? String(DEFAULT_COUNT);
  const count = /^\d{1,5}$/.test(number) ? Number(number) : 0;
  if (count < 1 || count > MAX_COUNT) return mistake(`-n must be from 1 to ${String(MAX_COUNT)}`);
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '');
  const { output = `mcp-router-incident-${time}.json`, config: configPath } = values;
  return { kind: 'export', output, count, configPath };
}
