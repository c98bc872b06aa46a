// @ts-check
// Finds an Electron that can run here. In this order: $ELECTRON_OVERRIDE_DIST_PATH, the official distribution of the `electron`
// dev dependency (downloaded when needed), a plain Electron 33 made from an npm package (Linux x64, for tests).
// As a program it prints what it found.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder } from './electron-runtime/cache-folder.mjs';
import { fallback, hasFallback } from './electron-runtime/fallback.mjs';
import { executableName, official } from './electron-runtime/official.mjs';
import { checkout } from './checkout.mjs';

/**
 * @typedef {object} ElectronRuntime
 * @property {string} executablePath
 * @property {string} dist its folder
 * @property {string} version
 * @property {'override' | 'official' | 'fallback'} kind
 */

/**
 * @param {string} dist
 * @param {ElectronRuntime['kind']} kind
 * @param {string} version
 * @returns {ElectronRuntime}
 */
const runtime = (dist, kind, version) => ({
  executablePath: join(dist, executableName(process.platform)),
  dist,
  version,
  kind,
});

/**
 * @param {string} dist
 * @returns {ElectronRuntime}
 */
function overridden(dist) {
  const folder = resolve(dist);
  const found = runtime(folder, 'override', '');
  if (!existsSync(found.executablePath)) {
    throw new Error(`ELECTRON_OVERRIDE_DIST_PATH has no Electron: ${found.executablePath} does not exist.`);
  }
  return { ...found, version: readFileSync(join(folder, 'version'), 'utf8').trim().replace(/^v/, '') };
}

/**
 * @param {{ report?: (line: string) => void }} [options] `report` gets a line before each slow step
 * @returns {Promise<ElectronRuntime>}
 */
export async function resolveElectron({ report = console.error } = {}) {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) return overridden(override);
  const cache = cacheFolder();
  const failureMarker = join(cache, 'electron-download-failed');
  const found = await official({ failureMarker, hasFallback: hasFallback(), report });
  if (!('problem' in found)) return runtime(found.dist, 'official', found.version);
  if (!hasFallback()) throw new Error(`Electron could not be downloaded: ${found.problem}`);
  const made = await fallback(cache, report);
  return runtime(made.dist, 'fallback', made.version);
}

/**
 * How an app folder (with a package.json whose `main` is built) is started with a runtime.
 * @param {ElectronRuntime} electron
 * @param {string} [appFolder]
 * @returns {{ executablePath: string, args: string[] }} append the app's own arguments to `args`
 */
export const launchable = (electron, appFolder = checkout) => ({
  executablePath: electron.executablePath,
  args: [appFolder],
});

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await resolveElectron(), null, 2));
}
