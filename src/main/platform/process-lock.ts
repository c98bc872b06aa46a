import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { RouterError } from '../../shared/model/errors';
import type { ProcessLocks } from '../engine/ports';
import { takeLock, type LockRules, type TakenLock } from './file-lock';
import { makeFolder } from './folder';
import { errorCode, systemReason } from './guarded-file';

/** Whoever holds a lock for longer has forgotten it: the work under a lock is bounded far below. */
const RULES: LockRules = { silentAfterMs: 120_000, forgottenAfterMs: 120_000 };
const POLL_MS = 50;

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
      const lock = await told(() => acquire(path, folder, limitMs));
      try {
        return await work();
      } finally {
        await told(() => lock.release());
      }
    },
  };
}

const unusable = (detail: string): RouterError => new RouterError('token-lock-unavailable', detail);

async function acquire(path: string, folder: string, limitMs: number): Promise<TakenLock> {
  const deadline = Date.now() + limitMs;
  await makeFolder(folder);
  for (;;) {
    const lock = await takeLock(path, RULES);
    if (lock !== null) return lock;
    if (Date.now() >= deadline) throw unusable('another process holds it for too long');
    await delay(POLL_MS);
  }
}

/** Errors of the system as one of ours. */
async function told<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw errorCode(error) === '' || error instanceof RouterError ? error : unusable(systemReason(error));
  }
}
