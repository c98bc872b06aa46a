import type { AlertRule } from './alerts';
import type { ErrorCode } from './errors';
import type { KnownMethod } from './known-methods';
import type { LockdownSource } from './lockdown';
import type { ConnectionState, CredentialInUse, CredentialKind, DoorKind } from './status';

/** The keeper's connection, or the id of the session whose lane it is. */
export type LaneId = string;

/** The lane of the connection that belongs to the router itself and to no client. */
export const KEEPER_LANE = 'keeper';

/** The keys of `local.policy`. */
export type PolicyRule = `local.policy.${'allow' | 'deny'}_${'methods' | 'tools'}`;

/** Why a door of this machine turned somebody away: the host name, the origin, or the token. */
export type RefusedFor = 'host' | 'origin' | 'token';

/** What the audit trail says about a request when `include_requests` asks for it; its contents are not in here. */
export interface AuditedRequest {
  /** As the client wrote it. */
  readonly id: string;
  readonly method: string;
  /** The tool of a `tools/call`, where that can be told for certain. */
  readonly tool: string | null;
  readonly bytes: number;
  readonly durationMs: number;
}

/** The facts, in the past tense. They carry ids, codes, sizes and durations; never payloads, headers or secrets. */
export type RouterFact =
  | { readonly kind: 'engine-started' }
  | { readonly kind: 'engine-stopped' }
  | {
      readonly kind: 'config-applied';
      readonly source: string;
      /** The keys whose values are others than before. */
      readonly changed: readonly string[];
      /** The keys whose values of now take effect when the program starts the next time. */
      readonly waiting: readonly string[];
    }
  | { readonly kind: 'config-rejected'; readonly source: string; readonly detail: string }
  | { readonly kind: 'switched'; readonly isOn: boolean }
  /** Nothing passes any more. `detail`: what is wrong with its marker, which counts all the same. */
  | { readonly kind: 'locked-down'; readonly by: LockdownSource; readonly detail: string }
  | { readonly kind: 'lockdown-released' }
  | {
      readonly kind: 'connection-changed';
      readonly lane: LaneId;
      readonly from: ConnectionState['name'];
      readonly to: ConnectionState['name'];
      /** The host that it is connected to. */
      readonly endpoint?: string;
    }
  /** A connection goes on at another endpoint; both by host. */
  | { readonly kind: 'failed-over'; readonly lane: LaneId; readonly from: string; readonly to: string }
  | {
      readonly kind: 'connection-failed';
      readonly lane: LaneId;
      readonly code: ErrorCode;
      readonly detail: string;
    }
  | { readonly kind: 'auth-failed'; readonly lane: LaneId; readonly code: ErrorCode; readonly detail: string }
  | {
      readonly kind: 'certificate-rejected';
      readonly lane: LaneId;
      readonly code: ErrorCode;
      readonly detail: string;
    }
  /** Told once for each certificate and each of the steps 30, 7, 1 and 0 days; 0 means that it has expired. */
  | {
      readonly kind: 'certificate-expiring';
      readonly whose: 'client' | 'gateway';
      readonly subject: string;
      /** ISO 8601. */
      readonly validTo: string;
      readonly daysLeft: 30 | 7 | 1 | 0;
    }
  | { readonly kind: 'credential-used'; readonly lane: LaneId; readonly credential: CredentialInUse }
  /** What a changed file or keychain entry gives is used by new connections from now on. */
  | { readonly kind: 'credential-changed' }
  /** What it gives cannot be used; connections that are open stay. */
  | { readonly kind: 'credential-unusable'; readonly code: ErrorCode; readonly detail: string }
  /** The other side refused the new one within the overlap of its rotation; the old one is in use again. */
  | { readonly kind: 'credential-rolled-back'; readonly what: CredentialKind; readonly name: string }
  /** The old one of a rotation was deleted. */
  | { readonly kind: 'credential-overlap-ended'; readonly what: CredentialKind; readonly name: string }
  /** It was stored longer ago than `security.rotation_days`; told once a day. */
  | {
      readonly kind: 'credential-ageing';
      readonly what: CredentialKind;
      readonly name: string;
      readonly days: number;
    }
  | { readonly kind: 'credential-stored'; readonly name: string }
  | { readonly kind: 'credential-deleted'; readonly name: string }
  | {
      readonly kind: 'listener-opened';
      readonly door: 'socket' | 'http' | 'metrics';
      readonly address: string;
    }
  /** Turned away before it was a client: `times` within the last second. */
  | {
      readonly kind: 'local-client-refused';
      readonly door: 'http' | 'metrics';
      readonly reason: RefusedFor;
      readonly times: number;
    }
  /** Detection found something (`security.detection`); `count` events belong to it so far. */
  | { readonly kind: 'alert-raised'; readonly rule: AlertRule; readonly count: number }
  /** Nothing of it was seen for `security.detection.resolve_after_seconds`. */
  | {
      readonly kind: 'alert-resolved';
      readonly rule: AlertRule;
      readonly count: number;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'session-refused';
      readonly door: DoorKind;
      readonly code: ErrorCode;
      readonly detail: string;
    }
  | { readonly kind: 'audit-changed'; readonly isWritable: boolean; readonly detail: string }
  | {
      readonly kind: 'session-opened';
      readonly session: string;
      readonly door: DoorKind;
      /** Whose token it showed; only where one is asked for. */
      readonly owner?: string;
    }
  | { readonly kind: 'session-named'; readonly session: string; readonly clientName: string }
  | {
      readonly kind: 'session-closed';
      readonly session: string;
      readonly requests: number;
      readonly durationMs: number;
    }
  /** The person, or the configuration, wants it gone. */
  | {
      readonly kind: 'session-dismissed';
      readonly session: string;
      readonly reason: 'disconnected' | 'blocked' | 'revoked';
    }
  | { readonly kind: 'handshake-replayed'; readonly session: string; readonly durationMs: number }
  | {
      readonly kind: 'request-settled';
      readonly session: string;
      readonly method: KnownMethod;
      /** A hash of the tool's name, which tells tools apart; null where no tool was called. */
      readonly tool: number | null;
      readonly outcome: 'result' | 'error';
      readonly durationMs: number;
      readonly requestBytes: number;
      readonly replyBytes: number;
      readonly audited?: AuditedRequest;
    }
  | {
      readonly kind: 'request-refused';
      readonly session: string;
      readonly code: ErrorCode;
      readonly detail: string;
      readonly audited?: AuditedRequest;
    }
  /** The client wants no reply any more, and gets none. */
  | { readonly kind: 'request-cancelled'; readonly session: string; readonly audited?: AuditedRequest }
  | {
      readonly kind: 'rate-limited';
      readonly session: string;
      readonly limit: 'local.rate_limit' | 'local.max_concurrent_requests';
      readonly retryAfterMs: number;
    }
  | {
      readonly kind: 'policy-denied';
      readonly session: string;
      readonly rule: PolicyRule;
      /** The rule in full, or why it denies; nothing that the client wrote. */
      readonly detail: string;
    }
  | {
      readonly kind: 'message-dropped';
      readonly session: string;
      readonly direction: 'from-client' | 'from-gateway';
      readonly reason: string;
      readonly bytes: number;
    };

/** True when a client got an error in place of a result. */
export const isFailedRequest = (fact: RouterFact): boolean =>
  fact.kind === 'request-refused' || (fact.kind === 'request-settled' && fact.outcome === 'error');

/** A fact with its place in time. `sequence` grows by one for each event of an engine. */
export type RouterEvent = RouterFact & { readonly sequence: number; readonly at: number };

/** The kinds that the audit trail records. */
export const securityKinds = [
  'engine-started',
  'engine-stopped',
  'config-applied',
  'config-rejected',
  'switched',
  'locked-down',
  'lockdown-released',
  'connection-failed',
  'failed-over',
  'auth-failed',
  'certificate-rejected',
  'certificate-expiring',
  'credential-used',
  'credential-changed',
  'credential-unusable',
  'credential-rolled-back',
  'credential-overlap-ended',
  'credential-ageing',
  'credential-stored',
  'credential-deleted',
  'local-client-refused',
  'alert-raised',
  'alert-resolved',
  'session-opened',
  'session-dismissed',
  'session-closed',
  'rate-limited',
  'policy-denied',
] as const satisfies readonly RouterFact['kind'][];

/** The audited subset of the events. */
export type SecurityEvent = Extract<RouterEvent, { kind: (typeof securityKinds)[number] }>;
