// @ts-check
import { capture } from '../child.mjs';
import { commandPath } from '../preflight/machine.mjs';

const name = 'mcp-router-tests';

/**
 * @typedef {object} OrdinaryUser
 * @property {string} name
 * @property {number} uid
 * @property {number} gid
 * @property {string[]} as command that runs another as this user
 */

/** @param {string} flag */
async function idOf(flag) {
  const { code, stdout } = await capture('id', [flag, name]);
  return code === 0 ? Number(stdout) : null;
}

/**
 * The user that desktop tests run as when root starts them: as root Chromium has no sandbox. Made once, without a password.
 * @returns {Promise<OrdinaryUser>}
 */
export async function ordinaryUser() {
  if ((await idOf('-u')) === null) {
    const { code, stderr } = await capture(commandPath('useradd') ?? 'useradd', ['--create-home', name]);
    // Another run may have been faster.
    if (code !== 0 && (await idOf('-u')) === null) throw new Error(`useradd ${name}: ${stderr.trim()}`);
  }
  const [uid, gid] = [await idOf('-u'), await idOf('-g')];
  if (uid === null || gid === null) throw new Error(`The user ${name} cannot be found.`);
  const setpriv = commandPath('setpriv') ?? 'setpriv';
  return { name, uid, gid, as: [setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--init-groups'] };
}
