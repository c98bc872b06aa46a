/** The MCP clients that MCP Router can be connected to. */
export const clientIds = [
  'claude-desktop',
  'claude-code',
  'cursor',
  'vscode',
  'vscode-insiders',
  'windsurf',
  'zed',
  'codex',
  'gemini',
] as const;

export type ClientId = (typeof clientIds)[number];

/** How a client stands to MCP Router, judged by its file and by what we remember. */
export type ClientState =
  /** No trace of the app on this machine. */
  | { readonly kind: 'not-found' }
  | { readonly kind: 'not-connected' }
  /** `by-hand`: somebody else wrote the entry, but it starts this router. */
  | { readonly kind: 'connected'; readonly by: 'us' | 'by-hand' }
  /** We connected it, and what is there now is something else. */
  | { readonly kind: 'drifted'; readonly change: 'entry-removed' | 'entry-changed' | 'router-moved' }
  /** An entry with our name that is not ours. */
  | { readonly kind: 'name-taken' }
  /** The file cannot be read or must not be changed. */
  | { readonly kind: 'unusable'; readonly problem: string };

/** One line of `mcp-router clients list`. */
export interface ClientRow {
  readonly id: ClientId;
  readonly title: string;
  readonly state: ClientState;
  /** The name of our entry, or the one it would get. */
  readonly name: string;
  /** Where the client keeps its servers; null where this machine has no place for it. */
  readonly path: string | null;
  readonly remarks: readonly string[];
  /** What makes sense now; the first is the next step. */
  readonly actions: readonly ClientAction[];
}

export const clientActions = ['connect', 'disconnect', 'repair', 'undo'] as const;
export type ClientAction = (typeof clientActions)[number];

/** What a person sees before a client's file is changed. Strings that are not ours are masked in it. */
export interface ClientPreview {
  readonly id: ClientId;
  readonly title: string;
  readonly action: ClientAction;
  readonly path: string;
  /** One sentence: what will be done. */
  readonly summary: string;
  /** Changed lines only, `-` and `+` first. */
  readonly diff: readonly string[];
  readonly warnings: readonly string[];
  /** Why it cannot be done right now although it could be later, such as a client that runs; null when it can. */
  readonly obstacle: string | null;
}

/** Why nothing was changed. */
export type ClientRefusal =
  /** There is nothing to do. */
  | { readonly kind: 'nothing-to-do'; readonly message: string }
  /** Not without another name, `--replace` or another command; the message says which. */
  | {
      readonly kind: 'refused';
      readonly message: string;
      /** Where the wanted name belongs to another server: one that is free. */
      readonly freeName?: string;
    }
  /** The machine or the file is not as it must be. */
  | { readonly kind: 'unusable'; readonly message: string };

/** How carrying out a plan ended. */
export type ClientOutcome =
  | { readonly kind: 'done'; readonly message: string; readonly remarks: readonly string[] }
  /** The file is not the one that the preview was made from: look again. */
  | { readonly kind: 'stale' }
  | ClientRefusal;
