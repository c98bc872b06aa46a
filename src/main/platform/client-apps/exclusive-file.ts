import { takeLock, type LockRules } from '../file-lock';
import { makeFolder } from '../folder';
import { pathRules } from '../paths';

/** Whoever holds it needs milliseconds; after this long its process is gone or stuck. */
const RULES: LockRules = { silentAfterMs: 60_000, forgottenAfterMs: 60_000 };

/** The answer of {@link withExclusiveFile}. */
export type Exclusive<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' };

/** Runs something while no other process runs something with the same file. */
export async function withExclusiveFile<T>(
  path: string,
  platform: NodeJS.Platform,
  action: () => Promise<T>,
): Promise<Exclusive<T>> {
  await makeFolder(pathRules(platform).dirname(path));
  const lock = await takeLock(path, RULES);
  if (lock === null) return { kind: 'busy' };
  try {
    return { kind: 'done', value: await action() };
  } finally {
    await lock.release();
  }
}
