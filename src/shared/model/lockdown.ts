import { meaning, OUR_LIMIT } from './error-meaning';

/** Where a lockdown was asked for. */
export type LockdownSource = 'command' | 'tray' | 'window' | 'unknown';

/** Nothing passes, until a person ends it. */
export interface Lockdown {
  /** Epoch milliseconds; null where the marker cannot be read. */
  readonly since: number | null;
  readonly by: LockdownSource;
  /** Why it counts although its marker cannot be read, or why it ends with this program; null: nothing is wrong. */
  readonly problem: string | null;
}

/** What asking for a lockdown, or for its end, came to. */
export type LockdownChange =
  | { readonly kind: 'done' }
  /** It was like that before. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly reason: string };

/** What has to be typed to end one. */
export const RELEASE_WORD = 'release';

/** The words for people. */
export const lockdownSourceWords: Readonly<Record<LockdownSource, string>> = {
  command: 'the command mcp-router lockdown',
  tray: 'the tray',
  window: 'the window',
  unknown: 'a file that cannot be read',
};

/** The part of the table of errors that is about it. */
export const lockdownErrors = {
  'locked-down': meaning(
    [-32000, 403],
    'MCP Router is locked down: nothing is sent. What was under way may have been carried out.',
    'When the incident is over, end it with "mcp-router lockdown release", or in the window.',
    OUR_LIMIT,
  ),
} as const;
