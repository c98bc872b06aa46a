// @ts-check
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './child.mjs';

const INSTALL_LIMIT_MS = 120_000;
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
/** Written last, so that half an installation is none. */
const MARK = 'installed-lock.json';

/**
 * Installs packages that are no dependency of ours, exactly as their lock file says, unless they are there.
 * @param {string} source folder with package.json and package-lock.json
 * @param {string} folder where to; below out/, so that nothing of theirs is among ours
 * @returns {Promise<string | undefined>} why it did not work
 */
export async function installSidePackages(source, folder) {
  const lock = join(source, 'package-lock.json');
  if (installedLock(folder) === readFileSync(lock, 'utf8')) return undefined;
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(join(source, name), join(folder, name));
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, stderr } = await capture(npm, args, { cwd: folder, timeoutMs: INSTALL_LIMIT_MS });
  if (code !== 0) return `npm ci ended with code ${String(code)}: ${stderr.trim().split('\n')[0] ?? ''}`;
  copyFileSync(lock, join(folder, MARK));
  return undefined;
}

/**
 * @param {string} folder
 * @returns {string | undefined} the lock file of what is installed
 */
function installedLock(folder) {
  try {
    return readFileSync(join(folder, MARK), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
