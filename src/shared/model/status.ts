import type { Alert } from './alerts';
import type { ErrorCode } from './errors';
import type { Lockdown } from './lockdown';

/** Why a connection is down, in the words of the errors table. `detail` never holds a secret. */
export interface FailureCause {
  readonly code: ErrorCode;
  readonly detail: string;
  /** How long the other side asked to wait (Retry-After), from when it was met. */
  readonly retryAfterMs?: number;
}

/** What was proven about the encrypted connection; null on a plain loopback connection. */
export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  readonly isVerified: boolean;
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly validFrom?: string;
  /** ISO 8601. */
  readonly validTo: string;
  /** Our own certificate, where one was presented. */
  readonly client?: CertificateFacts;
}

/** What a certificate says of itself. Times are ISO 8601. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
}

/** One connection to the gateway (design section 4). Times are epoch milliseconds. */
export type ConnectionState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: number; readonly since: number }
  | {
      readonly name: 'connected';
      readonly since: number;
      readonly tls: TlsFacts | null;
      /** The address that is in use, without user info or query. */
      readonly endpoint?: string;
    }
  | {
      readonly name: 'waiting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly cause: FailureCause;
    }
  | { readonly name: 'failed'; readonly since: number; readonly cause: FailureCause }
  | { readonly name: 'closing' };

/** The one word that tray and window show. */
export type ShownState = 'disconnected' | 'connecting' | 'connected' | 'degraded' | 'failed' | 'locked';

/** Where the credential in use comes from, by name, never by value. */
export interface CredentialInUse {
  readonly source: 'keychain' | 'memory' | 'environment' | 'file' | 'command' | 'certificate' | 'oauth2';
  /** The keychain account, the variable, the path, the program, or `client id @ identity provider`. */
  readonly name: string;
}

/** What can be rotated: a bearer token, the client secret of an OAuth client, or a client certificate with its key. */
export type CredentialKind = 'token' | 'client-secret' | 'certificate';

/** How a client reaches the router. */
export type DoorKind = 'stdio' | 'socket' | 'http';

/** One attached client and its lane. */
export interface SessionStatus {
  readonly id: string;
  readonly door: DoorKind;
  /** Whose token it showed (`clients token add`): proven. Null where none is asked for. */
  readonly owner: string | null;
  /** What the client calls itself in `initialize`; a claim, not a proof. */
  readonly clientName: string | null;
  readonly openedAt: number;
  readonly connection: ConnectionState;
  /** Open ones to the gateway (`gateway.connection.pool`). */
  readonly openConnections: number;
  readonly requests: number;
  /** Requests that were answered with an error, by the other side or by the router. */
  readonly failures: number;
  readonly inFlight: number;
  readonly queued: number;
}

/** Counted since the engine started. */
export interface Counters {
  readonly requests: number;
  readonly replies: number;
  /** Requests that the router itself answered with an error. */
  readonly refusals: number;
  readonly authFailures: number;
  readonly rateLimitHits: number;
  readonly policyDenials: number;
  readonly connectionErrors: number;
  readonly reconnects: number;
}

/** Something runs but must be looked at. */
export interface Degradation {
  readonly code:
    | 'verification-off'
    | 'provider-verification-off'
    | 'scope-missing'
    | 'plain-connection'
    | 'frames-logged'
    | 'lane-failing'
    | 'log-not-writable'
    | 'audit-not-writable'
    | 'socket-unavailable'
    | 'http-unavailable'
    | 'metrics-unavailable'
    | 'certificate-expiring'
    | 'credential-unusable'
    | 'credential-rolled-back'
    | 'credential-ageing'
    | 'files-not-watched';
  readonly text: string;
}

/** A complete snapshot; a higher revision is newer. */
export interface RouterStatus {
  readonly revision: number;
  readonly shown: ShownState;
  /** True while the person wants a connection. */
  readonly isSwitchedOn: boolean;
  /** When `shown` last changed, epoch milliseconds. */
  readonly shownSince: number;
  /** The address in use, or else the one that comes first, without user info or query; null before one is configured. */
  readonly gatewayUrl: string | null;
  /** The connection that proves address, TLS and credential; idle in a stdio bridge. */
  readonly keeper: ConnectionState;
  readonly cause: FailureCause | null;
  /** Null: not locked down. */
  readonly lockdown: Lockdown | null;
  readonly credential: CredentialInUse | null;
  readonly sessions: readonly SessionStatus[];
  /** `local.blocked_clients` */
  readonly blockedClients: readonly string[];
  readonly counters: Counters;
  readonly degradations: readonly Degradation[];
  /** What detection found and is not over; one for each rule at most. */
  readonly alerts: readonly Alert[];
  /** Where metrics are served, such as 127.0.0.1:9091; null when they are not. */
  readonly metricsAddress: string | null;
}

/** Nothing counted yet. */
export const noCounts: Counters = {
  requests: 0,
  replies: 0,
  refusals: 0,
  authFailures: 0,
  rateLimitHits: 0,
  policyDenials: 0,
  connectionErrors: 0,
  reconnects: 0,
};

/** The status where no engine runs, because nothing is configured. */
export function statusAtRest(shownSince: number, lockdown: Lockdown | null = null): RouterStatus {
  return {
    revision: 0,
    shown: lockdown === null ? 'disconnected' : 'locked',
    isSwitchedOn: false,
    shownSince,
    gatewayUrl: null,
    keeper: { name: 'idle' },
    cause: null,
    lockdown,
    credential: null,
    sessions: [],
    blockedClients: [],
    counters: noCounts,
    degradations: [],
    alerts: [],
    metricsAddress: null,
  };
}
