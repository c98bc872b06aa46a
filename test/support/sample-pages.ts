import { desktopSettings } from '../../src/main/compose/desktop-settings';
import type { DesktopPages } from '../../src/main/desktop-pages';
import { loadConfig } from '../../src/main/platform/load-config';
import type { HandlersOf } from '../../src/shared/ipc/call';
import type { preferenceCalls } from '../../src/shared/ipc/preference-calls';

/** A home without a settings file. */
const nowhere = { place: { platform: 'linux', env: {}, home: '/nonexistent' }, cwd: '/', uid: null } as const;

/** What stands behind the pages on a machine where everything is in order. */
export const samplePages: DesktopPages = {
  audit: {},
  credentials: {},
  clientApps: {},
  settings: desktopSettings({
    machine: { place: nowhere.place, loadConfig: () => loadConfig(nowhere) },
    load: nowhere,
    openPath: () => Promise.resolve(''),
  }),
};

/** The preferences of somebody who changed none. */
export const samplePreferences: HandlersOf<typeof preferenceCalls> = {};
