import { realpath, unlink } from 'node:fs/promises';

import { writeFileAtomically } from '../atomic-file';
import { makeFolder } from '../folder';
import { errorCode, folderChainDanger, readGuardedFile, systemReason } from '../guarded-file';
import { pathRules } from '../paths';
import { hashOf, MAX_CLIENT_FILE_BYTES, type ClientFileOptions } from './client-files';
import { readJournal, writeJournal, type ClientChange } from './client-journal';
import type { ClientBackup } from './client-undo';
import { withExclusiveFile, type Exclusive } from './exclusive-file';

/**
 * What we remember: the journal and the copies of files, all 0600 in a folder of our own. Not beside the files, where a
 * repository of settings or a cloud folder would carry a copy with somebody's tokens away.
 */
export interface ClientArchive {
  changes(): Promise<readonly ClientChange[]>;
  /** Saves the changes, and deletes the copies that none of them needs any more. */
  save(before: readonly ClientChange[], after: readonly ClientChange[]): Promise<void>;
  /** Keeps a copy of a file; its name is for the journal. */
  keep(client: string, text: string, at: Date): Promise<string>;
  backupOf(change: ClientChange | undefined): Promise<ClientBackup>;
  /** Runs something while no other process changes a client. */
  alone<T>(action: () => Promise<T>): Promise<Exclusive<T>>;
  /** Why the folder cannot be trusted; null when it can. Makes it where it is not there. */
  danger(): Promise<string | null>;
}

/** @param folder the folder of our state; everything lies below `clients` in it */
export function createClientArchive(folder: string, options: ClientFileOptions): ClientArchive {
  const { platform } = options.place;
  const { join } = pathRules(platform);
  const own = join(folder, 'clients');
  const journal = join(own, 'journal.json');
  const pathOf = (backup: string): string => join(own, 'backups', backup);
  return {
    changes: () => readJournal(journal),
    save: async (before, after) => {
      await writeJournal(journal, after, platform);
      const needed = new Set(after.map(({ backup }) => backup));
      const stale = before.flatMap(({ backup }) => (backup === null || needed.has(backup) ? [] : [backup]));
      for (const backup of stale) await remove(pathOf(backup));
    },
    keep: async (client, text, at) => {
      const stamp = at.toISOString().replaceAll(/[-:.]/g, '');
      const name = `${client}-${stamp}-${hashOf(text).slice(0, 12)}.bak`;
      await writeFileAtomically(pathOf(name), text, platform);
      return name;
    },
    backupOf: async (change) => {
      const backup = change?.backup ?? null;
      if (backup === null) return { kind: 'none' };
      const rules = { rule: 'private', maxBytes: MAX_CLIENT_FILE_BYTES, platform, who: options } as const;
      const read = await readGuardedFile(pathOf(backup), rules);
      switch (read.kind) {
        case 'missing':
          return { kind: 'unusable', problem: 'its copy is gone' };
        case 'refused':
          return { kind: 'unusable', problem: `its copy cannot be trusted: ${read.problem}` };
        case 'unreadable':
          return { kind: 'unusable', problem: `its copy cannot be read: ${read.reason}` };
        case 'read': {
          const text = read.bytes.toString('utf8');
          return { kind: 'read', text, hash: hashOf(text) };
        }
      }
    },
    alone: (action) => withExclusiveFile(join(own, 'lock'), platform, action),
    danger: async () => {
      try {
        await makeFolder(own);
        return await folderChainDanger(await realpath(own), { platform, who: options });
      } catch (error) {
        if (errorCode(error) === '') throw error;
        return `${own} cannot be used: ${systemReason(error)}`;
      }
    },
  };
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
