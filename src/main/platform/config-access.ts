import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';

import { isReadableByOthers, octal } from './file-safety';
import { errorCode, systemReason } from './guarded-file';

/** For this user alone. */
const PRIVATE_FILE = 0o600;

/** A configuration file that others can read. */
export interface OpenConfigFile {
  readonly path: string;
  /** Its permissions as people write them, such as `0644`. */
  readonly mode: string;
}

/**
 * The file, when other users can read it; null when they cannot, when there is none, and on Windows.
 *
 * @param uid effective user id; null on Windows
 */
export async function openConfigFile(
  path: string | null,
  uid: number | null,
): Promise<OpenConfigFile | null> {
  if (path === null) return null;
  try {
    const modes = await stat(path);
    return isReadableByOthers(modes, { uid }) ? { path, mode: octal(modes.mode) } : null;
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return null; // whoever loads it says that it cannot be read
  }
}

/** Takes every right from everybody else; the reason why that was not possible, or null. */
export async function makePrivate(path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY);
    try {
      await file.chmod(PRIVATE_FILE);
    } finally {
      await file.close();
    }
    return null;
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return systemReason(error);
  }
}
