import type { DesktopPages } from '../../src/main/desktop-pages';
import type { HandlersOf } from '../../src/shared/ipc/call';
import type { preferenceCalls } from '../../src/shared/ipc/preference-calls';
import { sampleClientApps, sampleTraffic } from './sample-clients';

/** What stands behind the pages on a machine where everything is in order. */
export const samplePages: DesktopPages = {
  audit: {},
  credentials: {},
  clientApps: sampleClientApps,
  settings: {},
  traffic: { 'traffic.get': () => Promise.resolve(sampleTraffic) },
};

/** The preferences of somebody who changed none. */
export const samplePreferences: HandlersOf<typeof preferenceCalls> = {};
