import type { AppStatus, CommandResult, ConnectionSettings, SaveConnection } from '../shared/ipc/contract';
import type { RouterEvent } from '../shared/model/events';
import type { Announce } from './compose/announcements';
import type { DesktopSecurity } from './compose/desktop-security';
import type { DesktopPages } from './desktop-pages';

/** What the desktop shell needs from the router; everything it shows and does goes through here. */
export interface DesktopRouter {
  appStatus(): AppStatus;
  /** Bounded, newest last. */
  recentEvents(): readonly RouterEvent[];
  /** Calls back at most ten times a second with the newest snapshot. Returns the way to stop. */
  onStatus(listener: (status: AppStatus) => void): () => void;
  /** Calls back with batches of new events, oldest first. Returns the way to stop. */
  onEvents(listener: (events: readonly RouterEvent[]) => void): () => void;
  connectionSettings(): Promise<ConnectionSettings>;
  /** Validates, stores the token in the keychain, writes the configuration file and reloads it. */
  saveConnection(input: SaveConnection): Promise<CommandResult>;
  /** Switches on; while waiting or failed it tries again at once. */
  connect(): Promise<CommandResult>;
  disconnect(): Promise<CommandResult>;
  /** The machine slept: every connection is made anew. */
  wake(): Promise<void>;
  /** Lets go of one client; one that has left already is no error. */
  disconnectClient(session: string): Promise<CommandResult>;
  /** Writes the name into `local.blocked_clients`; clients that call themselves so are turned away from now on. */
  blockClient(name: string): Promise<CommandResult>;
  unblockClient(name: string): Promise<CommandResult>;
  /** The checklist and the lockdown. */
  readonly security: DesktopSecurity;
  readonly pages: DesktopPages;
  /** Reads the configuration file again after a page wrote it; a file that is not good changes nothing. */
  readChanges(): Promise<void>;
  /** Calls back with what pages tell by themselves. Returns the way to stop. */
  onAnnouncement(listener: Announce): () => void;
  /** True while a call of the keychain blocks. */
  isKeychainBusy(): boolean;
  start(): Promise<void>;
  /** Drains for a bounded time; a second call waits for the first. */
  stop(): Promise<void>;
}
