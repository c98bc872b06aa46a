import type { DesktopPages } from '../../src/main/desktop-pages';
import type { HandlersOf } from '../../src/shared/ipc/call';
import type { preferenceCalls } from '../../src/shared/ipc/preference-calls';
import { defaultPreferences } from '../../src/shared/model/preferences';
import { sampleAudit } from './sample-audit';
import { sampleCredentials } from './sample-credentials';
import { sampleClientApps, sampleTraffic } from './sample-clients';

/** What stands behind the pages on a machine where everything is in order. */
export const samplePages: DesktopPages = {
  audit: sampleAudit(1200),
  credentials: sampleCredentials,
  clientApps: sampleClientApps,
  settings: {},
  traffic: { 'traffic.get': () => Promise.resolve(sampleTraffic) },
  setup: {
    'setup.look': () => Promise.resolve({ kind: 'refused', message: 'No address was expected.' }),
    'setup.earlier': () => Promise.resolve({ secrets: [], hasInlineToken: false }),
    'setup.takeOver': () => Promise.resolve({ ok: true }),
    'setup.saveForSignIn': () => Promise.resolve({ ok: true }),
  },
};

/** The preferences of somebody who changed none. */
export const samplePreferences: HandlersOf<typeof preferenceCalls> = {
  'preferences.get': () => Promise.resolve({ ...defaultPreferences, login: { kind: 'off' } }),
  'preferences.save': () => Promise.resolve({ ok: true }),
  'login-item.set': () => Promise.resolve({ ok: true }),
};
