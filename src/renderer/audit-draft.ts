import { noAuditFilter, type AuditFilter } from '../shared/model/audit-filter';
import { actionsNamed } from './audit-words';

/** The times that can be chosen. */
export const auditTimes = ['any', 'hour', 'day', 'week', 'range'] as const;
export type AuditTime = (typeof auditTimes)[number];

const HOUR_MS = 3_600_000;
const lengthsMs = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const;

/** What stands in the fields. */
export interface AuditDraft extends Omit<AuditFilter, 'actions' | 'from' | 'until'> {
  readonly when: AuditTime;
  /** As the field for date and time has it, in local time; empty when nothing is entered. */
  readonly from: string;
  readonly until: string;
}

/** Nothing entered. */
export const emptyDraft: AuditDraft = { ...withoutTimes(noAuditFilter), when: 'any', from: '', until: '' };

function withoutTimes({
  text,
  topic,
  outcome,
  client,
  method,
  requestId,
}: AuditFilter): Omit<AuditFilter, 'actions' | 'from' | 'until'> {
  return { text, topic, outcome, client, method, requestId };
}

/** What is asked for with that; "last hour" means the hour before now. */
export function filterOf(draft: AuditDraft, nowMs: number): AuditFilter {
  return {
    text: draft.text.trim(),
    actions: actionsNamed(draft.text),
    topic: draft.topic,
    outcome: draft.outcome,
    client: draft.client.trim(),
    method: draft.method.trim(),
    requestId: draft.requestId.trim(),
    ...times(draft, nowMs),
  };
}

function times({ when, from, until }: AuditDraft, nowMs: number): Pick<AuditFilter, 'from' | 'until'> {
  if (when === 'any') return { from: null, until: null };
  if (when === 'range') return { from: enteredTime(from), until: enteredTime(until) };
  return { from: nowMs - lengthsMs[when], until: null };
}

function enteredTime(text: string): number | null {
  const at = new Date(text).getTime();
  return text === '' || Number.isNaN(at) ? null : at;
}

/** How many of the fields behind "More filters" are filled in. */
export const furtherCount = ({ client, method, requestId }: AuditDraft): number =>
  [client, method, requestId].filter((text) => text.trim() !== '').length;

/** True when something is asked for. */
export const isNarrowed = (draft: AuditDraft): boolean =>
  draft.text.trim() !== '' ||
  draft.topic !== 'any' ||
  draft.outcome !== 'any' ||
  draft.when !== 'any' ||
  furtherCount(draft) > 0;
