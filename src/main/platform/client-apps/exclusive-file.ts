import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';

import { errorCode } from '../guarded-file';
import { pathRules } from '../paths';

/** Whoever holds it needs milliseconds; after this long its process is gone or stuck. */
const STALE_AFTER_MS = 60_000;

/** The answer of {@link withExclusiveFile}. */
export type Exclusive<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' };

/** Runs something while no other process runs something with the same file. */
export async function withExclusiveFile<T>(
  path: string,
  platform: NodeJS.Platform,
  action: () => Promise<T>,
): Promise<Exclusive<T>> {
  await mkdir(pathRules(platform).dirname(path), { recursive: true, mode: 0o700 });
  const mark = `${process.pid} ${randomBytes(8).toString('hex')}\n`;
  if (!(await claim(path, mark)) && !((await removeStale(path)) && (await claim(path, mark)))) {
    return { kind: 'busy' };
  }
  try {
    return { kind: 'done', value: await action() };
  } finally {
    if ((await markIn(path)) === mark) await unlink(path);
  }
}

async function claim(path: string, mark: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(mark);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** True when a file that nobody holds any more is out of the way. */
async function removeStale(path: string): Promise<boolean> {
  const mark = await markIn(path);
  if (mark === null) return true;
  if (isAlive(mark) && (await ageOf(path)) < STALE_AFTER_MS) return false;
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  }
  const isTheStaleOne = (await markIn(aside)) === mark;
  // Somebody else was quicker, and this is the file of a new holder: it goes back.
  if (!isTheStaleOne) await link(aside, path);
  await unlink(aside);
  return isTheStaleOne;
}

async function markIn(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return Infinity;
    throw error;
  }
}

function isAlive(mark: string): boolean {
  const id = Number.parseInt(mark, 10);
  // Its holder has just created it and not yet written into it.
  if (!(id > 0)) return true;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
