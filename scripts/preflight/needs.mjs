// @ts-check

/**
 * @typedef {'electron' | 'desktop-tests'} Job
 *
 * @typedef {object} Need
 * @property {'library' | 'command'} kind
 * @property {string} name as the loader or the shell knows it
 * @property {readonly string[]} packages Debian's names for it; the first that exists is taken
 * @property {readonly Job[]} jobs
 */

/** @type {readonly Job[]} */
const both = ['electron', 'desktop-tests'];
/** @type {readonly Job[]} */
const tests = ['desktop-tests'];

/** What Debian and Ubuntu do not bring by themselves. Newer releases rename some packages to `...t64`. @type {readonly Need[]} */
export const needs = [
  { kind: 'library', name: 'libgtk-3.so.0', packages: ['libgtk-3-0t64', 'libgtk-3-0'], jobs: both },
  { kind: 'library', name: 'libnss3.so', packages: ['libnss3'], jobs: both },
  { kind: 'library', name: 'libasound.so.2', packages: ['libasound2t64', 'libasound2'], jobs: both },
  { kind: 'library', name: 'libgbm.so.1', packages: ['libgbm1'], jobs: both },
  { kind: 'library', name: 'libXss.so.1', packages: ['libxss1'], jobs: both },
  { kind: 'library', name: 'libnotify.so.4', packages: ['libnotify4'], jobs: both },
  { kind: 'library', name: 'libsecret-1.so.0', packages: ['libsecret-1-0'], jobs: both },
  { kind: 'command', name: 'Xvfb', packages: ['xvfb'], jobs: tests },
  { kind: 'command', name: 'dbus-daemon', packages: ['dbus'], jobs: tests },
  { kind: 'command', name: 'gnome-keyring-daemon', packages: ['gnome-keyring'], jobs: tests },
  { kind: 'command', name: 'secret-tool', packages: ['libsecret-tools'], jobs: tests },
  { kind: 'command', name: 'gio', packages: ['libglib2.0-bin'], jobs: tests },
];

/**
 * @param {readonly Job[]} jobs
 * @param {{ hasLibrary: (name: string) => boolean, hasCommand: (name: string) => boolean }} machine
 * @param {readonly Need[]} [table]
 * @returns {Need[]} what the jobs need and the machine lacks
 */
export function missingNeeds(jobs, machine, table = needs) {
  return table
    .filter((need) => need.jobs.some((job) => jobs.includes(job)))
    .filter(
      (need) => !(need.kind === 'library' ? machine.hasLibrary(need.name) : machine.hasCommand(need.name)),
    );
}

/**
 * @param {readonly Need[]} missing
 * @param {(name: string) => boolean} isAvailable whether this release has the package
 * @returns {string[]} one package per need; its plainest name when none is known
 */
export function packagesFor(missing, isAvailable) {
  return missing.map(({ name, packages }) => packages.find(isAvailable) ?? packages.at(-1) ?? name);
}

/**
 * The libraries that the loader would find, out of what `ldconfig -p` prints.
 * @param {string} listing
 * @param {string} architecture as Node names it
 * @returns {Set<string>}
 */
export function librariesIn(listing, architecture) {
  const label = { x64: 'x86-64', arm64: 'AArch64' }[architecture];
  const lines = [...listing.matchAll(/^\s*(\S+) \(([^)]*)\) =>/gm)];
  const ours = lines.filter(([, , kinds = '']) => label === undefined || kinds.includes(label));
  return new Set(ours.map(([, name = '']) => name));
}
