import type { LocalConfig } from '../../../shared/model/config';

/** How long a request may take. */
export interface TimeLimits {
  /** Without a reply or a report of progress. */
  readonly timeoutMs: number;
  /** However much progress is reported. */
  readonly longestMs: number;
}

const MAX_TIMER_MS = 2_147_483_647;
/** These stay open for as long as the client wants (MCP 2026-07-28), and have no deadline. */
const STANDING_METHODS: ReadonlySet<string> = new Set(['subscriptions/listen']);

export const isStanding = (method: string): boolean => STANDING_METHODS.has(method);

/** What the configuration of now gives a request with this method. */
export function timeLimits(method: string, local: LocalConfig): TimeLimits {
  if (isStanding(method)) return { timeoutMs: MAX_TIMER_MS, longestMs: MAX_TIMER_MS };
  const timeoutMs = local.request_timeout_ms;
  return { timeoutMs, longestMs: Math.max(timeoutMs, local.max_request_duration_ms) };
}
