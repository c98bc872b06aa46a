import type { DesktopPages } from '../../src/main/desktop-pages';
import type { HandlersOf } from '../../src/shared/ipc/call';
import type { preferenceCalls } from '../../src/shared/ipc/preference-calls';
import { sampleAudit } from './sample-audit';

/** What stands behind the pages on a machine where everything is in order. */
export const samplePages: DesktopPages = {
  audit: sampleAudit(1200),
  credentials: {},
  clientApps: {},
  settings: {},
};

/** The preferences of somebody who changed none. */
export const samplePreferences: HandlersOf<typeof preferenceCalls> = {};
