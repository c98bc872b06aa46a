import type { NativeTheme } from 'electron';
import type { CommandResult, HandlersOf } from '../shared/ipc/call';
import type { preferenceCalls } from '../shared/ipc/preference-calls';
import {
  defaultPreferences,
  type AppPreferences,
  type LoginItem,
  type Preferences,
} from '../shared/model/preferences';
import type { AppMachine } from './compose/app-preferences';
import type { LoginItems } from './login-item';

/** The preferences of the person, in use. */
export interface AppPreferencesDesk {
  /** Those of now. */
  current(): AppPreferences;
  /** Calls back after each change. Returns the way to stop. */
  onChange(listener: (preferences: AppPreferences) => void): () => void;
  setLoginItem(isOn: boolean): Promise<CommandResult>;
  readonly handlers: HandlersOf<typeof preferenceCalls>;
}

const failed = (message: string): CommandResult => ({ ok: false, code: 'preference-not-kept', message });

/** Reads what was chosen and applies it; what cannot be read is told and counts as not chosen. */
export async function openPreferences(parts: {
  readonly file: AppMachine['file'];
  readonly loginItems: LoginItems;
  readonly nativeTheme: Pick<NativeTheme, 'themeSource'>;
  readonly say: (text: string) => void;
}): Promise<AppPreferencesDesk> {
  const { file, loginItems, nativeTheme, say } = parts;
  const desk = new Desk(file, loginItems, (theme) => {
    nativeTheme.themeSource = theme;
  });
  const { preferences, problem } = await file.read();
  if (problem !== null) say(problem);
  await desk.apply(preferences);
  return desk;
}

class Desk implements AppPreferencesDesk {
  private preferences: Preferences = defaultPreferences;
  private login: LoginItem = { kind: 'off' };
  private readonly listeners = new Set<(preferences: AppPreferences) => void>();

  constructor(
    private readonly file: AppMachine['file'],
    private readonly loginItems: LoginItems,
    private readonly setTheme: (theme: Preferences['theme']) => void,
  ) {}

  readonly handlers: HandlersOf<typeof preferenceCalls> = {
    'preferences.get': async () => {
      // Desktops have settings of their own for what starts at login.
      this.login = await this.loginItems.look();
      return this.current();
    },
    'preferences.save': (preferences) => this.save(preferences),
    'login-item.set': ({ isOn }) => this.setLoginItem(isOn),
  };

  current(): AppPreferences {
    return { ...this.preferences, login: this.login };
  }

  onChange(listener: (preferences: AppPreferences) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  async apply(preferences: Preferences): Promise<void> {
    this.preferences = preferences;
    this.setTheme(preferences.theme);
    this.login = await this.loginItems.look();
    for (const listener of this.listeners) listener(this.current());
  }

  async setLoginItem(isOn: boolean): Promise<CommandResult> {
    const problem = await this.loginItems.set(isOn, this.preferences.startsHidden);
    await this.apply(this.preferences);
    return problem === null ? { ok: true } : failed(`Start at login is not changed: ${problem}`);
  }

  private async save(preferences: Preferences): Promise<CommandResult> {
    const problem = await this.file.write(preferences);
    if (problem !== null) return failed(problem);
    const isOtherStart = preferences.startsHidden !== this.preferences.startsHidden;
    await this.apply(preferences);
    return isOtherStart && this.login.kind === 'on' ? this.setLoginItem(true) : { ok: true };
  }
}
