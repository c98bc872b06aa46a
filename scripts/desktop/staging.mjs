// @ts-check
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { capture } from '../child.mjs';
import { checkout } from '../checkout.mjs';
import { hasUserNamespaces, sandboxHelper } from '../preflight/sandbox.mjs';

/** @typedef {import('./ordinary-user.mjs').OrdinaryUser} OrdinaryUser */

/** Not needed by the tests, or written by them. */
const leftBehind = new Set(['.git', 'artifacts', 'coverage']);

/**
 * @param {OrdinaryUser} user
 * @param {string[]} tests arguments for test(1)
 * @returns {Promise<boolean>}
 */
async function may(user, tests) {
  const [command = '', ...args] = [...user.as, 'test', ...tests];
  return (await capture(command, args)).code === 0;
}

/**
 * @param {'link' | 'copy'} how links share the files, and so their owner and mode
 * @param {readonly string[]} sources
 * @param {string} target
 * @returns {Promise<string | null>} what went wrong
 */
async function place(how, sources, target) {
  mkdirSync(target, { recursive: true });
  const way = how === 'link' ? ['--link'] : ['--reflink=auto'];
  const args = ['--recursive', '--preserve=mode,links,timestamps', ...way, ...sources, target];
  const { code, stderr } = await capture('cp', args);
  return code === 0 ? null : `Copying to ${target}: ${stderr.trim()}`;
}

/**
 * @param {readonly string[]} sources
 * @param {string} target
 */
async function copy(sources, target) {
  const problem = await place('copy', sources, target);
  if (problem !== null) throw new Error(problem);
}

/**
 * @param {string} folder
 * @param {OrdinaryUser} user
 * @returns {Promise<boolean>} whether the user can read the checkout in that folder
 */
async function canRead(folder, user) {
  const probes = ['package.json', 'node_modules/vitest/vitest.mjs', 'out/main/index.js', 'src/main/index.ts'];
  const present = probes.filter((file) => existsSync(join(checkout, file)));
  const answers = await Promise.all(present.map((file) => may(user, ['-r', join(folder, file)])));
  return answers.every(Boolean);
}

/**
 * Makes the folders of a session: `home` and `run` private, `tmp` and `artifacts`.
 * @param {OrdinaryUser | null} user null when they belong to us
 * @returns {string} their parent, with a short name because sockets lie below it
 */
export function makeStage(user) {
  const stage = mkdtempSync(join(user === null ? tmpdir() : '/tmp', 'desk-'));
  chmodSync(stage, 0o755);
  for (const name of ['home', 'run', 'tmp', 'artifacts']) {
    const folder = join(stage, name);
    mkdirSync(folder, { mode: 0o700 });
    if (user !== null) chownSync(folder, user.uid, user.gid);
  }
  return stage;
}

/**
 * A checkout that the user can read: ours, or one on the stage, of links where the files themselves are readable.
 * @param {string} stage
 * @param {OrdinaryUser} user
 * @returns {Promise<string>}
 */
export async function readableCheckout(stage, user) {
  if (await canRead(checkout, user)) return checkout;
  const folder = join(stage, 'checkout');
  const wanted = readdirSync(checkout)
    .filter((name) => !leftBehind.has(name))
    .map((name) => join(checkout, name));
  if ((await place('link', wanted, folder)) === null && (await canRead(folder, user))) return folder;
  rmSync(folder, { recursive: true, force: true });
  await copy(wanted, folder);
  const { code, stderr } = await capture('chown', ['--recursive', `${user.uid}:${user.gid}`, folder]);
  if (code !== 0) throw new Error(`chown ${folder}: ${stderr.trim()}`);
  return folder;
}

/**
 * A Node that the user can run: ours, or a copy on the stage.
 * @param {string} stage
 * @param {OrdinaryUser} user
 * @returns {Promise<string>}
 */
export async function runnableNode(stage, user) {
  if (await may(user, ['-x', process.execPath])) return process.execPath;
  await copy([process.execPath], join(stage, 'node'));
  const path = join(stage, 'node', basename(process.execPath));
  chmodSync(join(stage, 'node'), 0o755);
  chmodSync(path, 0o755);
  return path;
}

/**
 * An Electron that the user can run, with its sandbox where that is possible.
 * @param {string} stage
 * @param {OrdinaryUser} user
 * @param {import('../electron-runtime.mjs').ElectronRuntime} electron
 * @returns {Promise<{ dist: string, hasSandbox: boolean }>}
 */
export async function runnableElectron(stage, user, electron) {
  const isFree = await hasUserNamespaces(user.as);
  if (isFree && (await may(user, ['-x', electron.executablePath])))
    return { dist: electron.dist, hasSandbox: true };
  const dist = join(stage, 'electron');
  await copy([`${electron.dist}/.`], dist);
  await capture('chmod', ['--recursive', 'a+rX', dist]);
  if (isFree) return { dist, hasSandbox: true };
  // Root may give this one copy what the system withholds from ordinary users.
  chownSync(sandboxHelper(dist), 0, 0);
  chmodSync(sandboxHelper(dist), 0o4755);
  const [command = '', ...args] = [...user.as, sandboxHelper(dist), '/bin/true'];
  return { dist, hasSandbox: (await capture(command, args, { timeoutMs: 10_000 })).code === 0 };
}
