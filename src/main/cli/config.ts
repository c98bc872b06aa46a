import { parseArgs } from 'node:util';

import { EXIT_USAGE, type CommandIo } from './command-io';

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
  switch (request.kind) {
    case 'help':
      io.stdout.write(USAGE);
      return 0;
    case 'mistake':
      io.stderr.write(`mcp-router config: ${request.message}\n\n${USAGE}`);
      return EXIT_USAGE;
    case 'check': {
      const report = await machine.checkConfig(request.path);
      io.stdout.write(request.isJson ? report.json : report.text);
      return report.exitCode;
    }
  }
}

type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }
  | { readonly kind: 'check'; readonly path: string | undefined; readonly isJson: boolean };

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(argv: readonly string[]): Request {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return mistake(error instanceof Error ? error.message : 'the arguments cannot be understood');
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { kind: 'help' };
  const [name, ...extra] = positionals;
  if (name !== 'check')
    return mistake(name === undefined ? 'a command is missing' : `unknown command "${name}"`);
  if (extra.length > 0)
    return mistake(`"${extra[0] ?? ''}" does not belong here; name the file with --config`);
  if (values.config === '') return mistake('--config needs the path of a file');
  return { kind: 'check', path: values.config, isJson: values.json ?? false };
}

function mistake(message: string): Request {
  return { kind: 'mistake', message };
}
