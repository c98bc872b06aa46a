import { alertTexts } from '../shared/model/alerts';
import { assertNever, errorSentence, errorTable } from '../shared/model/errors';
import type { RouterEvent } from '../shared/model/events';
import { lockdownSourceWords } from '../shared/model/lockdown';
import { activityKindsOf, type ActivityKind } from './activity-kind';
import { texts } from './texts';

/** How serious an event is for a person. */
export type EventTone = 'good' | 'idle' | 'warning' | 'danger';

/** One line of the activity list. */
export interface EventLine {
  readonly key: number;
  readonly at: number;
  readonly tone: EventTone;
  readonly title: string;
  readonly detail: string;
  /** Whom it is about by name: a client, or the router itself; null where it is about neither. */
  readonly who: string | null;
  readonly kinds: readonly ActivityKind[];
  /** Detection speaks: the detail says what to do. */
  readonly isAlert: boolean;
}

type Names = ReadonlyMap<string, string>;
interface Words {
  readonly tone: EventTone;
  readonly title: string;
  readonly detail?: string;
}

/** The lane that belongs to the router itself and to no client. */
const KEEPER_LANE = 'keeper';

const words = texts.events;
const requestCount = (count: number): string => texts.clients.requests(String(count));

function nameOf(lane: string, names: Names): string {
  // A client may have several connections: s1, s1#2, ...
  return names.get(lane.replace(/#\d+$/, '')) ?? (lane === KEEPER_LANE ? words.keeper : words.unnamedClient);
}

/** What clients called themselves, from all that was seen. */
export function clientNames(events: readonly RouterEvent[]): Names {
  return new Map(
    events.flatMap((event) =>
      event.kind === 'session-named' ? [[event.session, event.clientName] as const] : [],
    ),
  );
}

function connectionWords(to: Extract<RouterEvent, { kind: 'connection-changed' }>['to'], who: string): Words {
  switch (to) {
    case 'connected':
      return { tone: 'good', title: words.connected(who) };
    case 'connecting':
      return { tone: 'idle', title: words.connecting(who) };
    case 'waiting':
      return { tone: 'warning', title: words.waiting(who) };
    case 'failed':
      return { tone: 'danger', title: words.failed(who) };
    case 'idle':
    case 'closing':
      return { tone: 'idle', title: words.closed(who) };
    default:
      return assertNever(to);
  }
}

function sessionWords(event: Extract<RouterEvent, { readonly session: string }>, who: string): Words {
  switch (event.kind) {
    case 'session-opened':
      return { tone: 'idle', title: words['session-opened'], detail: texts.clients.door[event.door] };
    case 'session-named':
      return { tone: 'idle', title: words['session-named'](event.clientName) };
    case 'session-dismissed':
      return { tone: 'warning', title: words[`client-${event.reason}`](who) };
    case 'session-closed':
      return { tone: 'idle', title: words['session-closed'](who, requestCount(event.requests)) };
    case 'handshake-replayed':
      return {
        tone: 'good',
        title: words['handshake-replayed'](who),
        detail: words.milliseconds(event.durationMs),
      };
    case 'request-settled':
      return { tone: 'idle', title: words.answered(who), detail: words.milliseconds(event.durationMs) };
    case 'request-cancelled':
      return { tone: 'idle', title: words.cancelled(who) };
    case 'request-refused':
      return {
        tone: 'warning',
        title: words.refused(who, errorTable[event.code].text),
        detail: event.detail,
      };
    case 'rate-limited':
      return { tone: 'warning', title: words.rateLimited(who), detail: words.limit[event.limit] };
    case 'policy-denied':
      return { tone: 'warning', title: words.policyDenied(who), detail: event.detail };
    case 'message-dropped':
      return {
        tone: 'warning',
        title: event.direction === 'from-client' ? words.droppedFromClient(who) : words.droppedFromGateway,
        detail: event.reason,
      };
    default:
      return assertNever(event);
  }
}

function credentialWords(event: Extract<RouterEvent, { readonly kind: `credential-${string}` }>): Words {
  switch (event.kind) {
    case 'credential-used':
      return {
        tone: 'idle',
        title: words['credential-used'],
        detail: texts.credentialSource[event.credential.source](event.credential.name),
      };
    case 'credential-changed':
      return { tone: 'good', title: words['credential-changed'], detail: '' };
    case 'credential-unusable':
      return {
        tone: 'danger',
        title: words['credential-unusable'],
        detail: errorSentence(event.code, event.detail),
      };
    case 'credential-rolled-back':
      return { tone: 'danger', title: words['credential-rolled-back'][event.what], detail: event.name };
    case 'credential-ageing':
      return { tone: 'warning', title: words[event.kind][event.what](event.days), detail: event.name };
    case 'credential-overlap-ended':
    case 'credential-stored':
    case 'credential-deleted':
      return { tone: 'idle', title: words[event.kind], detail: event.name };
    default:
      return assertNever(event);
  }
}

function alertWords(
  event: Extract<RouterEvent, { readonly kind: 'local-client-refused' | 'alert-raised' | 'alert-resolved' }>,
): Words {
  switch (event.kind) {
    case 'local-client-refused': {
      const title = words['local-client-refused'](event.times);
      return { tone: 'warning', title, detail: words.refusedFor[event.reason] };
    }
    case 'alert-raised': {
      const { text, action } = alertTexts[event.rule];
      return { tone: 'danger', title: words.alert(text), detail: action };
    }
    case 'alert-resolved':
      return { tone: 'good', title: words.alertOver(alertTexts[event.rule].text), detail: '' };
    default:
      return assertNever(event);
  }
}

function guardWords(event: Extract<RouterEvent, { kind: 'session-refused' | 'audit-changed' }>): Words {
  if (event.kind === 'session-refused')
    return { tone: 'warning', title: words.sessionRefused, detail: errorTable[event.code].text };
  return event.isWritable
    ? { tone: 'good', title: words.auditWritable }
    : { tone: 'danger', title: words.auditNotWritable, detail: event.detail };
}

function wordsOf(event: RouterEvent, names: Names): Words {
  if ('session' in event) return sessionWords(event, nameOf(event.session, names));
  switch (event.kind) {
    case 'engine-started':
    case 'engine-stopped':
      return { tone: 'idle', title: words[event.kind] };
    case 'config-applied':
      return event.waiting.length === 0
        ? { tone: 'idle', title: words['config-applied'], detail: event.source }
        : { tone: 'warning', title: words.configWaits, detail: event.waiting.join(', ') };
    case 'config-rejected':
      return { tone: 'danger', title: words['config-rejected'], detail: event.detail };
    case 'listener-opened':
      return {
        tone: 'idle',
        title: event.door === 'metrics' ? words.metricsOpened : words['listener-opened'],
        detail: event.address,
      };
    case 'switched':
      return { tone: 'idle', title: event.isOn ? words.switchedOn : words.switchedOff };
    case 'locked-down':
      return { tone: 'danger', title: words.lockedDown(lockdownSourceWords[event.by]), detail: event.detail };
    case 'lockdown-released':
      return { tone: 'warning', title: words.lockdownReleased };
    case 'connection-changed':
      return { ...connectionWords(event.to, nameOf(event.lane, names)), detail: event.endpoint ?? '' };
    case 'failed-over': {
      const title = words['failed-over'](nameOf(event.lane, names));
      return { tone: 'warning', title, detail: words.way(event.from, event.to) };
    }
    case 'connection-failed':
    case 'auth-failed':
    case 'certificate-rejected':
      return { tone: 'danger', title: errorTable[event.code].text, detail: event.detail };
    case 'certificate-expiring': {
      const title = event.whose === 'client' ? words.clientExpiring : words.gatewayExpiring;
      const tone = event.whose === 'client' ? 'danger' : 'idle';
      return { tone, title: title(event.daysLeft), detail: event.subject };
    }
    case 'local-client-refused':
    case 'alert-raised':
    case 'alert-resolved':
      return alertWords(event);
    case 'session-refused':
    case 'audit-changed':
      return guardWords(event);
    default:
      return credentialWords(event);
  }
}

function whoseEvent(event: RouterEvent, names: Names): string | null {
  if ('session' in event) return nameOf(event.session, names);
  return 'lane' in event ? nameOf(event.lane, names) : null;
}

/** A limit and a rule are told by an event of their own, which says more than the refusal just before it. */
function isToldNext(event: RouterEvent, next: RouterEvent | undefined): boolean {
  return (
    event.kind === 'request-refused' &&
    (next?.kind === 'rate-limited' || next?.kind === 'policy-denied') &&
    next.sequence === event.sequence + 1 &&
    next.session === event.session
  );
}

/** The activity list, newest first. */
export function eventLines(events: readonly RouterEvent[]): readonly EventLine[] {
  const names = clientNames(events);
  return events
    .filter((event, index) => !isToldNext(event, events[index + 1]))
    .map((event) => ({
      key: event.sequence,
      at: event.at,
      detail: '',
      ...wordsOf(event, names),
      who: whoseEvent(event, names),
      kinds: activityKindsOf(event),
      isAlert: event.kind === 'alert-raised',
    }))
    .reverse();
}

/** True for lines that a person looking for trouble wants to see. */
export function isProblem({ tone }: EventLine): boolean {
  return tone === 'warning' || tone === 'danger';
}
