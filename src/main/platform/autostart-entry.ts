import { unlink } from 'node:fs/promises';

import type { LoginItem } from '../../shared/model/preferences';
import { replaceFile } from './atomic-file';
import { autostartSays, autostartText, execLine, type StartCommand } from './autostart-text';
import { errorCode, readGuardedFile, systemReason } from './guarded-file';
import { autostartFolder, pathRules, type Place } from './paths';
import { shown } from './shown-text';

/** Start at login on Linux desktops: an entry in the person's autostart folder. */
export interface AutostartEntry {
  /** @param command what the entry of this copy of the app would start */
  look(commands: readonly StartCommand[]): Promise<LoginItem>;
  /** @returns why it is not done; null when it is */
  write(command: StartCommand): Promise<string | null>;
  /** @returns why it is not done; null when it is */
  remove(): Promise<string | null>;
}

const FILE_NAME = 'mcp-router.desktop';
const MAX_BYTES = 65_536;
/** Desktops and their tools read each other's entries. */
const READABLE = 0o644;
const NO_FOLDER = 'this user has no home folder';

export function createAutostartEntry(place: Place, uid: number | null): AutostartEntry {
  const { platform } = place;
  const folder = autostartFolder(place);
  if (folder === undefined) return withoutFolder;
  const path = pathRules(platform).join(folder, FILE_NAME);
  return {
    look: async (commands) => {
      const read = await readGuardedFile(path, {
        rule: 'public',
        maxBytes: MAX_BYTES,
        platform,
        who: { uid },
      });
      if (read.kind === 'missing') return { kind: 'off' };
      if (read.kind !== 'read') {
        return {
          kind: 'unavailable',
          reason: `${path}: ${read.kind === 'refused' ? read.problem : read.reason}`,
        };
      }
      const { exec, isOn } = autostartSays(read.bytes.toString('utf8'));
      if (!isOn) return { kind: 'off' };
      const isOurs = commands.some((command) => execLine(command) === exec);
      return isOurs ? { kind: 'on' } : { kind: 'other-copy', program: shown(exec, 300) };
    },
    write: async (command) => {
      const text = autostartText(command);
      if (text === null)
        return 'the path of this program holds characters that an autostart entry cannot name';
      return attempt(path, () => replaceFile(path, text, { platform, mode: READABLE }));
    },
    remove: () => attempt(path, () => unlink(path)),
  };
}

const withoutFolder: AutostartEntry = {
  look: () => Promise.resolve({ kind: 'unavailable', reason: NO_FOLDER }),
  write: () => Promise.resolve(NO_FOLDER),
  remove: () => Promise.resolve(NO_FOLDER),
};

async function attempt(path: string, act: () => Promise<unknown>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? null : `${path}: ${systemReason(error)}`;
  }
}
