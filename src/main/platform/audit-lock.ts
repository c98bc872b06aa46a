import { takeLock, type LockRules } from './file-lock';

/** How often the holder shows that it lives, for other machines that share the folder. */
const SIGN_OF_LIFE_MS = 30_000;
/** A lock is held for as long as its process lives. One on another machine that gave no sign for so long is gone. */
const RULES: LockRules = { silentAfterMs: 180_000, forgottenAfterMs: Number.POSITIVE_INFINITY };

/** A lock that is held for as long as its process lives. */
export interface HeldLock {
  release(): Promise<void>;
}

/**
 * Takes the lock, also that of a process that died. Throws the system's error.
 *
 * @returns null when a living process holds it
 */
export async function holdLock(path: string): Promise<HeldLock | null> {
  const lock = await takeLock(path, RULES);
  if (lock === null) return null;
  const signs = setInterval(() => {
    // A lock that somebody removed is told by the next look at the file that it guards.
    lock.touch().catch(() => undefined);
  }, SIGN_OF_LIFE_MS);
  signs.unref();
  return {
    release: async () => {
      clearInterval(signs);
      await lock.release();
    },
  };
}
