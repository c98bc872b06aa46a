import type { AuditFormat } from '../../shared/ipc/audit-calls';
import type { AuditRecord } from '../engine/index';

import type { AuditLine } from './audit-machine';

export type { AuditFormat } from '../../shared/ipc/audit-calls';

/** A line as it stands in an exported file. */
export function rendered({ text, record }: AuditLine, format: AuditFormat): string {
  return format === 'jsonl' || record === null ? `${text}\n` : csvRow(record);
}

const COLUMNS = [
  'time',
  'chain',
  'seq',
  'action',
  'outcome',
  'code',
  'actor',
  'session',
  'claimed_name',
  'facts',
  'hash',
];
/** The first row. */
export const CSV_HEAD = `${COLUMNS.join(',')}\r\n`;

/** One row (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvRow({ time, chain, seq, action, outcome, code, actor, facts, hash }: AuditRecord): string {
  const { kind, session, claimedName, ...others } = actor;
  const more = Object.keys(others).length === 0 ? facts : { ...others, ...facts };
  const cells = [
    time,
    chain,
    seq,
    action,
    outcome,
    code,
    kind,
    session,
    claimedName,
    JSON.stringify(more),
    hash,
  ];
  return `${cells.map((cell) => csvCell(cell ?? '')).join(',')}\r\n`;
}

/** Spreadsheets look behind spaces and quotes as well, and know wide forms of these signs. */
const FORMULA = /^[\s"']*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20|%]/;

function csvCell(value: string | number | boolean): string {
  const text = String(value);
  const isNumber = typeof value === 'number';
  const safe = !isNumber && FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
