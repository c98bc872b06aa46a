import type {
  ClientAction,
  ClientId,
  ClientOutcome,
  ClientPreview,
  ClientRefusal,
  ClientRow,
} from '../model/client-apps';
import { command, query, type CommandResult } from './call';

/** A change that a person thinks of. The window names client and action, never a path or a text. */
export interface ClientChangeRequest {
  readonly action: ClientAction;
  readonly id: ClientId;
  /** Another name for our entry than the usual one; with `connect`. */
  readonly name?: string;
  /** An entry that is not ours may be overwritten or removed. */
  readonly mayReplace?: boolean;
}

/** The exact change, or why there is none. */
export type ClientChangePreview =
  | {
      readonly kind: 'planned';
      /** Stands for this very change on this very file; opens nothing else, and only once. */
      readonly ticket: string;
      readonly preview: ClientPreview;
    }
  | ClientRefusal;

/** What came of a change that was confirmed. */
export type ClientChangeResult =
  | Exclude<ClientOutcome, { readonly kind: 'stale' }>
  /** The file is another one by now: nothing was written, and this is the change now. */
  | { readonly kind: 'stale'; readonly now: ClientChangePreview };

/** Who has a token for the local HTTP address. */
export interface ClientTokenName {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The local HTTP address with its tokens, by name. */
export type ClientTokenReport =
  | { readonly kind: 'off' }
  | { readonly kind: 'on'; readonly url: string; readonly tokens: readonly ClientTokenName[] }
  | { readonly kind: 'unusable'; readonly problem: string };

/** A token that was made: it can be had this once, because only its hash is kept. */
export type NewClientToken =
  | { readonly kind: 'added'; readonly name: string; readonly value: string }
  | { readonly kind: 'refused'; readonly problem: string };

/** The MCP clients of this machine and their configuration files. */
export const clientAppCalls = {
  'client-apps.list': query<void, readonly ClientRow[]>(),
  'client-apps.preview': query<ClientChangeRequest, ClientChangePreview>(),
  'client-apps.apply': command<{ readonly ticket: string }, ClientChangeResult>(),
  'client-tokens.list': query<void, ClientTokenReport>(),
  'client-tokens.add': command<{ readonly name: string }, NewClientToken>(),
  'client-tokens.revoke': command<{ readonly name: string }, CommandResult>(),
} as const;
