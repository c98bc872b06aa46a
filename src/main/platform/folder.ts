import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { errorCode } from './guarded-file';

const PRIVATE_FOLDER = 0o700;

/** The folder above is there, and still no folder can be made in it, as in /proc. `systemReason` gives its message. */
export class FolderImpossible extends Error {
  readonly code = 'EFOLDER';

  constructor(above: string) {
    super(`no folder can be made in ${above}; choose a place elsewhere`);
  }
}

/**
 * Makes a folder and those above it, 0700, unless they are there. Node's `recursive` never ends below /proc, where Linux
 * says of each new folder that it does not exist. Throws the system's error or FolderImpossible.
 */
export async function makeFolder(path: string): Promise<void> {
  const problem = await triedToMake(path);
  if (problem === null) return;
  const above = aboveMissing(path, problem);
  await makeFolder(above);
  const again = await triedToMake(path);
  if (again !== null) throw errorCode(again) === 'ENOENT' ? new FolderImpossible(above) : again;
}

/** The same for where nothing can be waited for. */
export function makeFolderSync(path: string): void {
  const problem = triedToMakeSync(path);
  if (problem === null) return;
  const above = aboveMissing(path, problem);
  makeFolderSync(above);
  const again = triedToMakeSync(path);
  if (again !== null) throw errorCode(again) === 'ENOENT' ? new FolderImpossible(above) : again;
}

/** The folder to make first; throws where that is not what is wrong. */
function aboveMissing(path: string, problem: Error): string {
  const above = dirname(path);
  if (errorCode(problem) !== 'ENOENT' || above === path) throw problem;
  return above;
}

/** Null when it is there now. */
async function triedToMake(path: string): Promise<Error | null> {
  try {
    await mkdir(path, PRIVATE_FOLDER);
    return null;
  } catch (error) {
    // Systems differ in what they say of one that is there: EEXIST, EPERM for the root of a drive, EROFS.
    if (await stat(path).then((found) => found.isDirectory(), isNone)) return null;
    return asError(error);
  }
}

function triedToMakeSync(path: string): Error | null {
  try {
    mkdirSync(path, PRIVATE_FOLDER);
    return null;
  } catch (error) {
    if (isFolder(path)) return null;
    return asError(error);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // What making it says is the better reason.
    return false;
  }
}

const isNone = (): boolean => false;

function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  throw error;
}
