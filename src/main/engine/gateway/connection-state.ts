import { assertNever, type ErrorCode } from '../../../shared/model/errors';
import type { ConnectionState, FailureCause, TlsFacts } from '../../../shared/model/status';

/** A connection's state, and how often in a row it has failed. */
export interface LinkState {
  readonly connection: ConnectionState;
  readonly failures: number;
}

/** What can happen to a connection. Times are epoch milliseconds. */
export type LinkEvent =
  | { readonly kind: 'switched-on'; readonly now: number }
  | { readonly kind: 'switched-off' }
  | {
      readonly kind: 'opened';
      readonly now: number;
      readonly tls: TlsFacts | null;
      /** The address that is in use, as people may see it. */
      readonly endpoint: string;
    }
  /**
   * The dial failed, or an open connection broke. `delayMs` is the back-off for the failures so far. `fail-over`: there
   * is another endpoint to try at once; `give-up`: trying again cannot mend it at any endpoint.
   */
  | {
      readonly kind: 'broke';
      readonly now: number;
      readonly cause: FailureCause;
      readonly verdict: 'wait' | 'fail-over' | 'give-up';
      readonly delayMs: number;
      readonly maxAttempts: number;
      /** An open connection that lived this long was a good one, and the back-off starts anew. */
      readonly stableAfterMs: number;
    }
  | { readonly kind: 'retry-due'; readonly now: number }
  /** A credential, the configuration or the person changed something: try at once, with what is new. */
  | { readonly kind: 'reconsidered'; readonly now: number }
  | { readonly kind: 'closed' };

/** What `connection.ts` has to do after a transition. */
export type LinkEffect =
  'dial' | 'abandon-dial' | 'close-transport' | 'start-retry-timer' | 'stop-retry-timer';

export interface Transition {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

export const initialLink: LinkState = { connection: { name: 'idle' }, failures: 0 };

const FINAL_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'auth-failed',
  'gateway-refused',
  'proxy-refused',
  // Trying a wrong password again and again locks accounts.
  'proxy-auth-failed',
  'proxy-tls-failed',
  'proxy-unusable',
  'credential-missing',
  'credential-malformed',
  'credential-file-refused',
  'credential-file-unreadable',
  'keychain-locked',
  'keychain-unavailable',
  'oauth-refused',
  'oauth-untrusted',
  'sign-in-needed',
  'certificate-rejected',
  'trust-file-unreadable',
  'tls-version-rejected',
  'cipher-rejected',
  'pin-mismatch',
  'client-certificate-unusable',
  'client-certificate-expired',
  'client-certificate-refused',
  'client-certificate-missing',
  'fips-unavailable',
  'config-invalid',
  'locked-down',
]);

/** True for causes that trying again cannot mend (design section 4: refused). */
export const isFinal = (code: ErrorCode): boolean => FINAL_CODES.has(code);

const stay = (state: LinkState): Transition => ({ state, effects: [] });
const dial = (now: number, failures: number, effects: readonly LinkEffect[] = []): Transition => ({
  state: { connection: { name: 'connecting', attempt: failures + 1, since: now }, failures },
  effects: [...effects, 'dial'],
});

/** The whole life of a connection as one pure table (design section 4). */
export function transition(state: LinkState, event: LinkEvent): Transition {
  const { connection, failures } = state;
  switch (event.kind) {
    case 'switched-on':
      return connection.name === 'idle' || connection.name === 'closing' ? dial(event.now, 0) : stay(state);
    case 'switched-off':
      return switchOff(state);
    case 'opened':
      if (connection.name !== 'connecting') return stay(state);
      return stay({
        connection: { name: 'connected', since: event.now, tls: event.tls, endpoint: event.endpoint },
        failures,
      });
    case 'broke':
      return breakDown(state, event);
    case 'retry-due':
      return connection.name === 'waiting' ? dial(event.now, failures) : stay(state);
    case 'reconsidered':
      return reconsider(state, event.now);
    case 'closed':
      return connection.name === 'closing' ? stay(initialLink) : stay(state);
    default:
      return assertNever(event);
  }
}

function switchOff(state: LinkState): Transition {
  switch (state.connection.name) {
    case 'idle':
    case 'closing':
      return stay(state);
    case 'failed':
      return stay(initialLink);
    case 'waiting':
      return { state: initialLink, effects: ['stop-retry-timer'] };
    case 'connecting':
      return { state: initialLink, effects: ['abandon-dial'] };
    case 'connected':
      return { state: { connection: { name: 'closing' }, failures: 0 }, effects: ['close-transport'] };
    default:
      return assertNever(state.connection);
  }
}

/** True for an open connection that has lived long enough to be a good one: its loss starts the back-off anew. */
export const hasLasted = ({ connection }: LinkState, now: number, stableAfterMs: number): boolean =>
  connection.name === 'connected' && now - connection.since >= stableAfterMs;

function breakDown(state: LinkState, event: LinkEvent & { kind: 'broke' }): Transition {
  const { connection } = state;
  if (connection.name === 'closing') return stay(initialLink);
  if (connection.name !== 'connecting' && connection.name !== 'connected') return stay(state);
  const before = hasLasted(state, event.now, event.stableAfterMs) ? 0 : state.failures;
  // All endpoints together are one try, and the back-off begins when none is left.
  if (event.verdict === 'fail-over') return dial(event.now, before);
  const failures = before + 1;
  const isOver = event.maxAttempts >= 0 && failures > event.maxAttempts;
  if (event.verdict === 'give-up' || isOver) {
    return stay({ connection: { name: 'failed', since: event.now, cause: event.cause }, failures });
  }
  const retryAt = event.now + event.delayMs;
  return {
    state: { connection: { name: 'waiting', attempt: failures, retryAt, cause: event.cause }, failures },
    effects: ['start-retry-timer'],
  };
}

function reconsider(state: LinkState, now: number): Transition {
  switch (state.connection.name) {
    case 'idle':
    case 'closing':
      return stay(state);
    case 'failed':
      return dial(now, 0);
    case 'waiting':
      return dial(now, 0, ['stop-retry-timer']);
    case 'connecting':
      return dial(now, 0, ['abandon-dial']);
    case 'connected':
      return dial(now, 0, ['close-transport']);
    default:
      return assertNever(state.connection);
  }
}
