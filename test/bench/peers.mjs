// @ts-check
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../../scripts/child.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {import('./contenders.mjs').Workplace} Workplace */

const source = join(import.meta.dirname, 'peers');
/** Beside the built files, so that nothing of theirs is among ours. */
const folder = join(import.meta.dirname, '..', '..', 'out', 'bench-peers');
const INSTALL_LIMIT_MS = 120_000;
const isWindows = process.platform === 'win32';
const npm = isWindows ? 'npm.cmd' : 'npm';
const npx = isWindows ? 'npx.cmd' : 'npx';

/** @type {Readonly<Record<string, { file: string, args: (url: string) => readonly string[] }>>} */
const peers = {
  'mcp-remote': {
    file: 'mcp-remote/dist/proxy.js',
    args: (url) => [url, '--transport', 'http-only', '--silent'],
  },
  supergateway: {
    file: 'supergateway/dist/index.js',
    args: (url) => ['--streamableHttp', url, '--logLevel', 'none'],
  },
};

/** @returns {string | undefined} the lock file of what is installed */
function installedLock() {
  try {
    return readFileSync(join(folder, 'installed-lock.json'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Installs the peers unless they are there.
 * @returns {Promise<string | undefined>} why it did not work
 */
export async function installPeers() {
  const lock = join(source, 'package-lock.json');
  if (installedLock() === readFileSync(lock, 'utf8')) return undefined;
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(join(source, name), join(folder, name));
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, stderr } = await capture(npm, args, { cwd: folder, timeoutMs: INSTALL_LIMIT_MS });
  if (code !== 0) return `npm ci ended with code ${String(code)}: ${stderr.trim().split('\n')[0] ?? ''}`;
  copyFileSync(lock, join(folder, 'installed-lock.json'));
  return undefined;
}

/**
 * Each peer the way its manual says, which is npx; `alone` is its file without npx.
 * @param {string} url of the HTTP echo
 * @param {Workplace} workplace
 * @returns {readonly Contender[]}
 */
export function peerContenders(url, { env }) {
  return Object.entries(peers).map(([name, { file, args }]) => ({
    name,
    role: 'peer',
    // Installed already, and so without network.
    program: { command: npx, args: ['--offline', name, ...args(url)], cwd: folder, env },
    alone: {
      command: process.execPath,
      args: [join(folder, 'node_modules', file), ...args(url)],
      cwd: folder,
      env,
    },
  }));
}
