import type { RouterEvent } from '../../../shared/model/events';
import type { Counters } from '../../../shared/model/status';

/** The counters after one more event. */
export function count(counters: Counters, event: RouterEvent): Counters {
  switch (event.kind) {
    case 'request-settled':
      return { ...counters, requests: counters.requests + 1, replies: counters.replies + 1 };
    case 'request-refused':
      return { ...counters, requests: counters.requests + 1, refusals: counters.refusals + 1 };
    case 'auth-failed':
      return {
        ...counters,
        authFailures: counters.authFailures + 1,
        connectionErrors: counters.connectionErrors + 1,
      };
    case 'rate-limited':
      return { ...counters, rateLimitHits: counters.rateLimitHits + 1 };
    case 'policy-denied':
      return { ...counters, policyDenials: counters.policyDenials + 1 };
    case 'connection-failed':
    case 'certificate-rejected':
      return { ...counters, connectionErrors: counters.connectionErrors + 1 };
    case 'connection-changed':
      return event.from === 'waiting' && event.to === 'connecting'
        ? { ...counters, reconnects: counters.reconnects + 1 }
        : counters;
    default:
      return counters;
  }
}
