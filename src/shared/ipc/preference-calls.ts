import type { AppPreferences, Preferences } from '../model/preferences';
import { command, event, query, type CommandResult } from './call';

/** How the app itself behaves: theme, notifications, start at login. */
export const preferenceCalls = {
  'preferences.get': query<void, AppPreferences>(),
  'preferences.save': command<Preferences, CommandResult>(),
  'preferences.changed': event<AppPreferences>(),
  'login-item.set': command<{ readonly isOn: boolean }, CommandResult>(),
} as const;
