import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `secret-tool` finds in the keyring of a session under the name; empty when there is nothing. */
export async function storedSecret(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const attributes = ['service', 'mcp-router', 'account', name];
  try {
    const { stdout } = await run('secret-tool', ['lookup', ...attributes], {
      env: { ...process.env, ...environment },
    });
    return stdout;
  } catch (error) {
    // secret-tool ends with 1 and says nothing when there is no such entry.
    if (error instanceof Error && 'code' in error && error.code === 1) return '';
    throw error;
  }
}
