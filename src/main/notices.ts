import { alertTexts } from '../shared/model/alerts';
import { errorTable, type ErrorCode } from '../shared/model/errors';
import { KEEPER_LANE, type RouterEvent } from '../shared/model/events';
import type { NotificationChoice } from '../shared/model/preferences';
import type { CredentialKind } from '../shared/model/status';

/** What a person is told wherever they are. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  /** The page that a click opens. */
  readonly page: 'overview' | 'activity' | 'credentials';
}

/** What was told before, as far as it matters for what is told next. */
export interface NoticeMemory {
  /** Why the router's own connection broke last. */
  readonly cause: ErrorCode | null;
  /** When each title was shown last, epoch milliseconds. */
  readonly shownAt: ReadonlyMap<string, number>;
}

export const noMemory: NoticeMemory = { cause: null, shownAt: new Map() };

/** The same thing is not told again within this time. */
const REPEAT_AFTER_MS = 30 * 60_000;
/** More than this many within an hour are noise; the rest waits in the window. */
const MAX_PER_HOUR = 6;
const HOUR_MS = 60 * 60_000;

const titled = (title: string, body: string, page: Notice['page']): Notice => ({
  title: `MCP Router: ${title}`,
  body,
  page,
});

const kindWords: Readonly<Record<CredentialKind, string>> = {
  token: 'token',
  'client-secret': 'client secret',
  certificate: 'client certificate',
};

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);

function expiryNotice(event: Extract<RouterEvent, { kind: 'certificate-expiring' }>): Notice {
  const whose = event.whose === 'client' ? 'Your client certificate' : "The gateway's certificate";
  const when = event.daysLeft === 0 ? 'has expired' : `expires within ${days(event.daysLeft)}`;
  const step = event.whose === 'client' ? 'Put a new one in its place.' : 'Tell whoever runs the gateway.';
  return titled(`${whose} ${when}`, step, event.whose === 'client' ? 'credentials' : 'overview');
}

function failureNotice(cause: ErrorCode | null): Notice {
  const { text, nextStep } = errorTable[cause ?? 'gateway-unreachable'];
  const isCredential =
    cause !== null && /^(auth-|credential-|sign-in-|oauth-|client-certificate-)/.test(cause);
  return titled('not connected', `${text} ${nextStep}`.trim(), isCredential ? 'credentials' : 'overview');
}

/** What an event is worth telling, whatever was told before; most are not. */
export function noticeOf(event: RouterEvent, cause: ErrorCode | null): Notice | null {
  switch (event.kind) {
    case 'alert-raised': {
      const { text, action } = alertTexts[event.rule];
      return titled(text, action, 'activity');
    }
    case 'connection-changed':
      return event.lane === KEEPER_LANE && event.to === 'failed' ? failureNotice(cause) : null;
    case 'certificate-expiring':
      return expiryNotice(event);
    case 'credential-ageing':
      return titled(
        `a ${kindWords[event.what]} is ${days(event.days)} old`,
        `"${event.name}" should be rotated.`,
        'credentials',
      );
    case 'credential-rolled-back':
      return titled(
        `the new ${kindWords[event.what]} was refused`,
        `The old one of "${event.name}" is in use again.`,
        'credentials',
      );
    default:
      return null;
  }
}

const causeAfter = (event: RouterEvent, cause: ErrorCode | null): ErrorCode | null => {
  const isFailure =
    event.kind === 'auth-failed' ||
    event.kind === 'certificate-rejected' ||
    event.kind === 'connection-failed';
  return isFailure && event.lane === KEEPER_LANE ? event.code : cause;
};

const isWanted = (event: RouterEvent, choice: NotificationChoice): boolean =>
  choice === 'all' || (choice === 'alerts' && event.kind === 'alert-raised');

/** Decides what is told of an event: what the person wants, not twice in a short time, and not too much. */
export function nextNotice(
  event: RouterEvent,
  memory: NoticeMemory,
  { choice, now }: { readonly choice: NotificationChoice; readonly now: number },
): { readonly notice: Notice | null; readonly memory: NoticeMemory } {
  const cause = causeAfter(event, memory.cause);
  const notice = isWanted(event, choice) ? noticeOf(event, cause) : null;
  // A clock that was set back would silence everything until it has caught up.
  const recent = [...memory.shownAt].filter(([, at]) => at <= now && now - at < HOUR_MS);
  const silent = { notice: null, memory: { cause, shownAt: new Map(recent) } };
  if (notice === null || recent.length >= MAX_PER_HOUR) return silent;
  const last = new Map(recent).get(notice.title);
  if (last !== undefined && now - last < REPEAT_AFTER_MS) return silent;
  return { notice, memory: { cause, shownAt: new Map([...recent, [notice.title, now]]) } };
}
