import type { ConnectionSettings, KeychainHealth, SaveConnection } from '../shared/ipc/contract';
import type { RouterConfig } from '../shared/model/config';
import type { ErrorCode } from '../shared/model/errors';
import type { Announce } from './compose/announcements';
import type { DesktopSecurity } from './compose/desktop-security';
import type { LiveFileHandlers, LiveFiles } from './compose/live-files';
import type { DesktopPages } from './desktop-pages';
import type { ConfigSituation } from './desktop-results';
import type { Engine } from './engine/index';

/** What writing the connection into the configuration file came to. */
export type SaveOutcome =
  | { readonly kind: 'saved' }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly field?: 'url' | 'token';
    };

/** The part of the machine that the desktop app works on. */
export interface DesktopMachine {
  readonly loadConfig: () => Promise<ConfigSituation>;
  /** Validates, stores the token if there is one, and writes the file; nothing changes when it is refused. */
  readonly saveConnection: (situation: ConfigSituation, input: SaveConnection) => Promise<SaveOutcome>;
  /** Writes the names into the file and changes nothing else. */
  readonly saveBlockedClients: (situation: ConfigSituation, names: readonly string[]) => Promise<SaveOutcome>;
  readonly tokenSource: (config: RouterConfig) => Promise<ConnectionSettings['tokenSource']>;
  readonly keychainHealth: () => Promise<KeychainHealth>;
  /** The checklist and the lockdown; works without an engine. */
  readonly security: DesktopSecurity;
  /** What stands behind the pages; works without an engine. */
  readonly pages: DesktopPages;
  /** True while a call of the keychain blocks, which would hold up the end of the process. */
  readonly isKeychainBusy: () => boolean;
  /** Builds an engine with a keeper for this configuration; not started. */
  readonly createEngine: (config: RouterConfig) => Promise<Engine>;
  /** Calls back when files that the configuration depends on have changed; follows nothing yet. */
  readonly watchFiles: (handlers: LiveFileHandlers) => LiveFiles;
}

/** What the desktop app needs done for it; `compose.ts` provides it. */
export interface DesktopParts extends DesktopMachine {
  readonly version: string;
  readonly onAnnouncement: (listener: Announce) => () => void;
  /** There in the demo only: the machine as it is for this person without the demo. */
  readonly withoutDemo?: DesktopMachine;
  readonly now: () => number;
  /** Writes a line where people who look for trouble look. */
  readonly say: (text: string) => void;
  /** Calls back after a while; for batching. */
  readonly after: (delayMs: number, callback: () => void) => void;
}
