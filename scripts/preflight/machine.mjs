// @ts-check
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from '../child.mjs';
import { librariesIn } from './needs.mjs';

/** Where Debian keeps programs that an ordinary user's PATH leaves out. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/**
 * @param {string} name
 * @returns {string | null} path of a program
 */
export function commandPath(name) {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
  return null;
}

/** @returns {Promise<{ hasLibrary: (name: string) => boolean, hasCommand: (name: string) => boolean }>} */
export async function linuxMachine() {
  const { stdout } = await capture(commandPath('ldconfig') ?? 'ldconfig', ['-p']);
  const libraries = librariesIn(stdout, process.arch);
  return { hasLibrary: (name) => libraries.has(name), hasCommand: (name) => commandPath(name) !== null };
}

/** @returns {boolean} */
export const isRoot = () => process.getuid?.() === 0;

/** @returns {boolean} */
export const isCi = () => !['', '0', 'false'].includes(process.env['CI'] ?? '');

/** @returns {boolean} */
export function isContainer() {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv') || process.env['container']) return true;
  const cgroup = '/proc/1/cgroup';
  return existsSync(cgroup) && /docker|kubepods|containerd|lxc|podman/.test(readFileSync(cgroup, 'utf8'));
}
