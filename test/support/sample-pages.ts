import { desktopSettings } from '../../src/main/compose/desktop-settings';
import type { DesktopPages } from '../../src/main/desktop-pages';
import { loadConfig } from '../../src/main/platform/load-config';
import type { HandlersOf } from '../../src/shared/ipc/call';
import type { preferenceCalls } from '../../src/shared/ipc/preference-calls';
import { detectionSchema } from '../../src/shared/model/detection-settings';
import { defaultPreferences } from '../../src/shared/model/preferences';
import { sampleAudit } from './sample-audit';
import { sampleCredentials } from './sample-credentials';
import { sampleClientApps, sampleTraffic } from './sample-clients';

/** A home without a settings file. */
const nowhere = { place: { platform: 'linux', env: {}, home: '/nonexistent' }, cwd: '/', uid: null } as const;

/** What stands behind the pages on a machine where everything is in order. */
export const samplePages: DesktopPages = {
  audit: sampleAudit(1200),
  credentials: sampleCredentials,
  clientApps: sampleClientApps,
  security: {
    'security.detection': () =>
      Promise.resolve({ kind: 'configured', isOn: true, settings: detectionSchema.parse({}) }),
    'security.offer-privacy': () => Promise.resolve({ kind: 'not-needed' }),
    'security.make-private': () => Promise.resolve({ ok: true }),
    'incident.export': () => Promise.resolve({ kind: 'cancelled' }),
  },
  settings: desktopSettings({
    machine: { place: nowhere.place, loadConfig: () => loadConfig(nowhere) },
    load: nowhere,
    openPath: () => Promise.resolve(''),
  }),
  traffic: { 'traffic.get': () => Promise.resolve(sampleTraffic) },
  setup: {
    'setup.look': () => Promise.resolve({ kind: 'refused', message: 'No address was expected.' }),
    'setup.earlier': () => Promise.resolve({ secrets: [], hasInlineToken: false }),
    'setup.takeOver': () => Promise.resolve({ ok: true }),
    'setup.save': () => Promise.resolve({ ok: true }),
  },
};

/** The preferences of somebody who changed none. */
export const samplePreferences: HandlersOf<typeof preferenceCalls> = {
  'preferences.get': () => Promise.resolve({ ...defaultPreferences, login: { kind: 'off' } }),
  'preferences.save': () => Promise.resolve({ ok: true }),
  'login-item.set': () => Promise.resolve({ ok: true }),
};
