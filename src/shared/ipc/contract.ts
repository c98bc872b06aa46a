import type { RouterEvent } from '../model/events';
import type { Page } from '../model/page';
import type { PostureReport } from '../model/posture';
import type { RouterStatus } from '../model/status';
import { auditCalls } from './audit-calls';
import {
  command,
  event,
  query,
  type CallInput,
  type CallNames,
  type CallOutput,
  type CommandResult,
  type HandlersOf,
} from './call';
import { clientAppCalls } from './client-app-calls';
import { credentialCalls } from './credential-calls';
import { preferenceCalls } from './preference-calls';
import { securityCalls } from './security-calls';
import { settingsCalls } from './settings-calls';
import { setupCalls } from './setup-calls';
import { trafficCalls } from './traffic-calls';

export type { CommandResult } from './call';

/** Found, absent, locked and unavailable are four different answers (design section 6). */
export type KeychainHealth =
  | { readonly kind: 'usable' }
  | { readonly kind: 'locked'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

/** One thing that is wrong with the configuration file. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning';
  /** Path in the file, such as `gateway.tls.verify`; empty for the whole file. */
  readonly path: string;
  /** 1-based; null when the problem has no line. */
  readonly line: number | null;
  readonly message: string;
}

/** Everything that the window needs to draw itself. */
export interface AppStatus {
  readonly version: string;
  readonly isDemo: boolean;
  /** The configuration file in use, or the one that saving would create. */
  readonly configPath: string;
  readonly isConfigured: boolean;
  readonly configProblems: readonly ConfigProblem[];
  readonly keychain: KeychainHealth;
  readonly router: RouterStatus;
}

/** What the connection form starts with. */
export interface ConnectionSettings {
  readonly url: string;
  /** Where the token comes from, by name; null when there is none. The value never leaves the main process. */
  readonly tokenSource: {
    readonly kind: 'keychain' | 'memory' | 'environment' | 'file' | 'oauth2';
    readonly name: string;
  } | null;
  /** True when the token may be replaced here: it is in the keychain, or there is none yet. */
  readonly isTokenEditable: boolean;
}

/** `token` is absent to keep the stored one. */
export interface SaveConnection {
  readonly url: string;
  readonly token?: string;
}

/** A client by the name that it gave itself. */
export interface ClaimedName {
  readonly name: string;
}

/** What a person has typed to confirm something. */
export interface TypedWord {
  readonly word: string;
}

/** THE list of IPC channels. Both ends, the preload bridge and the test doubles derive their types from it. */
export const contract = {
  'status.get': query<void, AppStatus>(),
  'status.changed': event<AppStatus>(),
  /** Another page is to be shown, as a person asked for outside the window. */
  'page.open': event<Page>(),
  'events.recent': query<void, readonly RouterEvent[]>(),
  'events.added': event<readonly RouterEvent[]>(),
  'connection.get': query<void, ConnectionSettings>(),
  'connection.save': command<SaveConnection, CommandResult>(),
  'gateway.connect': command<void, CommandResult>(),
  'gateway.disconnect': command<void, CommandResult>(),
  'clients.disconnect': command<{ readonly session: string }, CommandResult>(),
  'clients.block': command<ClaimedName, CommandResult>(),
  'clients.unblock': command<ClaimedName, CommandResult>(),
  'posture.get': query<void, PostureReport>(),
  'lockdown.enter': command<void, CommandResult>(),
  'lockdown.release': command<TypedWord, CommandResult>(),
  ...auditCalls,
  ...credentialCalls,
  ...clientAppCalls,
  ...securityCalls,
  ...settingsCalls,
  ...preferenceCalls,
  ...setupCalls,
  ...trafficCalls,
} as const;

type Contract = typeof contract;
export type Channel = keyof Contract;
export type CallChannel = CallNames<Contract>;
export type EventChannel = Exclude<Channel, CallChannel>;
export type InputOf<C extends CallChannel> = CallInput<Contract[C]>;
export type OutputOf<C extends Channel> = CallOutput<Contract[C]>;

/** What main must implement: one function per query and command. */
export type Handlers = HandlersOf<Contract>;

/** What is called with no argument where a channel takes none. */
export type InputArguments<C extends CallChannel> = InputOf<C> extends void ? [] : [InputOf<C>];
type CallFace = {
  readonly [C in CallChannel]: (...input: InputArguments<C>) => Promise<OutputOf<C>>;
};
type EventFace = { readonly [C in EventChannel]: (listener: (payload: OutputOf<C>) => void) => () => void };
/** What the preload puts at `window.router`. */
export type RouterBridge = CallFace & EventFace;
