import type { AuditRecordValue, AuditRecordView, AuditRow } from '../shared/ipc/audit-calls';
import { isAuditProblem } from '../shared/model/audit-filter';
import { errorTable } from '../shared/model/errors';
import { auditTexts as words } from './texts/audit';

/** The words of a table that has them, or the name as the log has it. */
function wordFor(table: Readonly<Record<string, string>>, name: string): string {
  return (Object.hasOwn(table, name) ? table[name] : undefined) ?? name;
}

const actionWords = (action: string): string => wordFor(words.actions, action);
/** What came of it, in words. */
const outcomeWords = (outcome: string): string => wordFor(words.outcomeWords, outcome);

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
  readonly tone: 'idle' | 'warning' | 'danger';
  readonly title: string;
  readonly detail: string;
  /** Empty where there is none. */
  readonly time: string;
  readonly outcome: string;
}

/** What went well is quiet. */
function toneOf({ outcome }: AuditRecordView): AuditLine['tone'] {
  if (outcome === 'failed' || outcome === 'lost') return 'danger';
  return isAuditProblem(outcome) ? 'warning' : 'idle';
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

const exactMoment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
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
      const parts = [whoWords(record), ...aboutWords(record)].filter((part) => part !== '');
      return {
        tone: toneOf(record),
        title: titleWords(record),
        detail: parts.join(' · '),
        time: momentOf(record.time, (at) => shortMoment.format(at)),
        outcome: outcomeWords(record.outcome),
      };
    }
  }
}

/** What is worth a look without opening the record, in this order. */
const TOLD_FACTS = [
  'tool',
  'method',
  'credential',
  'rule',
  'limit',
  'changed',
  'door',
  'address',
  'endpoint',
];

function aboutWords({ facts, code }: AuditRecordView): readonly string[] {
  const about = TOLD_FACTS.map((name) => facts[name]).find(
    (value) => typeof value === 'string' && value !== '',
  );
  const why = code === null ? (facts['detail'] ?? facts['reason'] ?? '') : reasonWords(code);
  return [about ?? '', why].map(String);
}

/** What happened, in words. */
export function titleWords({ action, facts }: AuditRecordView): string {
  return action === 'switched' ? words.switched(facts['on'] === true) : actionWords(action);
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
      momentOf(time, (at) => exactMoment.format(at)),
    ),
    field('outcome', words.fields.outcome, outcomeWords(outcome)),
    ...(code === null ? [] : [field('code', words.fields.code, `${reasonWords(code)} (${code})`)]),
    field('who', words.fields.who, wordFor(words.actors, String(actor['kind']))),
    ...Object.entries(actorFacts).map(([name, value]) =>
      field(name, wordFor(words.fields, name), valueWords(name, value)),
    ),
    ...inOrder(facts).map(([name, value]) =>
      field(name, wordFor(words.facts, name), valueWords(name, value)),
    ),
    field('action', words.fields.action, action),
    field('place', words.fields.place, words.place(seq, chain)),
  ];
}

/** The order of the words; what has none comes last. */
function inOrder(facts: AuditRecordView['facts']): readonly (readonly [string, AuditRecordValue])[] {
  const order = Object.keys(words.facts);
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.entries(facts).sort(([one], [other]) => rank(one) - rank(other));
}

function valueWords(name: string, value: AuditRecordValue): string {
  if (value === null || value === '') return words.none;
  if (typeof value === 'number' && name === 'durationMs') return `${value.toLocaleString()} ms`;
  if (typeof value === 'number' && name.toLowerCase().endsWith('bytes'))
    return `${value.toLocaleString()} bytes`;
  return String(value);
}
