import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the things are on this machine that the guide's commands name. */
export interface GuidePlaces {
  /** In place of localhost:9091. */
  readonly address: string;
  /** In place of /var/log/mcp/router.log. */
  readonly log: string;
  /** What the journal has of the router. */
  readonly journal: string;
}

/** The full path of a program; null when this machine does not have it. */
export function programPath(name: string): string | null {
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  } catch {
    return null; // the shell says so with its exit code
  }
}

/** Replaces one text in each argument, and goes on with the real program. */
const translating = (program: string, from: string, to: string): string => `#!/bin/sh
for argument; do
  shift
  set -- "$@" "$(printf '%s' "$argument" | sed 's|${from}|${to}|')"
done
exec ${program} "$@"
`;

/** Writes the stand-ins of the guide's programs: the lines stay as they are, and ports and paths are those of the test. */
export function writeStandIns(folder: string, { address, log, journal }: GuidePlaces): void {
  const port = address.replace(/^.*:/, '');
  const scripts = {
    curl: translating(programPath('curl') ?? 'curl', 'localhost:9091', `localhost:${port}`),
    grep: translating(programPath('grep') ?? 'grep', '^/var/log/mcp/router.log$', log),
    ss: `#!/bin/sh\n${programPath('ss') ?? 'ss'} "$@" | sed 's|:${port} |:9091 |g'\n`,
    journalctl: `#!/bin/sh\n[ "$*" = "-u mcp-router" ] && cat '${journal}'\n`,
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
}

/** Runs a line of the guide, and gives back what it prints; empty when it finds nothing. */
export function runLine(line: string, standIns: string): Promise<string> {
  const env = { ...process.env, PATH: `${standIns}:${process.env['PATH'] ?? ''}` };
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', line], { env }, (_error, stdout) => {
      resolve(stdout);
    });
  });
}
