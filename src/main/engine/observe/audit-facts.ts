import { assertNever, errorTable, type ErrorCode } from '../../../shared/model/errors';
import type { AuditedRequest, RouterEvent } from '../../../shared/model/events';

import type { AuditFact, AuditValues } from './audit-record';

/** What is wanted in the trail. */
export interface WantedFacts {
  readonly auth: boolean;
  readonly requests: boolean;
}

type Body = Omit<AuditFact, 'time'>;
type OfSession = Extract<RouterEvent, { readonly session: string }>;
type OfLane = Extract<RouterEvent, { readonly lane: string }>;
type OfRouter = Exclude<RouterEvent, OfSession | OfLane>;

/** Refusals that another event tells in full. */
const TOLD_OTHERWISE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'rate-limited',
  'concurrency-limited',
  'policy-denied',
]);

const ROUTER: AuditValues = { kind: 'router' };

/** Turns events into facts of the audit trail; knows who the clients say they are. */
export class AuditFacts {
  private readonly actors = new Map<string, AuditValues>();

  /** Null when the trail does not record this. */
  factOf(event: RouterEvent, wanted: WantedFacts): AuditFact | null {
    if (event.kind === 'session-opened') this.actors.set(event.session, client(event.session));
    if (event.kind === 'session-named')
      this.actors.set(event.session, { ...client(event.session), claimedName: event.clientName });
    const body = this.bodyOf(event, wanted);
    if (event.kind === 'session-closed') this.actors.delete(event.session);
    return body === null ? null : { time: new Date(event.at).toISOString(), ...body };
  }

  private bodyOf(event: RouterEvent, wanted: WantedFacts): Body | null {
    if ('session' in event) return ofSession(event, wanted, this.who(event.session));
    return 'lane' in event ? ofLane(event, wanted, this.who(event.lane)) : ofRouter(event);
  }

  /** The client behind a session or one of its lanes (`s1`, `s1#2`). */
  private who(lane: string): AuditValues {
    if (lane === 'keeper') return ROUTER;
    const known = this.actors.get(lane) ?? this.actors.get(lane.replace(/#\d+$/, ''));
    return known ?? client(lane);
  }
}

const client = (session: string): AuditValues => ({ kind: 'client', session });

function ofRouter(event: OfRouter): Body | null {
  switch (event.kind) {
    case 'engine-started':
      return ok('router-started');
    case 'engine-stopped':
      return ok('router-stopped');
    case 'config-applied': {
      const { source, changed, waiting } = event;
      return ok('config-applied', { source, changed: changed.join(' '), waiting: waiting.join(' ') });
    }
    case 'config-rejected':
      return failed('config-applied', 'config-invalid', { source: event.source, detail: event.detail });
    case 'switched':
      return ok('switched', { on: event.isOn });
    case 'locked-down':
      return ok('locked-down', { by: event.by, ...(event.detail === '' ? {} : { detail: event.detail }) });
    case 'lockdown-released':
      return ok('lockdown-released');
    case 'listener-opened':
      return ok('listener-opened', { door: event.door, address: event.address });
    case 'certificate-expiring': {
      const { kind, whose, subject, validTo, daysLeft } = event;
      const facts = { whose, subject, validTo, daysLeft };
      return { action: kind, outcome: 'expiring', code: null, actor: ROUTER, facts };
    }
    case 'session-refused':
      return refused('session', event.code, { door: event.door, detail: event.detail }, { kind: 'client' });
    case 'local-client-refused':
    case 'alert-raised':
    case 'alert-resolved':
      return ofWatch(event);
    case 'audit-changed':
      // While it cannot be written it cannot say so; when it can again, it says since when.
      return event.isWritable ? ok('audit-writable-again', { detail: event.detail }) : null;
    default:
      return ofCredential(event);
  }
}

function ofWatch(
  event: Extract<OfRouter, { kind: 'local-client-refused' | 'alert-raised' | 'alert-resolved' }>,
): Body {
  switch (event.kind) {
    case 'local-client-refused': {
      const { kind, door, reason, times } = event;
      return {
        action: kind,
        outcome: 'refused',
        code: null,
        actor: { kind: 'client' },
        facts: { door, reason, times },
      };
    }
    case 'alert-raised':
      return {
        action: 'alert',
        outcome: 'raised',
        code: null,
        actor: ROUTER,
        facts: { rule: event.rule, count: event.count },
      };
    case 'alert-resolved': {
      const { rule, count, durationMs } = event;
      return {
        action: 'alert',
        outcome: 'resolved',
        code: null,
        actor: ROUTER,
        facts: { rule, count, durationMs },
      };
    }
    default:
      return assertNever(event);
  }
}

function ofCredential(event: Extract<OfRouter, { kind: `credential-${string}` }>): Body | null {
  switch (event.kind) {
    case 'credential-changed':
      return ok(event.kind);
    case 'credential-unusable':
      return failed('credential-changed', event.code, { detail: event.detail });
    case 'credential-ageing':
      return ok(event.kind, { what: event.what, credential: event.name, days: event.days });
    case 'credential-rolled-back':
    case 'credential-overlap-ended':
      return ok(event.kind, { what: event.what, credential: event.name });
    case 'credential-stored':
    case 'credential-deleted':
      return ok(event.kind, { credential: event.name });
    default:
      return assertNever(event);
  }
}

function ofLane(event: OfLane, { auth }: WantedFacts, actor: AuditValues): Body | null {
  const { lane } = event;
  switch (event.kind) {
    case 'connection-changed': {
      if (event.to === 'connected') {
        const at = event.endpoint === undefined ? {} : { endpoint: event.endpoint };
        return ok('connection-opened', { lane, ...at }, actor);
      }
      return event.from === 'connected' ? ok('connection-closed', { lane }, actor) : null;
    }
    case 'failed-over':
      return ok('failed-over', { lane, from: event.from, to: event.to }, actor);
    case 'connection-failed':
    case 'certificate-rejected':
      return failed(event.kind, event.code, { lane, detail: event.detail }, actor);
    case 'auth-failed':
      return auth ? failed('auth', event.code, { lane, detail: event.detail }, actor) : null;
    case 'credential-used': {
      if (!auth) return null;
      const { source, name } = event.credential;
      return ok('credential-used', { lane, source, credential: name }, actor);
    }
    default:
      return assertNever(event);
  }
}

function ofSession(event: OfSession, { requests }: WantedFacts, actor: AuditValues): Body | null {
  switch (event.kind) {
    case 'session-opened':
      return ok('session-opened', { door: event.door }, actor);
    case 'session-named':
      return ok('session-named', {}, actor);
    case 'session-dismissed':
      return ok('session-dismissed', { reason: event.reason }, actor);
    case 'session-closed':
      return ok('session-closed', { requests: event.requests, durationMs: event.durationMs }, actor);
    case 'rate-limited':
      return refused('rate-limit', 'rate-limited', { limit: event.limit }, actor);
    case 'policy-denied':
      return refused('policy', 'policy-denied', { rule: event.rule, detail: event.detail }, actor);
    case 'request-settled': {
      if (!requests || event.audited === undefined) return null;
      const facts = { ...requestFacts(event.audited), replyBytes: event.replyBytes };
      const outcome = event.outcome === 'result' ? 'ok' : 'failed';
      return { action: 'request', outcome, code: null, actor, facts };
    }
    case 'request-cancelled': {
      if (!requests || event.audited === undefined) return null;
      return failed('request', 'cancelled', requestFacts(event.audited), actor);
    }
    case 'request-refused':
      return refusedRequest(event, requests, actor);
    case 'handshake-replayed':
    case 'message-dropped':
      return null;
    default:
      return assertNever(event);
  }
}

/** Where no message could be read there is no method either; the code says why. */
function refusedRequest(
  { code, detail, audited }: Extract<RouterEvent, { kind: 'request-refused' }>,
  requests: boolean,
  actor: AuditValues,
): Body | null {
  if (requests) {
    const about = audited === undefined ? {} : requestFacts(audited);
    return refused('request', code, { ...about, detail }, actor);
  }
  if (!errorTable[code].audited || TOLD_OTHERWISE.has(code)) return null;
  return refused('request', code, { detail }, actor);
}

const requestFacts = ({ id, method, tool, bytes, durationMs }: AuditedRequest): AuditValues => ({
  id,
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
  code: ErrorCode | 'cancelled',
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
