import { chmodSync, closeSync, constants, fstatSync, openSync, renameSync } from 'node:fs';

import { makeFolderSync } from './folder';
import { pathRules } from './paths';

const PRIVATE_FILE = 0o600;

/** Makes the file writable for us alone, with its folder; throws the system's error when that fails. */
export function prepareLogFile(path: string, platform: NodeJS.Platform): void {
  makeFolderSync(pathRules(platform).dirname(path));
  const nonBlocking = platform === 'win32' ? 0 : constants.O_NONBLOCK;
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | nonBlocking;
  const file = openSync(path, flags, PRIVATE_FILE);
  try {
    const stats = fstatSync(file);
    // Devices and pipes (/dev/null, /dev/stderr) are written to as they are.
    if (!stats.isFile() || platform === 'win32') return;
    if ((stats.mode & 0o077) !== 0) chmodSync(path, PRIVATE_FILE);
  } finally {
    closeSync(file);
  }
}

/** `router.log` becomes `router.log.1`; an older `router.log.1` is replaced. */
export function rotateLogFile(path: string): void {
  renameSync(path, `${path}.1`);
}
