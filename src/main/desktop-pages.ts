import type { auditCalls } from '../shared/ipc/audit-calls';
import type { HandlersOf } from '../shared/ipc/call';
import type { clientAppCalls } from '../shared/ipc/client-app-calls';
import type { credentialCalls } from '../shared/ipc/credential-calls';
import type { securityCalls } from '../shared/ipc/security-calls';
import type { settingsCalls } from '../shared/ipc/settings-calls';
import type { setupCalls } from '../shared/ipc/setup-calls';
import type { trafficCalls } from '../shared/ipc/traffic-calls';

/** What stands behind the pages of the window that work on this machine, one part per page. */
export interface DesktopPages {
  readonly audit: HandlersOf<typeof auditCalls>;
  readonly credentials: HandlersOf<typeof credentialCalls>;
  readonly clientApps: HandlersOf<typeof clientAppCalls>;
  readonly security: HandlersOf<typeof securityCalls>;
  readonly settings: HandlersOf<typeof settingsCalls>;
  readonly setup: HandlersOf<typeof setupCalls>;
  readonly traffic: HandlersOf<typeof trafficCalls>;
}
