import { chmod, open, rename, unlink } from 'node:fs/promises';

import { makeFolder } from './folder';
import { pathRules } from './paths';
import { removeLeftovers, temporaryName } from './temporary-file';

const PRIVATE_FILE = 0o600;

/** What one atomic write may differ in. */
export interface AtomicWriteOptions {
  readonly platform: NodeJS.Platform;
  /** Permission bits of the file; 0600 unless said otherwise. */
  readonly mode?: number;
  /** Asked when everything is on the disk under another name; false leaves the file as it is. */
  readonly isStillWanted?: () => Promise<boolean>;
}

/**
 * Replaces a file whole or not at all: whoever reads it, and whenever the power fails, sees the old or the new text.
 * Folders are created 0700, the file is 0600. Throws the system's error and then leaves nothing
 * behind; what a process left that was killed in the middle is removed by the next one that writes the file.
 */
export async function writeFileAtomically(
  path: string,
  text: string,
  platform: NodeJS.Platform,
): Promise<void> {
  await replaceFile(path, text, { platform });
}

/** The same with options; false when the last look said no. */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  { platform, mode = PRIVATE_FILE, isStillWanted }: AtomicWriteOptions,
): Promise<boolean> {
  const { dirname, basename, join } = pathRules(platform);
  const folder = dirname(path);
  await makeFolder(folder);
  await removeLeftovers(folder, basename(path));
  const temporary = join(folder, temporaryName(basename(path)));
  try {
    await writeAndSync(temporary, content, mode);
    if (isStillWanted !== undefined && !(await isStillWanted())) {
      await removeLeftover(temporary);
      return false;
    }
    await rename(temporary, path);
  } catch (error) {
    await removeLeftover(temporary);
    throw error;
  }
  if (platform !== 'win32') await syncFolder(folder);
  return true;
}

/** Writes a file that is not there yet, 0600. Throws the system's error, EEXIST where there is one. */
export const writeNewFile = (path: string, text: string): Promise<void> =>
  writeAndSync(path, text, PRIVATE_FILE);

async function writeAndSync(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  // Exclusive: a file or link that somebody put there is never followed.
  const file = await open(path, 'wx', PRIVATE_FILE);
  try {
    await file.writeFile(content, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
  // An unusual umask may have taken the owner's own bits away; others get their bits only now that it is whole.
  await chmod(path, mode);
}

async function removeLeftover(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch {
    // It was never created; the error that matters is the one already on its way.
    return;
  }
}

/** Without this the new name may be lost in a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
