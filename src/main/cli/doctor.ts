import { parseArgs } from 'node:util';

import {
  postureIds,
  type PostureId,
  type PosturePoint,
  type PostureReport,
  type Verdict,
} from '../../shared/model/posture';

import type { CommandIo } from './command-io';
import { isUsageRequest, mistake, requestOf, toldUsage, type UsageRequest } from './usage-request';

const USAGE = `Usage: mcp-router doctor [--config FILE] [--json] [--accept POINT]...

Goes through the hardening checklist of the security guide on this machine: what was found, and what mends it.
Nothing is sent to the gateway; a token_command is run, as for a connection.

Flags:
  -c, --config FILE    the configuration file
      --json           one JSON document
      --accept POINT   a warning of this point does not count for the exit code (a failure does), such as
                       --accept updates; may be repeated
Points: ${postureIds.slice(0, 6).join(', ')},
        ${postureIds.slice(6).join(', ')}

Exit codes: 0 all pass, 1 one fails or there is no valid configuration, 2 warnings only.
`;

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  accept: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>;

type Request =
  | UsageRequest
  | {
      readonly kind: 'check';
      readonly configPath: string | undefined;
      readonly isJson: boolean;
      readonly accepted: readonly PostureId[];
    };

/** Runs `mcp-router doctor ...`; returns the exit code. `argv` starts behind the word `doctor`. */
export async function runDoctor(
  argv: readonly string[],
  io: CommandIo,
  report: (configPath?: string) => Promise<PostureReport>,
): Promise<number> {
  const request = parse(argv);
  if (isUsageRequest(request)) return toldUsage(request, 'doctor', USAGE, io);
  return tell(await report(request.configPath), request, io);
}

function tell(
  report: PostureReport,
  { isJson, accepted }: Extract<Request, { kind: 'check' }>,
  io: CommandIo,
): number {
  const exitCode = exitCodeOf(report, accepted);
  if (isJson) {
    io.stdout.write(`${JSON.stringify({ status: report.kind, exitCode, ...report }, null, 2)}\n`);
    return exitCode;
  }
  if (report.kind === 'no-config') {
    io.stderr.write(
      `${report.problems.join('\n')}\nWithout a valid configuration there is nothing to check.\n`,
    );
    return exitCode;
  }
  const counts = new Map<Verdict, number>();
  for (const { verdict } of report.points) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const summary = [...counts].map(([verdict, count]) => `${String(count)} ${verdict}`).join(', ');
  io.stdout.write(`${report.points.map(pointLines).join('')}\n${summary}\n`);
  return exitCode;
}

/** 0 all pass, 1 one fails, 2 warnings that nobody has accepted. */
export function exitCodeOf(report: PostureReport, accepted: readonly PostureId[]): 0 | 1 | 2 {
  if (report.kind === 'no-config') return 1;
  const { points } = report;
  if (points.some(({ verdict }) => verdict === 'fail')) return 1;
  return points.some(({ id, verdict }) => verdict === 'warn' && !accepted.includes(id)) ? 2 : 0;
}

const WIDTH = Math.max(...postureIds.map((id) => id.length));
const INDENT = ' '.repeat('pass'.length + WIDTH + 4);

/** The point, what was found, and what mends it. */
export function pointLines({ id, verdict, evidence, fix }: PosturePoint): string {
  const first = `${verdict}  ${id.padEnd(WIDTH)}  ${evidence}\n`;
  return fix === null ? first : `${first}${INDENT}-> ${fix}\n`;
}

const parse = (argv: readonly string[]): Request =>
  requestOf(() => parseArgs({ args: [...argv], options: OPTIONS }), meaningOf);

function meaningOf({ values }: Parsed): Request {
  const accepted: PostureId[] = [];
  for (const name of values.accept ?? []) {
    const id = postureIds.find((one) => one === name);
    if (id === undefined) return mistake(`there is no point "${name}"`);
    accepted.push(id);
  }
  return { kind: 'check', configPath: values.config, isJson: values.json ?? false, accepted };
}
