import { unlink } from 'node:fs/promises';

import type { Lockdown, LockdownChange, LockdownSource } from '../../shared/model/lockdown';
import { writeFileAtomically } from './atomic-file';
import { errorCode, readGuardedFile, systemReason } from './guarded-file';
import { pathRules, stateFolder, type Place } from './paths';

/**
 * The file that says that this user is locked down. It is there or it is not: whatever stands in it, one that cannot be
 * read or is not safe counts as well.
 */
export interface LockdownMarker {
  /** Null where this user has no folder for it. */
  readonly path: string | null;
  /** Null: not locked down. */
  look(): Promise<Lockdown | null>;
  set(by: LockdownSource): Promise<LockdownChange>;
  clear(): Promise<LockdownChange>;
}

const MAX_BYTES = 4096;
const SOURCES: readonly LockdownSource[] = ['command', 'tray', 'window'];
const NO_FOLDER = 'this user has no home folder; stop the router in place of locking it down';

/**
 * The folder is that of the home folder alone: programs are often started with little more than HOME, and all must look
 * at the same place. Only without a home folder the variables say where it is.
 */
export function createLockdownMarker(place: Place, uid: number | null): LockdownMarker {
  const { platform, home } = place;
  const folder = stateFolder({ platform, home, env: {} }) ?? stateFolder(place);
  if (folder === undefined) return withoutFolder;
  const path = pathRules(platform).join(folder, 'lockdown.json');
  const look = async (): Promise<Lockdown | null> => {
    const read = await readGuardedFile(path, {
      rule: 'private',
      maxBytes: MAX_BYTES,
      platform,
      who: { uid },
    });
    switch (read.kind) {
      case 'missing':
        return null;
      case 'read':
        return parsed(read.bytes.toString('utf8'), path);
      case 'refused':
        return unreadable(path, read.problem);
      case 'unreadable':
        return unreadable(path, read.reason);
    }
  };
  return {
    path,
    look,
    set: async (by) => {
      if ((await look()) !== null) return { kind: 'unchanged' };
      const text = JSON.stringify({ since: new Date().toISOString(), by });
      return changed(path, () => writeFileAtomically(path, `${text}\n`, platform));
    },
    clear: async () => {
      if ((await look()) === null) return { kind: 'unchanged' };
      return changed(path, () => unlink(path));
    },
  };
}

const withoutFolder: LockdownMarker = {
  path: null,
  look: () => Promise.resolve(null),
  set: () => Promise.resolve({ kind: 'failed', reason: NO_FOLDER }),
  clear: () => Promise.resolve({ kind: 'unchanged' }),
};

async function changed(path: string, act: () => Promise<void>): Promise<LockdownChange> {
  try {
    await act();
    return { kind: 'done' };
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return { kind: 'failed', reason: `${path}: ${systemReason(error)}` };
  }
}

const unreadable = (path: string, why: string): Lockdown => ({
  since: null,
  by: 'unknown',
  problem: `${path} is there, but cannot be used: ${why}`,
});

function parsed(text: string, path: string): Lockdown {
  const fields = fieldsOf(text);
  const since = typeof fields['since'] === 'string' ? Date.parse(fields['since']) : Number.NaN;
  const by = SOURCES.find((source) => source === fields['by']);
  if (Number.isNaN(since) || by === undefined) return unreadable(path, 'it does not say since when');
  return { since, by, problem: null };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {}; // it counts all the same
  }
}
