import type { AppStatus, CommandResult, ConfigProblem } from '../shared/ipc/contract';
import { errorTable } from '../shared/model/errors';
import type { ErrorCode } from '../shared/model/errors';
import { lockdownSourceWords } from '../shared/model/lockdown';
import { setup } from '../shared/model/switch-action';
import { texts } from './texts';
import { calendarMoment } from './time-words';

/** One thing a person should know, with what to do about it. */
export interface Notice {
  readonly id: string;
  readonly tone: 'danger' | 'warning' | 'info' | 'good' | 'sealed';
  readonly title: string;
  readonly text: string;
  readonly nextStep: string;
  /** Exact words of the machine, for whoever looks closer. */
  readonly details: readonly string[];
  /** The page that solves it. */
  readonly page: 'connection' | 'credentials' | 'security' | 'activity' | null;
}

const solvedByConnection: ReadonlySet<string> = new Set([
  'auth-failed',
  'credential-missing',
  'credential-malformed',
  'gateway-unreachable',
  'gateway-refused',
]);

const solvedByCredentials: ReadonlySet<string> = new Set([
  'sign-in-needed',
  'credential-ageing',
  'credential-rolled-back',
]);

function pageFor(code: string): Notice['page'] {
  if (solvedByConnection.has(code)) return 'connection';
  return solvedByCredentials.has(code) ? 'credentials' : null;
}

const notice = (fields: Partial<Notice> & Pick<Notice, 'id' | 'tone' | 'title'>): Notice => ({
  text: '',
  nextStep: '',
  details: [],
  page: null,
  ...fields,
});

/** What went wrong with a command. */
export const failureNotice = (result: Extract<CommandResult, { readonly ok: false }>): Notice =>
  notice({
    id: 'command-failed',
    tone: 'danger',
    title: texts.notices.commandFailed,
    text: result.message,
    nextStep: errorTable[result.code].nextStep,
  });

/** A question to the main process that failed, in the words of the table of errors. */
export const unansweredNotice = (title: string, code: ErrorCode): Notice =>
  notice({
    id: code,
    tone: 'danger',
    title,
    text: errorTable[code].text,
    nextStep: errorTable[code].nextStep,
  });

/** A problem of the settings file with its place. */
export function problemLine({ line, path, message }: ConfigProblem): string {
  const place = [line === null ? '' : texts.notices.line(line), path]
    .filter((part) => part !== '')
    .join(', ');
  return place === '' ? message : `${place}: ${message}`;
}

function configNotices(status: AppStatus): readonly Notice[] {
  const words = texts.notices;
  const errors = status.configProblems.filter(({ severity }) => severity === 'error');
  const warnings = status.configProblems.filter(({ severity }) => severity === 'warning');
  const rejected = notice({
    id: 'config-rejected',
    tone: 'danger',
    title: words.configRejected.title,
    text: setup(status) === 'done' ? words.configRejected.runningText : words.configRejected.text,
    details: [status.configPath, ...errors.map(problemLine)],
  });
  const doubtful = notice({
    id: 'config-warnings',
    tone: 'warning',
    title: words.configWarnings,
    details: warnings.map(problemLine),
  });
  return [...(errors.length > 0 ? [rejected] : []), ...(warnings.length > 0 ? [doubtful] : [])];
}

/** The sentence about the keychain; null while it can be used. */
export function keychainNotice({ keychain }: Pick<AppStatus, 'keychain'>): Notice | null {
  if (keychain.kind === 'usable') return null;
  const isLocked = keychain.kind === 'locked';
  const words = isLocked ? texts.notices.keychainLocked : texts.notices.keychainUnavailable;
  return notice({
    id: `keychain-${keychain.kind}`,
    tone: isLocked ? 'warning' : 'danger',
    ...words,
    details: keychain.detail === '' ? [] : [keychain.detail],
    page: isLocked ? 'connection' : null,
  });
}

/** The table speaks of keys and commands, which is right everywhere; where the window has a page for it, it says so. */
function causeWords(code: ErrorCode): { readonly title: string; readonly nextStep: string } {
  const own: Readonly<Partial<Record<ErrorCode, { readonly title: string; readonly nextStep: string }>>> =
    texts.causes;
  return own[code] ?? { title: errorTable[code].text, nextStep: errorTable[code].nextStep };
}

function causeNotice({ router }: AppStatus): Notice | null {
  const { cause, shown } = router;
  if (cause === null || shown === 'connected' || shown === 'disconnected') return null;
  return notice({
    id: `cause-${cause.code}`,
    tone: shown === 'failed' ? 'danger' : 'warning',
    ...causeWords(cause.code),
    details: cause.detail === '' ? [] : [cause.detail],
    page: pageFor(cause.code),
  });
}

/** The keychain's own words replace the cause when the keychain is the cause. */
function whyNotConnected(status: AppStatus): Notice | null {
  const code = status.router.cause?.code;
  const isKeychain = code === 'keychain-locked' || code === 'keychain-unavailable';
  const keychain = isKeychain || setup(status) === 'missing' ? keychainNotice(status) : null;
  return keychain ?? causeNotice(status);
}

function lockdownNotices({ router: { lockdown } }: AppStatus): readonly Notice[] {
  if (lockdown === null) return [];
  const { title, text, nextStep } = texts.notices.lockedDown;
  const since = lockdown.since === null ? '' : calendarMoment(lockdown.since);
  return [
    notice({
      id: 'locked-down',
      tone: 'sealed',
      title,
      text: text(since, lockdownSourceWords[lockdown.by]),
      nextStep,
      details: lockdown.problem === null ? [] : [lockdown.problem],
      page: 'security',
    }),
  ];
}

/** Everything worth saying above the facts, the most important first. */
export function noticesOf(status: AppStatus): readonly Notice[] {
  const words = texts.notices;
  const why = whyNotConnected(status);
  return [
    ...lockdownNotices(status),
    ...configNotices(status),
    ...(why === null ? [] : [why]),
    ...status.router.degradations.map(({ code, text }) =>
      notice({
        id: code,
        tone: 'warning',
        title: words.degradedTitle,
        text,
        nextStep: words.degradedNextStep[code],
        page: pageFor(code),
      }),
    ),
    ...(status.isDemo ? [notice({ id: 'demo', tone: 'info', ...words.demo, page: 'connection' })] : []),
  ];
}
