import { execFile } from 'node:child_process';

import { emptyEnvironment, type TemporaryHome } from './router-process';

/** How a command ended; `code` is null when it was killed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `mcp-router token ...` of the build with this on stdin. */
export function runTokenCommand(
  home: TemporaryHome,
  args: readonly string[],
  stdin = '',
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['out/cli/mcp-router.js', 'token', ...args],
      { env: emptyEnvironment(home.path, env) },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}
