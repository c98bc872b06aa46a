import { auditTopicOf, isAuditProblem, type AuditFilter } from '../../shared/model/audit-filter';

/** True when the filter lets that line through; `time` is the line's own, in epoch milliseconds. */
export type AuditMatch = (line: string, time: number) => boolean;

/** Null when the filter asks for nothing, so that no line needs to be read. */
export function auditMatch(filter: AuditFilter): AuditMatch | null {
  const isWithin = withinTime(filter);
  const tests = recordTests(filter);
  if (tests.length === 0) return hasTime(filter) ? (_line, time) => isWithin(time) : null;
  const hint = rawHint(filter);
  return (line, time) => {
    if (!isWithin(time)) return false;
    if (hint !== null && !line.toLowerCase().includes(hint)) return false;
    const record = looked(line);
    return record === null ? isOddLineWanted(filter, line) : tests.every((test) => test(record));
  };
}

/** True when times alone decide. */
export const isTimeOnly = (filter: AuditFilter): boolean => recordTests(filter).length === 0;

/** Looks at the time alone. */
export function withinTime({ from, until }: AuditFilter): (time: number) => boolean {
  return (time) => (from === null || time >= from) && (until === null || time < until);
}

const hasTime = ({ from, until }: AuditFilter): boolean => from !== null || until !== null;

/** A line as far as searching needs it; whether it is as it was written is not looked at. */
interface Looked {
  readonly action: string;
  readonly outcome: string;
  readonly values: readonly unknown[];
  readonly actor: Readonly<Record<string, unknown>>;
  readonly facts: Readonly<Record<string, unknown>>;
}

type RecordTest = (record: Looked) => boolean;

function recordTests(filter: AuditFilter): readonly RecordTest[] {
  const { topic, outcome, requestId } = filter;
  const [text, client, method] = [filter.text, filter.client, filter.method].map((part) =>
    part.trim().toLowerCase(),
  );
  const actions = new Set(filter.actions);
  const holds = (part: string, ...values: readonly unknown[]): boolean =>
    values.some((value) => shown(value).includes(part));
  const tests: (RecordTest | null)[] = [
    text ? ({ action, values }) => actions.has(action) || holds(text, ...values) : null,
    topic === 'any' ? null : ({ action }) => auditTopicOf(action) === topic,
    outcome === 'any' ? null : (record) => isOutcome(record.outcome, outcome),
    client ? ({ actor }) => holds(client, actor['session'], actor['claimedName']) : null,
    method ? ({ facts }) => holds(method, facts['method'], facts['tool']) : null,
    requestId === '' ? null : ({ facts }) => facts['id'] === requestId,
  ];
  return tests.filter((test) => test !== null);
}

const isOutcome = (outcome: string, wanted: AuditFilter['outcome']): boolean =>
  wanted === 'problem' ? isAuditProblem(outcome) : outcome === wanted;

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? value.toLowerCase()
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';

/** Letters that stand in the line as they are, in each record that can match; looking for them is far faster than parsing. */
function rawHint({ text, actions, method, client }: AuditFilter): string | null {
  const needed = [actions.length === 0 ? text : '', method, client].map((part) => part.trim().toLowerCase());
  return needed.find((part) => /^[a-z0-9 ._:/-]+$/.test(part)) ?? null;
}

/** What is no record any more is a problem, and found by its text. */
function isOddLineWanted(
  { text, topic, outcome, client, method, requestId }: AuditFilter,
  line: string,
): boolean {
  const isAskedFor = topic === 'any' && (outcome === 'any' || outcome === 'problem');
  const hasParts = client.trim() !== '' || method.trim() !== '' || requestId !== '';
  return isAskedFor && !hasParts && line.toLowerCase().includes(text.trim().toLowerCase());
}

function looked(line: string): Looked | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (!isObject(value)) return null;
  const { action, outcome, actor, facts, time, code, seq, chain } = value;
  if (typeof action !== 'string' || typeof outcome !== 'string' || !isObject(actor) || !isObject(facts))
    return null;
  const values = [time, action, code, outcome, seq, chain, ...Object.values(actor), ...Object.values(facts)];
  return { action, outcome, values, actor, facts };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
