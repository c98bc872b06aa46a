// @ts-check
// npm run screenshots: starts the real app in a desktop session of its own and refreshes the pictures in docs/screenshots/.
import { preflight } from './preflight.mjs';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { checkout } from './checkout.mjs';
import { runDesktopJob } from './desktop/desktop-job.mjs';

const taken = join(checkout, 'artifacts', 'screenshots', 'docs');

/** @returns {Promise<boolean>} */
async function refresh() {
  if (!(await preflight(['electron', 'desktop-tests'])) || !(await build({ ifStale: true }))) return false;
  rmSync(taken, { recursive: true, force: true });
  if ((await runDesktopJob('screenshots', { limitMinutes: 10 })) !== 0) return false;
  cpSync(taken, join(checkout, 'docs', 'screenshots'), { recursive: true });
  return true;
}

process.exitCode = (await refresh()) ? 0 : 1;
