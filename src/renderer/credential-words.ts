import type { CredentialOutcome, CredentialView } from '../shared/model/credential-views';
import { daysSince } from '../shared/model/credential-age';
import type { Notice } from './notices';
import { credentialsTexts as words } from './texts/credentials';
import { calendarDay, durationWords } from './time-words';

/** A certificate that ends sooner than this is pointed out. */
const SOON_MS = 30 * 86_400_000;

/** A line with how serious it is. */
export interface ToneLine {
  readonly text: string;
  readonly tone: 'idle' | 'warning' | 'danger';
}

/** How old it is; null where there is nothing to be old. */
export function ageLines(
  view: CredentialView,
  rotationDays: number,
  now: number,
): readonly ToneLine[] | null {
  if (view.change.kind === 'enter' || view.source === null) return null;
  const since = view.storedAt ?? view.certificate?.validFrom ?? null;
  if (since === null) return [{ text: words.age.unknown, tone: 'idle' }];
  const days = Math.max(0, daysSince(since, now));
  const stored = days === 0 ? words.age.today : words.age.days(days);
  const age = view.storedAt === null ? words.age.issued(days) : stored;
  return [{ text: age, tone: 'idle' }, ...dueLine(days, rotationDays)];
}

function dueLine(days: number, rotationDays: number): readonly ToneLine[] {
  if (rotationDays === 0) return [];
  return days >= rotationDays
    ? [{ text: words.age.overdue(rotationDays), tone: 'warning' }]
    : [{ text: words.age.due(rotationDays - days), tone: 'idle' }];
}

/** When a certificate ends. */
export function validityLine(validTo: string, now: number): ToneLine {
  const end = Date.parse(validTo);
  if (end <= now) return { text: words.validity.expired(calendarDay(end)), tone: 'danger' };
  const tone = end - now < SOON_MS ? 'warning' : 'idle';
  return { text: words.validity.left(calendarDay(end), durationWords(end - now)), tone };
}

/** Where it is changed, when not here. */
export function elsewhereWords(source: CredentialView['source'], why: string): string {
  return source === 'environment' || source === 'command' || source === 'certificate'
    ? words.elsewhere[source]
    : why;
}

/** What came of a change: one good line, or a notice. */
export function outcomeOf(
  outcome: CredentialOutcome,
  { what }: Pick<CredentialView, 'what'>,
): { readonly kind: 'good'; readonly text: string } | { readonly kind: 'notice'; readonly notice: Notice } {
  const name = words.kindInText[what];
  switch (outcome.kind) {
    case 'rotated': {
      const { kept, gone } = words.outcome.rotatedDetail;
      return { kind: 'good', text: `${words.outcome.rotated(name)} ${outcome.until === null ? gone : kept}` };
    }
    case 'stored':
    case 'rolled-back':
    case 'overlap-ended':
      return { kind: 'good', text: words.outcome[outcome.kind](name) };
    case 'refused':
    case 'not-tried':
      return { kind: 'notice', notice: problem(words.outcome[outcome.kind](name), outcome.message) };
    case 'failed':
      return { kind: 'notice', notice: problem(words.outcome.failed, outcome.message) };
  }
}

/** A notice about something that was not done. */
export const problem = (title: string, text: string): Notice => ({
  id: title,
  tone: 'danger',
  title,
  text,
  nextStep: words.outcome.unchanged,
  details: [],
  page: null,
});
