import { createAutostartEntry, type AutostartEntry } from '../platform/autostart-entry';
import { installForm } from '../platform/client-apps/launcher';
import { createPreferencesFile, type PreferencesFile } from '../platform/preferences-file';
import { hasTrayHost } from '../platform/tray-host';
import { processFacts } from '../platform/process-facts';

/** What the app keeps for its person on this machine. */
export interface AppMachine {
  readonly file: PreferencesFile;
  /** For Linux desktops. */
  readonly autostart: AutostartEntry;
  /** The program that stays where it is when the app is updated: an AppImage is mounted anew at each start. */
  readonly program: string;
  /** Whether a panel shows tray icons; null where it cannot be told. Linux desktops alone are asked. */
  readonly hasTrayHost: () => Promise<boolean | null>;
}

/** Nothing is opened before it is used. */
export function createAppMachine(): AppMachine {
  const facts = processFacts(process);
  const form = installForm(facts.program, facts.env);
  return {
    file: createPreferencesFile(facts, facts.uid),
    autostart: createAutostartEntry(facts, facts.uid),
    hasTrayHost: () => (facts.platform === 'linux' ? hasTrayHost() : Promise.resolve(true)),
    program: (form.kind === 'packaged' ? form.appImage : undefined) ?? facts.program.execPath,
  };
}
