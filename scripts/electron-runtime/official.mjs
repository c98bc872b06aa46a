// @ts-check
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture } from '../child.mjs';
import { checkout } from '../checkout.mjs';

const downloadTimeoutMs = 5 * 60_000;
/** How long a failed download is not tried again where there is a fallback. */
const rememberFailureMs = 6 * 60 * 60_000;

/**
 * @param {NodeJS.Platform} platform
 * @returns {string} path of the program inside a distribution
 */
export function executableName(platform) {
  if (platform === 'win32') return 'electron.exe';
  return platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
}

/**
 * The official distribution of the `electron` dev dependency, when it is there.
 * @param {string} packageFolder node_modules/electron
 * @returns {{ dist: string, version: string } | null}
 */
export function presentOfficial(packageFolder) {
  const dist = join(packageFolder, 'dist');
  const versionFile = join(dist, 'version');
  if (!existsSync(versionFile) || !existsSync(join(dist, executableName(process.platform)))) return null;
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const found = readFileSync(versionFile, 'utf8').trim().replace(/^v/, '');
  return found === version ? { dist, version } : null;
}

/**
 * @param {string} marker
 * @param {number} now epoch milliseconds
 * @returns {boolean} whether the last attempt failed a short while ago
 */
export function hasFailedLately(marker, now) {
  const stat = statSync(marker, { throwIfNoEntry: false });
  return stat !== undefined && now - stat.mtimeMs < rememberFailureMs;
}

/**
 * Finds or downloads the official distribution.
 * @param {{ failureMarker: string, hasFallback: boolean, report: (line: string) => void }} options
 * @returns {Promise<{ dist: string, version: string } | { problem: string }>}
 */
export async function official({ failureMarker, hasFallback, report }) {
  const packageFolder = join(checkout, 'node_modules', 'electron');
  const present = presentOfficial(packageFolder);
  if (present !== null) return present;
  if (hasFallback && hasFailedLately(failureMarker, Date.now())) {
    return { problem: 'its download failed a short while ago' };
  }
  report('Downloading Electron ...');
  const { code, stderr } = await capture(process.execPath, [join(packageFolder, 'install.js')], {
    timeoutMs: downloadTimeoutMs,
  });
  const downloaded = code === 0 ? presentOfficial(packageFolder) : null;
  if (downloaded !== null) return downloaded;
  mkdirSync(dirname(failureMarker), { recursive: true });
  writeFileSync(failureMarker, stderr);
  return { problem: stderr.trim().split('\n')[0] || `the download ended with code ${code}` };
}
