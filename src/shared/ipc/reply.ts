import type { ErrorCode } from '../model/errors';

/** How a reply crosses from main to preload: Electron flattens thrown errors to text, so codes travel as values. */
export type IpcReply =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'error'; readonly code: ErrorCode };
