import type { ErrorCode } from '../model/errors';
import type { RouterEvent } from '../model/events';
import type { PostureReport } from '../model/posture';
import type { RouterStatus } from '../model/status';

interface Call<Kind extends 'query' | 'command' | 'event', Input, Output> {
  readonly kind: Kind;
  /** Phantom members: they carry types, never values. */
  readonly input?: Input;
  readonly output?: Output;
}

const query = <Input, Output>(): Call<'query', Input, Output> => ({ kind: 'query' });
const command = <Input, Output>(): Call<'command', Input, Output> => ({ kind: 'command' });
const event = <Output>(): Call<'event', never, Output> => ({ kind: 'event' });

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

export type CommandResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly field?: 'url' | 'token';
    };

/** THE list of IPC channels. Both ends, the preload bridge and the test doubles derive their types from it. */
export const contract = {
  'status.get': query<void, AppStatus>(),
  'status.changed': event<AppStatus>(),
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
} as const;

type Contract = typeof contract;
export type Channel = keyof Contract;
export type CallChannel = { [C in Channel]: Contract[C]['kind'] extends 'event' ? never : C }[Channel];
export type EventChannel = Exclude<Channel, CallChannel>;
export type InputOf<C extends CallChannel> = Contract[C] extends { readonly input?: infer I } ? I : never;
export type OutputOf<C extends Channel> = Contract[C] extends { readonly output?: infer O } ? O : never;

/** What main must implement: one function per query and command. */
export type Handlers = { readonly [C in CallChannel]: (input: InputOf<C>) => Promise<OutputOf<C>> };

type CallFace = {
  readonly [C in CallChannel]: (
    ...input: InputOf<C> extends void ? [] : [InputOf<C>]
  ) => Promise<OutputOf<C>>;
};
type EventFace = { readonly [C in EventChannel]: (listener: (payload: OutputOf<C>) => void) => () => void };
/** What the preload puts at `window.router`. */
export type RouterBridge = CallFace & EventFace;
