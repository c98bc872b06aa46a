import type { BreakerConfig } from '../../../shared/model/config';
import { assertNever } from '../../../shared/model/errors';

/** What the last connections to an endpoint say about it. Times are epoch milliseconds. */
export type Breaker =
  | { readonly name: 'closed'; readonly failures: number }
  /** It fails: nothing is tried before `until`. */
  | { readonly name: 'open'; readonly until: number }
  /** It may be well again: one connection at a time proves it. */
  | { readonly name: 'half-open'; readonly successes: number; readonly isProbed: boolean };

export type BreakerEvent =
  | { readonly kind: 'dialled'; readonly now: number }
  /** A connection has lasted. */
  | { readonly kind: 'succeeded' }
  /** A connection failed or was lost. */
  | { readonly kind: 'failed'; readonly now: number }
  /** What was dialled came to no verdict. */
  | { readonly kind: 'released' };

export const initialBreaker: Breaker = { name: 'closed', failures: 0 };

/** True when another connection may be tried. */
export function permits(breaker: Breaker, now: number): boolean {
  switch (breaker.name) {
    case 'closed':
      return true;
    case 'open':
      return now >= breaker.until;
    case 'half-open':
      return !breaker.isProbed;
    default:
      return assertNever(breaker);
  }
}

/** The circuit breaker of one endpoint as one pure table. */
export function nextBreaker(breaker: Breaker, event: BreakerEvent, config: BreakerConfig): Breaker {
  if (!config.enabled) return initialBreaker;
  switch (event.kind) {
    case 'dialled':
      return afterDial(breaker, event.now);
    case 'succeeded':
      return afterSuccess(breaker, config);
    case 'failed':
      return afterFailure(breaker, event.now, config);
    case 'released':
      return breaker.name === 'half-open' ? { ...breaker, isProbed: false } : breaker;
    default:
      return assertNever(event);
  }
}

function afterDial(breaker: Breaker, now: number): Breaker {
  switch (breaker.name) {
    case 'closed':
      return breaker;
    case 'open':
      return now >= breaker.until ? { name: 'half-open', successes: 0, isProbed: true } : breaker;
    case 'half-open':
      return { ...breaker, isProbed: true };
    default:
      return assertNever(breaker);
  }
}

function afterSuccess(breaker: Breaker, { success_threshold: enough }: BreakerConfig): Breaker {
  // Also while it is open: as a last resort it was dialled all the same.
  const successes = breaker.name === 'half-open' ? breaker.successes + 1 : 1;
  if (breaker.name === 'closed' || successes >= enough) return initialBreaker;
  return { name: 'half-open', successes, isProbed: false };
}

function afterFailure(breaker: Breaker, now: number, config: BreakerConfig): Breaker {
  const open: Breaker = { name: 'open', until: now + config.recovery_timeout_ms };
  switch (breaker.name) {
    case 'closed': {
      const failures = breaker.failures + 1;
      return failures >= config.failure_threshold ? open : { name: 'closed', failures };
    }
    case 'open':
      // Older connections that break later on, and last resorts, tell nothing new.
      return breaker;
    case 'half-open':
      return open;
    default:
      return assertNever(breaker);
  }
}
