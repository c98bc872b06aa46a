// @ts-check
// Builds everything into out/. `--if-stale` does nothing when out/ belongs to the sources as they are.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sourceDigest } from './build/source-digest.mjs';
import { checkout, tool } from './checkout.mjs';
import { capture } from './child.mjs';

const stampPath = join(checkout, 'out', 'build-stamp');

/** @returns {boolean} */
function isFresh() {
  try {
    return readFileSync(stampPath, 'utf8') === sourceDigest(checkout);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * @param {{ ifStale?: boolean }} [options]
 * @returns {Promise<boolean>} whether out/ now belongs to the sources
 */
export async function build({ ifStale = false } = {}) {
  if (ifStale && isFresh()) return true;
  console.log('Building out/ ...');
  mkdirSync(join(checkout, 'out'), { recursive: true });
  rmSync(stampPath, { force: true });
  // Taken first: what is saved while the build runs makes it stale again.
  const digest = sourceDigest(checkout);
  const steps = [
    [tool('electron-vite'), 'build', '--logLevel', 'warn'],
    [tool('vite'), 'build', '--config', 'vite.cli.config.ts'],
    [tool('vite'), 'build', '--config', 'vite.demo.config.ts'],
  ];
  for (const step of steps) {
    const { code, stdout, stderr } = await capture(process.execPath, step, { cwd: checkout });
    const output = `${stdout}${stderr}`.trim();
    if (output !== '') console.error(output);
    if (code !== 0) return false;
  }
  writeFileSync(stampPath, digest);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = (await build({ ifStale: process.argv.includes('--if-stale') })) ? 0 : 1;
}
