import type { App } from 'electron';
import type { LoginItem } from '../shared/model/preferences';
import type { AppMachine } from './compose/app-preferences';

/** Start at login, in the platform's own way. */
export interface LoginItems {
  look(): Promise<LoginItem>;
  /** @returns why it is not done; null when it is */
  set(isOn: boolean, startsHidden: boolean): Promise<string | null>;
}

/** The switch that keeps the app in the tray (lifecycle.ts). */
const HIDDEN = '--hidden';

/**
 * On Windows and macOS the system keeps login items itself; macOS passes no arguments on, so that there the app asks the
 * preference when it was started at login.
 *
 * @param appPath what Electron runs when it is not packed; null when it is
 */
export function createLoginItems(
  app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>,
  { autostart, program }: Pick<AppMachine, 'autostart' | 'program'>,
  { platform, appPath }: { readonly platform: NodeJS.Platform; readonly appPath: string | null },
): LoginItems {
  const command = (startsHidden: boolean): { program: string; args: readonly string[] } => ({
    program,
    args: [...(appPath === null ? [] : [appPath]), ...(startsHidden ? [HIDDEN] : [])],
  });
  if (platform !== 'darwin' && platform !== 'win32') {
    return {
      look: () => autostart.look([command(true), command(false)]),
      set: (isOn, startsHidden) => (isOn ? autostart.write(command(startsHidden)) : autostart.remove()),
    };
  }
  const of = (startsHidden: boolean): { path: string; args: string[] } => ({
    path: program,
    args: [...command(startsHidden).args],
  });
  const isOn = (startsHidden: boolean): boolean =>
    app.getLoginItemSettings(platform === 'win32' ? of(startsHidden) : {}).openAtLogin;
  return {
    look: () => Promise.resolve({ kind: isOn(true) || isOn(false) ? 'on' : 'off' }),
    set: (openAtLogin, startsHidden) => {
      app.setLoginItemSettings(platform === 'win32' ? { openAtLogin, ...of(startsHidden) } : { openAtLogin });
      const isDone = (isOn(true) || isOn(false)) === openAtLogin;
      return Promise.resolve(
        isDone ? null : 'the system did not accept it; look at its own list of login items',
      );
    },
  };
}
