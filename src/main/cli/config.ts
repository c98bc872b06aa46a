import { parseArgs } from 'node:util';

import type { CommandIo } from './command-io';
import { isUsageRequest, mistake, requestOf, toldUsage, type UsageRequest } from './usage-request';

/** What `config` needs from the machine. */
export interface ConfigMachine {
  checkConfig(explicitPath?: string): Promise<{
    readonly exitCode: number;
    readonly text: string;
    readonly json: string;
  }>;
}

const USAGE = `Usage: mcp-router config check [--config FILE] [--json]

Prints the configuration that is in effect, where each value comes from and which credential would be used,
or everything that is wrong with it. Secrets are never printed.

Exit codes: 0 good, 1 invalid, 2 valid but this machine lacks a file, a variable or a permission.
`;

/** Runs `mcp-router config ...`; returns the exit code. `argv` starts behind the word `config`. */
export async function runConfig(
  argv: readonly string[],
  io: CommandIo,
  machine: ConfigMachine,
): Promise<number> {
  const request = parse(argv);
  if (isUsageRequest(request)) return toldUsage(request, 'config', USAGE, io);
  const report = await machine.checkConfig(request.path);
  io.stdout.write(request.isJson ? report.json : report.text);
  return report.exitCode;
}

type Request =
  UsageRequest | { readonly kind: 'check'; readonly path: string | undefined; readonly isJson: boolean };

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

const parse = (argv: readonly string[]): Request =>
  requestOf(() => parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true }), meaningOf);

function meaningOf({ values, positionals }: Parsed): Request {
  const [name, ...extra] = positionals;
  if (name !== 'check')
    return mistake(name === undefined ? 'a command is missing' : `unknown command "${name}"`);
  if (extra.length > 0)
    return mistake(`"${extra[0] ?? ''}" does not belong here; name the file with --config`);
  if (values.config === '') return mistake('--config needs the path of a file');
  return { kind: 'check', path: values.config, isJson: values.json ?? false };
}
