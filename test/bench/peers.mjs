// @ts-check
import { join } from 'node:path';
import { installSidePackages } from '../../scripts/side-packages.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {import('./contenders.mjs').Workplace} Workplace */

const source = join(import.meta.dirname, 'peers');
/** Beside the built files, so that nothing of theirs is among ours. */
const folder = join(import.meta.dirname, '..', '..', 'out', 'bench-peers');
const isWindows = process.platform === 'win32';
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

/**
 * Installs the peers unless they are there.
 * @returns {Promise<string | undefined>} why it did not work
 */
export const installPeers = () => installSidePackages(source, folder);

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
