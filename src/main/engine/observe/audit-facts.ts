import { assertNever, errorTable, type ErrorCode } from '../../../shared/model/errors';
import type { AuditedRequest, RouterEvent } from '../../../shared/model/events';

import type { AuditFact, AuditValues } from './audit-record';

/** What is wanted in the trail. */
export interface AuditChoice {
  readonly auth: boolean;
  readonly requests: boolean;
}

type Body = Omit<AuditFact, 'time'>;

/** Refusals that another event tells in full. */
const TOLD_OTHERWISE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'rate-limited',
  'concurrency-limited',
  'policy-denied',
]);

const ROUTER: AuditValues = { kind: 'router' };

/** Turns events into facts of the audit trail; knows who the clients say they are. */
export class AuditFacts {
  private readonly names = new Map<string, string>();

  /** Null when the trail does not record this. */
  factOf(event: RouterEvent, choice: AuditChoice): AuditFact | null {
    if (event.kind === 'session-named') this.names.set(event.session, event.clientName);
    const body = 'session' in event ? this.ofSession(event, choice) : this.ofRouter(event, choice);
    if (event.kind === 'session-closed') this.names.delete(event.session);
    return body === null ? null : { time: new Date(event.at).toISOString(), ...body };
  }

  private ofRouter(
    event: Exclude<RouterEvent, { readonly session: string }>,
    { auth }: AuditChoice,
  ): Body | null {
    switch (event.kind) {
      case 'engine-started':
        return ok('router-started');
      case 'engine-stopped':
        return ok('router-stopped');
      case 'config-applied':
        return ok('config-applied', { source: event.source });
      case 'config-rejected':
        return failed('config-applied', null, { source: event.source, detail: event.detail });
      case 'switched':
        return ok('switched', { on: event.isOn });
      case 'listener-opened':
        return ok('listener-opened', { door: event.door, address: event.address });
      case 'connection-changed':
        if (event.to === 'connected') return ok('connection-opened', {}, this.who(event.lane));
        return event.from === 'connected' ? ok('connection-closed', {}, this.who(event.lane)) : null;
      case 'connection-failed':
      case 'certificate-rejected':
        return failed(event.kind, event.code, { detail: event.detail }, this.who(event.lane));
      case 'auth-failed':
        if (!auth) return null;
        return failed('auth', event.code, { detail: event.detail }, this.who(event.lane));
      case 'credential-used': {
        if (!auth) return null;
        const { source, name } = event.credential;
        return ok('credential-used', { source, credential: name }, this.who(event.lane));
      }
      case 'certificate-expiring': {
        const { whose, subject, validTo, daysLeft } = event;
        return {
          action: 'certificate-expiring',
          outcome: 'expiring',
          code: null,
          actor: ROUTER,
          facts: { whose, subject, validTo, daysLeft },
        };
      }
      case 'credential-stored':
      case 'credential-deleted':
        return ok(event.kind, { credential: event.name });
      case 'session-refused':
        return refused('session', event.code, { door: event.door, detail: event.detail }, { kind: 'client' });
      case 'audit-changed':
        // While it cannot be written it cannot say so; when it can again, it says since when.
        return event.isWritable ? ok('audit-writable-again', { detail: event.detail }) : null;
      default:
        return assertNever(event);
    }
  }

  private ofSession(
    event: Extract<RouterEvent, { readonly session: string }>,
    { requests }: AuditChoice,
  ): Body | null {
    const actor = this.who(event.session);
    switch (event.kind) {
      case 'session-opened':
        return ok('session-opened', { door: event.door }, actor);
      case 'session-named':
        return ok('session-named', {}, actor);
      case 'session-closed':
        return ok('session-closed', { requests: event.requests, durationMs: event.durationMs }, actor);
      case 'rate-limited':
        return refused('rate-limit', 'rate-limited', { limit: event.limit }, actor);
      case 'policy-denied':
        return refused('policy', 'policy-denied', { rule: event.rule, detail: event.detail }, actor);
      case 'request-settled':
        if (!requests || event.audited === undefined) return null;
        return {
          action: 'request',
          outcome: event.outcome === 'result' ? 'ok' : 'failed',
          code: null,
          actor,
          facts: { ...requestFacts(event.audited), replyBytes: event.replyBytes },
        };
      case 'request-cancelled':
        if (!requests || event.audited === undefined) return null;
        return {
          action: 'request',
          outcome: 'failed',
          code: 'cancelled',
          actor,
          facts: requestFacts(event.audited),
        };
      case 'request-refused':
        return refusedRequest(event, requests, actor);
      case 'handshake-replayed':
      case 'message-dropped':
        return null;
      default:
        return assertNever(event);
    }
  }

  /** The client behind a session or its lane. */
  private who(lane: string): AuditValues {
    if (lane === 'keeper') return { kind: 'router', lane };
    const claimed = this.names.get(lane);
    return { kind: 'client', session: lane, ...(claimed === undefined ? {} : { claimedName: claimed }) };
  }
}

function refusedRequest(
  { code, detail, audited }: Extract<RouterEvent, { kind: 'request-refused' }>,
  requests: boolean,
  actor: AuditValues,
): Body | null {
  if (requests && audited !== undefined) {
    return refused('request', code, { ...requestFacts(audited), detail }, actor);
  }
  if (!errorTable[code].audited || TOLD_OTHERWISE.has(code)) return null;
  return refused('request', code, { detail }, actor);
}

const requestFacts = ({ method, tool, bytes, durationMs }: AuditedRequest): AuditValues => ({
  method,
  ...(tool === null ? {} : { tool }),
  bytes,
  durationMs,
});

const ok = (action: string, facts: AuditValues = {}, actor: AuditValues = ROUTER): Body => ({
  action,
  outcome: 'ok',
  code: null,
  actor,
  facts,
});

const failed = (
  action: string,
  code: ErrorCode | null,
  facts: AuditValues,
  actor: AuditValues = ROUTER,
): Body => ({ action, outcome: 'failed', code, actor, facts });

const refused = (action: string, code: ErrorCode, facts: AuditValues, actor: AuditValues): Body => ({
  action,
  outcome: 'refused',
  code,
  actor,
  facts,
});
