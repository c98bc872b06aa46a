// @ts-check
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../child.mjs';

/**
 * @typedef {'namespaces' | 'setuid-helper' | 'impossible-as-root' | 'restricted'} SandboxAbility
 */

/**
 * How Chromium's sandbox can start here.
 * @param {{ isRoot: boolean, hasUserNamespaces: boolean, hasSetuidHelper: boolean }} machine
 * @returns {SandboxAbility}
 */
export function sandboxAbility({ isRoot, hasUserNamespaces, hasSetuidHelper }) {
  if (isRoot) return 'impossible-as-root';
  if (hasUserNamespaces) return 'namespaces';
  return hasSetuidHelper ? 'setuid-helper' : 'restricted';
}

/**
 * Whether an ordinary user may make the namespaces that the sandbox is built of. Ubuntu 24.04 lets nobody, and neither do many containers.
 * @param {readonly string[]} [as] command that runs another as that user
 * @returns {Promise<boolean>}
 */
export async function hasUserNamespaces(as = []) {
  const attempt = ['unshare', '--user', '--map-root-user', '--pid', '--net', '--fork', 'true'];
  const [command = 'unshare', ...args] = [...as, ...attempt];
  const { code } = await capture(command, args, { timeoutMs: 10_000 });
  return code === 0;
}

/**
 * @param {string} dist
 * @returns {string} Chromium's own helper for machines without such namespaces
 */
export const sandboxHelper = (dist) => join(dist, 'chrome-sandbox');

/**
 * @param {string} dist
 * @returns {boolean} whether that helper is owned by root and setuid
 */
export function hasSetuidHelper(dist) {
  const stat = statSync(sandboxHelper(dist), { throwIfNoEntry: false });
  return stat !== undefined && stat.uid === 0 && (stat.mode & 0o4111) === 0o4111;
}

/**
 * @param {string} dist
 * @returns {string} the one line that lets this Electron, and nothing else, start its sandbox
 */
export function sandboxLine(dist) {
  const helper = sandboxHelper(dist);
  return `sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`;
}
