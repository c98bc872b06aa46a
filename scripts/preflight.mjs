// @ts-check
// Checks that this machine has what a job needs, installs it where that is allowed unasked, and otherwise says what to run.
// Quiet when all is well. As a program: `node scripts/preflight.mjs [electron] [desktop-tests]`.
import './preflight/node-version.mjs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from './checkout.mjs';
import { installMissing } from './preflight/install-packages.mjs';
import { isRoot, linuxMachine } from './preflight/machine.mjs';
import { missingNeeds } from './preflight/needs.mjs';
import { hasSetuidHelper, hasUserNamespaces, sandboxAbility, sandboxLine } from './preflight/sandbox.mjs';

/** @typedef {import('./preflight/needs.mjs').Job} Job */

/** @param {string} line */
const toStderr = (line) => console.error(line);

/**
 * @param {readonly Job[]} jobs none for what runs on plain Node
 * @param {(line: string) => void} [report]
 * @returns {Promise<boolean>} whether the jobs can run now
 */
export async function preflight(jobs, report = toStderr) {
  if (!existsSync(join(checkout, 'node_modules', 'vite'))) {
    report('The dependencies are not installed. Run `npm ci` first.');
    return false;
  }
  if (process.platform !== 'linux' || jobs.length === 0) return true;
  const missing = missingNeeds(jobs, await linuxMachine());
  if (missing.length === 0) return true;
  if (!(await installMissing(missing, report))) return false;
  const still = missingNeeds(jobs, await linuxMachine());
  if (still.length > 0) report(`Still missing: ${still.map(({ name }) => name).join(', ')}.`);
  return still.length === 0;
}

/**
 * How the sandbox of this Electron can start for the user we are; says what to run when it cannot.
 * @param {import('./electron-runtime.mjs').ElectronRuntime} electron
 * @param {(line: string) => void} [report]
 * @returns {Promise<import('./preflight/sandbox.mjs').SandboxAbility>}
 */
export async function sandboxPreflight(electron, report = toStderr) {
  if (process.platform !== 'linux') return 'namespaces';
  const ability = sandboxAbility({
    isRoot: isRoot(),
    hasUserNamespaces: await hasUserNamespaces(),
    hasSetuidHelper: hasSetuidHelper(electron.dist),
  });
  if (ability === 'restricted') {
    report(`This system lets no ordinary user make namespaces, which Electron's sandbox needs. Run once:`);
    report(`  ${sandboxLine(electron.dist)}`);
  }
  return ability;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  /** @type {readonly Job[]} */
  const known = ['electron', 'desktop-tests'];
  const asked = known.filter((job) => process.argv.includes(job));
  process.exitCode = (await preflight(asked)) ? 0 : 1;
}
