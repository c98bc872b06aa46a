import { alertTexts } from '../../../shared/model/alerts';
import { assertNever, errorSentence } from '../../../shared/model/errors';
import type { RouterEvent } from '../../../shared/model/events';
import type { LogFields, Logger } from '../ports';

interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields;
}

/** Writes every event to the log, in words that the guide's greps find (`auth.*fail`, `rate limit`). */
export function logEvent(logger: Logger, event: RouterEvent): void {
  const { level, message, fields } = logLine(event);
  logger[level](message, { event: event.kind, ...fields });
}

function logLine(event: RouterEvent): LogLine {
  switch (event.kind) {
    case 'engine-started':
      return line('info', 'router started');
    case 'engine-stopped':
      return line('info', 'router stopped');
    case 'config-applied':
      return appliedLine(event);
    case 'config-rejected':
      return line('error', 'configuration rejected, the last good one stays', {
        source: event.source,
        detail: event.detail,
      });
    case 'listener-opened':
      return line('info', event.door === 'metrics' ? 'serving metrics' : 'listening for local clients', {
        door: event.door,
        address: event.address,
      });
    case 'switched':
      return line('info', event.isOn ? 'switched on' : 'switched off');
    case 'locked-down':
      return line('warn', 'locked down, nothing passes', { by: event.by, detail: event.detail });
    case 'lockdown-released':
      return line('warn', 'the lockdown is over');
    case 'connection-changed':
      return line('info', `connection ${event.to}`, {
        lane: event.lane,
        from: event.from,
        ...(event.endpoint === undefined ? {} : { endpoint: event.endpoint }),
      });
    case 'failed-over':
      return line('warn', 'failed over to another endpoint', {
        lane: event.lane,
        from: event.from,
        to: event.to,
      });
    case 'connection-failed':
      return failure('warn', 'connection failed', event);
    case 'auth-failed':
      return failure('error', 'auth failed', event);
    case 'certificate-rejected':
      return failure('error', 'certificate rejected', event);
    case 'certificate-expiring':
      return line(event.whose === 'client' ? 'warn' : 'info', expiryText(event), {
        subject: event.subject,
        validTo: event.validTo,
      });
    case 'local-client-refused':
    case 'session-refused':
    case 'audit-changed':
    case 'alert-raised':
    case 'alert-resolved':
      return watchLine(event);
    default:
      return credentialLine(event);
  }
}

type WatchEvent = Extract<
  RouterEvent,
  {
    kind: 'local-client-refused' | 'session-refused' | 'audit-changed' | 'alert-raised' | 'alert-resolved';
  }
>;

function watchLine(event: WatchEvent): LogLine {
  switch (event.kind) {
    case 'local-client-refused':
      // Told in warnings by the alert that comes of it, and by the door once in a while.
      return line('debug', 'a local client was refused', {
        door: event.door,
        reason: event.reason,
        times: event.times,
      });
    case 'session-refused':
      return line('warn', `client turned away: ${errorSentence(event.code, event.detail)}`, {
        door: event.door,
      });
    case 'audit-changed':
      return event.isWritable
        ? line('info', 'the audit log can be written again')
        : line('error', `the audit log cannot be written: ${event.detail}`);
    case 'alert-raised':
    case 'alert-resolved':
      return alertLine(event);
    default:
      return assertNever(event);
  }
}

type CredentialEvent = Extract<RouterEvent, { kind: `credential-${string}` }>;

function credentialLine(event: CredentialEvent | SessionEvent): LogLine {
  switch (event.kind) {
    case 'credential-used':
      return line('info', 'credential used', { lane: event.lane, ...event.credential });
    case 'credential-changed':
      return line('info', 'credential changed, new connections use the new one');
    case 'credential-unusable':
      return line(
        'error',
        `credential changed, but cannot be used: ${errorSentence(event.code, event.detail)}`,
        { code: event.code },
      );
    case 'credential-rolled-back':
      return line('error', 'auth failed with the new credential, the old one is in use again', {
        what: event.what,
        name: event.name,
      });
    case 'credential-overlap-ended':
      return line('info', 'the old credential of a rotation was deleted', {
        what: event.what,
        name: event.name,
      });
    case 'credential-ageing':
      return line('warn', 'credential should be rotated', {
        what: event.what,
        name: event.name,
        days: event.days,
      });
    case 'credential-stored':
      return line('info', 'credential stored', { name: event.name });
    case 'credential-deleted':
      return line('info', 'credential deleted', { name: event.name });
    default:
      return sessionLine(event);
  }
}

function alertLine(event: Extract<RouterEvent, { kind: 'alert-raised' | 'alert-resolved' }>): LogLine {
  const { rule, count } = event;
  const { text } = alertTexts[rule];
  return event.kind === 'alert-raised'
    ? line('warn', `security alert: ${text}`, { rule, count })
    : line('info', `security alert is over: ${text}`, { rule, count, durationMs: event.durationMs });
}

function appliedLine({
  source,
  changed,
  waiting,
}: Extract<RouterEvent, { kind: 'config-applied' }>): LogLine {
  const fields = { source, changed: changed.join(' ') };
  return waiting.length === 0
    ? line('info', 'configuration applied', fields)
    : line('warn', 'configuration applied, but some of it needs a restart', {
        ...fields,
        needsRestart: waiting.join(' '),
      });
}

function expiryText({ whose, daysLeft }: Extract<RouterEvent, { kind: 'certificate-expiring' }>): string {
  const name = whose === 'client' ? 'client certificate' : "gateway's certificate";
  return daysLeft === 0
    ? `${name} has expired`
    : `${name} expires in less than ${String(daysLeft)} day${daysLeft === 1 ? '' : 's'}`;
}

type SessionEvent = Extract<RouterEvent, { session: string }>;

function sessionLine(event: SessionEvent): LogLine {
  const { session } = event;
  switch (event.kind) {
    case 'session-opened':
      return line('info', 'client attached', { session, door: event.door, owner: event.owner });
    case 'session-named':
      return line('info', 'client named itself', { session, client: event.clientName });
    case 'session-dismissed':
      return line('warn', `client ${event.reason}`, {
        session,
      });
    case 'session-closed':
      return line('info', 'client left', {
        session,
        requests: event.requests,
        durationMs: event.durationMs,
      });
    case 'handshake-replayed':
      return line('info', 'MCP session opened again', { session, durationMs: event.durationMs });
    case 'request-settled':
      return line('debug', 'request settled', {
        session,
        outcome: event.outcome,
        durationMs: event.durationMs,
        requestBytes: event.requestBytes,
        replyBytes: event.replyBytes,
      });
    case 'request-cancelled':
      return line('debug', 'request cancelled by its client', { session });
    case 'request-refused':
      return line('warn', `request refused: ${errorSentence(event.code, event.detail)}`, {
        session,
        code: event.code,
      });
    case 'rate-limited':
      return line('warn', `rate limit exceeded: ${event.limit}`, {
        session,
        retryAfterMs: event.retryAfterMs,
      });
    case 'policy-denied':
      return line('warn', `policy denied a request: ${event.detail}`, { session, rule: event.rule });
    case 'message-dropped':
      return line('debug', `message dropped: ${event.reason}`, {
        session,
        direction: event.direction,
        bytes: event.bytes,
      });
    default:
      return assertNever(event);
  }
}

const line = (level: LogLine['level'], message: string, fields: LogFields = {}): LogLine => ({
  level,
  message,
  fields,
});

function failure(
  level: LogLine['level'],
  what: string,
  event: Extract<RouterEvent, { lane: string; code: string }>,
): LogLine {
  const { lane, code, detail } = event;
  return line(level, `${what}: ${errorSentence(code, detail)}`, { lane, code });
}
