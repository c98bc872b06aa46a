import type { AuditRecordValue, AuditRecordView, AuditRow } from '../shared/ipc/audit-calls';
import { isAuditProblem } from '../shared/model/audit-filter';
import { errorTable } from '../shared/model/errors';
import { auditTexts as words } from './texts/audit';
import { calendarMoment, clockTime } from './time-words';

/** The words of a table that has them, or the name as the log has it. */
function wordFor(table: Readonly<Record<string, string>>, name: string): string {
  return (Object.hasOwn(table, name) ? table[name] : undefined) ?? name;
}

/** What happened, in words. */
export const actionWords = (action: string): string => wordFor(words.actions, action);
/** What came of it, in words. */
export const outcomeWords = (outcome: string): string => wordFor(words.outcomeWords, outcome);

/** Actions for which the window has words that hold the text. */
export function actionsNamed(text: string): readonly string[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return Object.entries(words.actions)
    .filter(([, name]) => name.toLowerCase().includes(wanted))
    .map(([action]) => action);
}

/** One row of the list. */
export interface AuditLine {
  readonly tone: 'good' | 'idle' | 'warning' | 'danger';
  readonly title: string;
  readonly detail: string;
  /** Empty where there is none. */
  readonly time: string;
  readonly outcome: string;
}

function toneOf({ outcome, action }: AuditRecordView): AuditLine['tone'] {
  if (outcome === 'failed' || outcome === 'lost') return 'danger';
  if (isAuditProblem(outcome)) return 'warning';
  return action === 'request' ? 'idle' : 'good';
}

/** Who did it, in words. */
export function whoWords({ actor }: AuditRecordView): string {
  const { kind, claimedName } = actor;
  if (typeof claimedName === 'string' && claimedName !== '') return claimedName;
  return wordFor(words.actors, String(kind));
}

/** A moment of the log; what is no time is shown as it is. */
function momentOf(time: string, show: (atMs: number) => string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : show(at);
}

const shortMoment = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** The row of the list in words. */
export function auditLine(row: AuditRow): AuditLine {
  switch (row.kind) {
    case 'changed':
      return {
        tone: 'danger',
        title: words.changedRow,
        detail: words.changedRowText(row.file),
        time: '',
        outcome: '',
      };
    case 'gone':
      return { tone: 'idle', title: words.goneRow, detail: words.goneRowText, time: '', outcome: '' };
    case 'record': {
      const { record } = row;
      const { facts, code } = record;
      const about = [
        facts['tool'] ?? facts['method'],
        facts['credential'] ?? facts['rule'] ?? facts['limit'],
      ];
      const why = code === null ? facts['detail'] : reasonWords(code);
      const parts = [whoWords(record), ...about, why].filter(
        (part) => part !== undefined && part !== null && part !== '',
      );
      return {
        tone: toneOf(record),
        title: actionWords(record.action),
        detail: parts.map(String).join(' · '),
        time: momentOf(record.time, (at) => shortMoment.format(at)),
        outcome: outcomeWords(record.outcome),
      };
    }
  }
}

function reasonWords(code: string): string {
  const known: Readonly<Record<string, { readonly text: string }>> = errorTable;
  return (Object.hasOwn(known, code) ? known[code]?.text : undefined) ?? code;
}

/** One line of the details. */
export interface AuditField {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  /** Worth copying: it names the same thing elsewhere. */
  readonly isReference: boolean;
}

const references: ReadonlySet<string> = new Set(['id', 'session', 'place', 'lane']);

/** All that the record says, each thing by its name in words. */
export function auditFields(record: AuditRecordView): readonly AuditField[] {
  const { time, action, outcome, code, actor, facts, seq, chain } = record;
  const field = (id: string, name: string, value: string): AuditField => ({
    id,
    name,
    value,
    isReference: references.has(id),
  });
  const { kind: _kind, ...actorFacts } = actor;
  return [
    field(
      'time',
      words.fields.time,
      momentOf(time, (at) => `${calendarMoment(at)}, ${clockTime(at)}`),
    ),
    field('outcome', words.fields.outcome, outcomeWords(outcome)),
    ...(code === null ? [] : [field('code', words.fields.code, `${reasonWords(code)} (${code})`)]),
    field('who', words.fields.who, wordFor(words.actors, String(actor['kind']))),
    ...Object.entries(actorFacts).map(([name, value]) =>
      field(name, wordFor(words.fields, name), valueWords(name, value)),
    ),
    ...Object.entries(facts).map(([name, value]) =>
      field(name, wordFor(words.facts, name), valueWords(name, value)),
    ),
    field('action', words.fields.action, action),
    field('place', words.fields.place, words.place(seq, chain)),
  ];
}

function valueWords(name: string, value: AuditRecordValue): string {
  if (value === null || value === '') return words.none;
  if (typeof value === 'number' && name === 'durationMs') return `${value.toLocaleString()} ms`;
  if (typeof value === 'number' && name.toLowerCase().endsWith('bytes'))
    return `${value.toLocaleString()} bytes`;
  return String(value);
}
