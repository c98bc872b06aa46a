// @ts-check
import { join } from 'node:path';
import { checkout } from '../checkout.mjs';
import { run } from '../child.mjs';

/**
 * Runs a file of test/desktop-jobs in a desktop session of its own; what it leaves is in artifacts/ afterwards.
 * @param {string} name of the file, without `.ts`
 * @param {{ limitMinutes: number }} options
 * @returns {Promise<number>} its exit code
 */
export function runDesktopJob(name, { limitMinutes }) {
  const session = join(checkout, 'scripts', 'desktop-session.mjs');
  const vitest = [
    'node',
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config=vitest-jobs.config.ts',
    // The session's user may not write into the checkout.
    '--configLoader=runner',
    `test/desktop-jobs/${name}.ts`,
  ];
  const args = [session, `--limit-minutes=${String(limitMinutes)}`, '--', ...vitest];
  return run(process.execPath, args, { cwd: checkout });
}
