import { createHash, randomBytes } from 'node:crypto';
import { link, open, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { errorCode } from './guarded-file';
import { isRunning, ownMark, type ProcessMark } from './process-alive';
import { namesIn, removeLeftovers, temporaryName } from './temporary-file';

/** When a lock is nobody's any more, besides that of a process of this machine that is gone. */
export interface LockRules {
  /** A holder on another machine that gave no sign of life for so long. */
  readonly silentAfterMs: number;
  /** The same for one that runs on this machine. */
  readonly forgottenAfterMs: number;
}

/** A lock that is ours. */
export interface TakenLock {
  /** A sign of life: the lock is as good as new. Throws the system's error, also where somebody removed it. */
  touch(): Promise<void>;
  /** Leaves a lock alone that is somebody else's by now. Throws the system's error. */
  release(): Promise<void>;
}

/** What a lock file says. Earlier versions read it as well, and each of them wrote a part of it. */
interface Holder extends ProcessMark {
  readonly host: string;
  readonly since: number;
  /** Tells this lock from every other one. */
  readonly nonce: string;
}

/** A lock as it was found. */
interface Found {
  /** Null: it names nobody. */
  readonly holder: Omit<Holder, 'since'> | null;
  readonly ageMs: number;
  /** Of this one lock, and the same for all who look at it. */
  readonly identity: string;
}

/** Earlier versions, and file systems without links, make a lock in two steps; a process that ends in between leaves an empty one. */
const NAMELESS_AFTER_MS = 5000;
/** Removing takes milliseconds; a process that runs is never interrupted in it. */
const REMOVAL_RULES: LockRules = { silentAfterMs: 60_000, forgottenAfterMs: Number.POSITIVE_INFINITY };
const REMOVAL_NAME = /^\.[0-9a-f]{16}$/;
/** What systems say where a file system knows no hard links (FAT, some network folders). */
const WITHOUT_LINKS: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EISDIR',
  'EINVAL',
]);

/**
 * Takes the lock, also one that is nobody's any more; null when it is somebody's. Of many who try at once one gets it. Its
 * folder has to be there. Throws the system's error.
 */
export async function takeLock(path: string, rules: LockRules): Promise<TakenLock | null> {
  const nonce = await takeAt(path, path, rules);
  if (nonce === null) return null;
  await removeLeftBehind(path);
  return {
    touch: async () => {
      const now = new Date();
      await utimes(path, now, now);
    },
    release: async () => {
      await removeLock(path, path, ({ identity }) => identity === nonce);
    },
  };
}

/** @returns the nonce of our lock */
async function takeAt(root: string, path: string, rules: LockRules): Promise<string | null> {
  const found = await look(path);
  if (found !== null) {
    if (!isAbandoned(found, rules)) return null;
    const { identity } = found;
    const isStill = (now: Found): boolean => now.identity === identity && isAbandoned(now, rules);
    if (!(await removeLock(root, path, isStill, identity))) return null;
  }
  const nonce = randomBytes(12).toString('hex');
  const holder: Holder = { ...ownMark(), host: hostname(), since: Date.now(), nonce };
  const temporary = join(dirname(root), temporaryName(basename(root)));
  return (await create(path, temporary, JSON.stringify(holder))) ? nonce : null;
}

function isAbandoned({ holder, ageMs }: Found, { silentAfterMs, forgottenAfterMs }: LockRules): boolean {
  if (holder === null) return ageMs > NAMELESS_AFTER_MS;
  if (holder.host !== hostname()) return ageMs > silentAfterMs;
  return ageMs > forgottenAfterMs || !isRunning(holder);
}

/**
 * Removes one lock and no other: looking and removing are two steps, and in between it may be removed, and taken by
 * somebody else. Therefore whoever removes a lock, its holder as well, first takes the right to, a lock named after that
 * one. A lock that is gone never comes again, so that what is seen under the right stays true.
 *
 * @param identity of the lock; without one, of that which is there
 * @returns false while somebody else is at it
 */
async function removeLock(
  root: string,
  path: string,
  isMeant: (found: Found) => boolean,
  identity?: string,
): Promise<boolean> {
  const named = identity ?? (await look(path))?.identity;
  if (named === undefined) return true;
  const right = `${root}${rightName(named)}`;
  const nonce = await takeAt(root, right, REMOVAL_RULES);
  if (nonce === null) return false;
  try {
    const found = await look(path);
    if (found !== null && found.identity === named && isMeant(found)) await removeIfThere(path);
    return true;
  } finally {
    // Nobody removes the right of a process that runs: two steps do no harm here.
    if ((await look(right))?.identity === nonce) await removeIfThere(right);
  }
}

const rightName = (identity: string): string =>
  `.${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`;

/** Rights of processes that ended between removing the lock and giving the right back, and locks that they never made. */
async function removeLeftBehind(root: string): Promise<void> {
  const folder = dirname(root);
  const name = basename(root);
  await removeLeftovers(folder, name);
  for (const entry of await namesIn(folder)) {
    if (!entry.startsWith(name) || !REMOVAL_NAME.test(entry.slice(name.length))) continue;
    await removeLock(root, join(folder, entry), (found) => isAbandoned(found, REMOVAL_RULES));
  }
}

/** Null while there is none. */
async function look(path: string): Promise<Found | null> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const { mtimeMs, ino } = await file.stat();
    const holder = holderIn(await file.readFile('utf8'));
    const identity = holder?.nonce ?? `nameless ${String(ino)} ${String(mtimeMs)}`;
    return { holder, ageMs: Date.now() - mtimeMs, identity };
  } finally {
    await file.close();
  }
}

/** Null for a text that names nobody. */
function holderIn(text: string): Found['holder'] {
  // What earlier versions wrote for changes to clients.
  const early = /^(\d+) ([0-9a-f]+)\n$/.exec(text);
  if (early !== null) return { pid: Number(early[1]), host: hostname(), began: '', nonce: early[2] ?? '' };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { pid, host, began = '', nonce }: Partial<Record<keyof Holder, unknown>> = value;
    if (typeof pid !== 'number' || typeof host !== 'string') return null;
    return typeof began === 'string' && typeof nonce === 'string' ? { pid, host, began, nonce } : null;
  } catch {
    return null; // half written
  }
}

/** The lock appears with its text or not at all, whenever we are killed; false where there is one. */
async function create(path: string, temporary: string, text: string): Promise<boolean> {
  await writeNew(temporary, text);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return false;
    if (!WITHOUT_LINKS.has(code)) throw error;
  } finally {
    await removeIfThere(temporary);
  }
  return createInTwoSteps(path, text);
}

/** Whoever was stopped for long in between has lost it. */
async function createInTwoSteps(path: string, text: string): Promise<boolean> {
  try {
    await writeNew(path, text);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  return (await look(path))?.identity === holderIn(text)?.nonce;
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text, 'utf8');
  } finally {
    await file.close();
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
