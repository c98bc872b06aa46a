import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { RouterError } from '../../shared/model/errors';
import type { ProcessLocks } from '../engine/ports';
import { errorCode, systemReason } from './guarded-file';
import { isAlive } from './process-alive';

/** Whoever holds a lock for longer has forgotten it: the work under a lock is bounded far below. */
const FORGOTTEN_AFTER_MS = 120_000;
/** A process that ended between making its lock and writing into it leaves an empty one, which names nobody. */
const NAMELESS_AFTER_MS = 5000;
const POLL_MS = 50;

/** What a lock file says about its holder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: number;
  /** Tells two locks of the same process apart. */
  readonly nonce: string;
}

/**
 * Locks as files in a folder of this user.
 *
 * @param folder created 0700 when it is first needed; null where the user has no home folder
 */
export function createProcessLocks(folder: string | null): ProcessLocks {
  return {
    exclusively: async (name, limitMs, work) => {
      if (folder === null) throw unusable('there is no home folder to lock in');
      // Names hold addresses and client ids, which may hold anything.
      const path = join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.lock`);
      const nonce = await acquire(path, folder, limitMs);
      try {
        return await work();
      } finally {
        await release(path, nonce);
      }
    },
  };
}

const unusable = (detail: string): RouterError => new RouterError('token-lock-unavailable', detail);

async function acquire(path: string, folder: string, limitMs: number): Promise<string> {
  const deadline = Date.now() + limitMs;
  await prepared(folder);
  for (;;) {
    const nonce = await tryCreate(path);
    if (nonce !== null) return nonce;
    await removeAbandoned(path);
    if (Date.now() >= deadline) throw unusable('another process holds it for too long');
    await delay(POLL_MS);
  }
}

async function prepared(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(systemReason(error));
  }
}

/** The nonce of the lock that is ours now; null when it is somebody else's. */
async function tryCreate(path: string): Promise<string | null> {
  const nonce = randomBytes(12).toString('hex');
  const holder: Holder = { pid: process.pid, host: hostname(), since: Date.now(), nonce };
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(holder), 'utf8');
    } finally {
      await file.close();
    }
    return nonce;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return null;
    throw unusable(systemReason(error));
  }
}

/**
 * Takes the lock of a dead process away. Two processes that do this at once could remove each other's new lock, so
 * it is done under a lock of its own, and the holder is looked at again under it.
 */
async function removeAbandoned(path: string): Promise<void> {
  if (!(await isAbandoned(path))) return;
  const breaker = `${path}.break`;
  const nonce = await tryCreate(breaker);
  if (nonce === null) {
    // Only a process that died within these few lines leaves one behind.
    if (await isAbandoned(breaker)) await removeFile(breaker);
    return;
  }
  try {
    if (await isAbandoned(path)) await removeFile(path);
  } finally {
    await release(breaker, nonce);
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  if (holder === null) return false;
  const age = Date.now() - holder.since;
  if (holder.nonce === '') return age > NAMELESS_AFTER_MS;
  return age > FORGOTTEN_AFTER_MS || (holder.host === hostname() && !isAlive(holder.pid));
}

/** Null while there is no lock, or its text is still being written; a text that never comes counts by its age. */
async function readHolder(path: string): Promise<Holder | null> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw unusable(systemReason(error));
  }
  try {
    const { mtimeMs } = await file.stat();
    return parsedHolder(await file.readFile('utf8')) ?? { pid: 0, host: '', since: mtimeMs, nonce: '' };
  } finally {
    await file.close();
  }
}

function parsedHolder(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { pid, host, since, nonce }: Partial<Record<keyof Holder, unknown>> = value;
    if (typeof pid !== 'number' || typeof host !== 'string') return null;
    return typeof since === 'number' && typeof nonce === 'string' ? { pid, host, since, nonce } : null;
  } catch {
    return null; // half written
  }
}

/** Ours only: a lock that was held for too long may belong to somebody else by now. */
async function release(path: string, nonce: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (parsedHolder(text)?.nonce === nonce) await removeFile(path);
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw unusable(systemReason(error));
  }
}
