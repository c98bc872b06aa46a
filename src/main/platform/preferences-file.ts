import {
  defaultPreferences,
  notificationChoices,
  themeChoices,
  type Preferences,
} from '../../shared/model/preferences';
import { writeFileAtomically } from './atomic-file';
import { readGuardedFile, systemReason } from './guarded-file';
import { pathRules, stateFolder, type Place } from './paths';

/** Where a person's preferences are kept. */
export interface PreferencesFile {
  /** What cannot be read or is no choice counts as not chosen; `problem` says so. */
  read(): Promise<{ readonly preferences: Preferences; readonly problem: string | null }>;
  /** @returns why it is not kept; null when it is */
  write(preferences: Preferences): Promise<string | null>;
}

const MAX_BYTES = 16_384;

/** @param uid null on Windows */
export function createPreferencesFile(place: Place, uid: number | null): PreferencesFile {
  const { platform } = place;
  const folder = stateFolder(place);
  if (folder === undefined) return withoutFolder;
  const path = pathRules(platform).join(folder, 'preferences.json');
  return {
    read: async () => {
      const read = await readGuardedFile(path, {
        rule: 'private',
        maxBytes: MAX_BYTES,
        platform,
        who: { uid },
      });
      switch (read.kind) {
        case 'missing':
          return { preferences: defaultPreferences, problem: null };
        case 'read':
          return parsed(read.bytes.toString('utf8'), path);
        case 'refused':
          return unusable(path, read.problem);
        case 'unreadable':
          return unusable(path, read.reason);
      }
    },
    write: async (preferences) => {
      try {
        await writeFileAtomically(path, `${JSON.stringify(preferences, null, 2)}\n`, platform);
        return null;
      } catch (error) {
        return `${path} cannot be written: ${systemReason(error)}`;
      }
    },
  };
}

const withoutFolder: PreferencesFile = {
  read: () => Promise.resolve({ preferences: defaultPreferences, problem: null }),
  write: () => Promise.resolve('this user has no home folder to keep it in'),
};

const unusable = (path: string, reason: string): Awaited<ReturnType<PreferencesFile['read']>> => ({
  preferences: defaultPreferences,
  problem: `preferences are not used, ${path}: ${reason}`,
});

function parsed(text: string, path: string): Awaited<ReturnType<PreferencesFile['read']>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unusable(path, 'it is no JSON');
  }
  if (typeof value !== 'object' || value === null) return unusable(path, 'it is no object');
  const { theme, notifications, startsHidden }: Partial<Record<keyof Preferences, unknown>> = value;
  const preferences: Preferences = {
    theme: themeChoices.find((choice) => choice === theme) ?? defaultPreferences.theme,
    notifications:
      notificationChoices.find((choice) => choice === notifications) ?? defaultPreferences.notifications,
    startsHidden: typeof startsHidden === 'boolean' ? startsHidden : defaultPreferences.startsHidden,
  };
  return { preferences, problem: null };
}
