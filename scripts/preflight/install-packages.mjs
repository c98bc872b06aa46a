// @ts-check
import { createInterface } from 'node:readline/promises';
import { capture, run } from '../child.mjs';
import { commandPath, isCi, isContainer, isRoot } from './machine.mjs';
import { packagesFor } from './needs.mjs';

/**
 * @typedef {object} Situation
 * @property {boolean} isRoot
 * @property {boolean} isContainer
 * @property {boolean} isCi
 * @property {boolean} isInteractive
 * @property {boolean} hasSudo without a password
 * @property {boolean} hasApt
 *
 * @typedef {'install' | 'install-with-sudo' | 'ask' | 'tell' | 'tell-libraries'} Policy
 */

/**
 * A machine that somebody works on is changed only when they say so.
 * @param {Situation} situation
 * @returns {Policy}
 */
export function installPolicy({
  isRoot: root,
  isContainer: container,
  isCi: ci,
  isInteractive,
  hasSudo,
  hasApt,
}) {
  if (!hasApt) return 'tell-libraries';
  if (root && (container || ci)) return 'install';
  if (ci && hasSudo) return 'install-with-sudo';
  return isInteractive ? 'ask' : 'tell';
}

/**
 * @param {readonly string[]} packages
 * @param {boolean} root
 * @returns {string} the one line to run by hand
 */
export function installLine(packages, root) {
  return `${root ? '' : 'sudo '}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** @param {string} question */
async function hasAgreed(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => terminal.close());
  return /^y(es)?$/i.test(answer.trim());
}

/** @param {readonly string[]} packages @returns {Promise<Set<string>>} those that this release has */
async function availableAmong(packages) {
  const { stdout } = await capture('apt-cache', ['show', '--no-all-versions', ...packages]);
  return new Set([...stdout.matchAll(/^Package: (\S+)$/gm)].map(([, name = '']) => name));
}

/**
 * @param {boolean} withSudo
 * @param {readonly string[]} args
 */
async function apt(withSudo, args) {
  const options = ['-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=120', '-qq'];
  const command = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...options, ...args];
  const [first = 'env', ...rest] = withSudo ? ['sudo', ...command] : command;
  // Its standard output is chatter; ours may be read by a program.
  return await run(first, rest, { stdio: ['inherit', 'ignore', 'inherit'] });
}

/** @returns {Promise<Situation>} */
async function situation() {
  const hasSudo = !isRoot() && isCi() && (await capture('sudo', ['-n', 'true'])).code === 0;
  return {
    isRoot: isRoot(),
    isContainer: isContainer(),
    isCi: isCi(),
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    hasSudo,
    hasApt: commandPath('apt-get') !== null,
  };
}

/**
 * Installs what is missing where that is allowed unasked, asks where somebody can answer, and otherwise says what to run.
 * @param {readonly import('./needs.mjs').Need[]} missing
 * @param {(line: string) => void} report
 * @returns {Promise<boolean>} whether it was installed
 */
export async function installMissing(missing, report) {
  const here = await situation();
  const policy = installPolicy(here);
  const names = missing.map(({ name }) => name).join(', ');
  if (policy === 'tell-libraries') {
    report(`This machine lacks ${names}. Install them with its package manager and try again.`);
    return false;
  }
  const isUnasked = policy === 'install' || policy === 'install-with-sudo';
  const withSudo = policy === 'install-with-sudo' || (policy === 'ask' && !here.isRoot);
  if (isUnasked) {
    report(`Installing Debian packages for ${names} ...`);
    await apt(withSudo, ['update']);
  }
  const available = await availableAmong(missing.flatMap(({ packages }) => packages));
  const packages = packagesFor(missing, (name) => available.has(name));
  if (!isUnasked) {
    report(`This machine lacks ${names}. This line installs them:\n  ${installLine(packages, here.isRoot)}`);
    if (policy === 'tell' || !(await hasAgreed('Run it now?'))) return false;
    await apt(withSudo, ['update']);
  }
  const code = await apt(withSudo, ['install', '-y', '--no-install-recommends', ...packages]);
  if (code !== 0)
    report(`apt-get ended with code ${code}. By hand:\n  ${installLine(packages, here.isRoot)}`);
  return code === 0;
}
