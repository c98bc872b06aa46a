import { hash } from 'node:crypto';

/** A value in a record. */
export type AuditValue = string | number | boolean | null;
export type AuditValues = Readonly<Record<string, AuditValue>>;

/** What happened, before it has its place in a chain. */
export interface AuditFact {
  /** ISO 8601. */
  readonly time: string;
  readonly action: string;
  readonly outcome: 'ok' | 'failed' | 'refused' | 'expiring' | 'lost' | 'raised' | 'resolved';
  /** The code of the errors table, where one says why. */
  readonly code: string | null;
  /** Who did it: `kind`, for clients `session` and the name that they claim. */
  readonly actor: AuditValues;
  readonly facts: AuditValues;
}

/** One record of a chain. */
export interface AuditRecord extends AuditFact {
  readonly v: 1;
  /** The same in all records of a chain. */
  readonly chain: string;
  /** Grows by one; the first record is 1. */
  readonly seq: number;
  /** The hash of the record before; 64 zeros in the first one. */
  readonly prev: string;
  /** SHA-256 of the canonical form of everything else in this record. */
  readonly hash: string;
}

/** Where a chain stands: what the next record follows. */
export interface ChainPosition {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

/** Before the first record. */
export const NO_HASH = '0'.repeat(64);
/** No text of a record is longer, so that neither buffer nor lines grow without bounds. */
const MAX_TEXT = 500;

/**
 * The one spelling of a value: JSON with sorted keys, without spaces, in ASCII. Equal values have equal bytes, so that a
 * line either is what was hashed or was changed.
 */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return ascii(JSON.stringify(value));
  let text = '';
  // Written out, because it runs for each request that is recorded, and for each record that is checked.
  for (const key of Object.keys(value).sort()) {
    const member: unknown = Reflect.get(value, key);
    text += `${text === '' ? '{' : ','}${quoted(key)}:${typeof member === 'number' ? String(member) : canonical(member)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : ascii(JSON.stringify(text)));

const UNSAFE = /[\u007f-\uffff]/;
const EVERY_UNSAFE = /[\u007f-\uffff]/g;

/** Escapes what is not ASCII, and what a terminal would act on. */
function ascii(json: string): string {
  if (!UNSAFE.test(json)) return json;
  return json.replace(EVERY_UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The text is ASCII. */
const sha256 = (text: string): string => hash('sha256', text);

/** A record as the line that is written, without its end, and where the chain stands behind it. */
export interface ChainedLine {
  readonly line: string;
  readonly position: ChainPosition;
}

/**
 * Gives a fact its place behind `position`. Requests may be audited, so the canonical form is put together once, member by
 * member in their order, with the hash in its place among them.
 */
export function chained(fact: AuditFact, { chain, seq: before, hash: prev }: ChainPosition): ChainedLine {
  const { time, action, outcome, code, actor, facts } = fact;
  const seq = before + 1;
  const front = `{"action":${canonical(action)},"actor":${canonical(actor)},"chain":${canonical(chain)},"code":${canonical(code)},"facts":${canonical(facts)}`;
  const back = `"outcome":${canonical(outcome)},"prev":${canonical(prev)},"seq":${String(seq)},"time":${canonical(time)},"v":1}`;
  const hash = sha256(`${front},${back}`);
  return { line: `${front},"hash":"${hash}",${back}`, position: { chain, seq, hash } };
}

/** The record of a line; null when it is none, or a byte of it is not what was written. */
export function readRecord(line: string): AuditRecord | null {
  const value = parsed(line);
  if (!isRecord(value)) return null;
  const { hash, ...body } = value;
  return canonical(value) === line && sha256(canonical(body)) === hash ? value : null;
}

/** The sequence number that a line claims, also where the line cannot be believed; null when it has none. */
export function claimedSeq(line: string): number | null {
  const value = parsed(line);
  return isObject(value) && typeof value['seq'] === 'number' ? value['seq'] : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TEXTS = ['chain', 'time', 'action', 'outcome', 'prev', 'hash'] as const;

/** By its shape alone; `outcome` is one of ours because the hash says that we wrote it. */
function isRecord(value: unknown): value is AuditRecord {
  if (!isObject(value)) return false;
  const { v, seq, code, actor, facts } = value;
  if (v !== 1 || typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) return false;
  if (!TEXTS.every((key) => typeof value[key] === 'string')) return false;
  return (code === null || typeof code === 'string') && isObject(actor) && isObject(facts);
}

/** The fact as it may be written. */
export function cleanedFact(fact: AuditFact, mask: (text: string) => string): AuditFact {
  return { ...fact, actor: cleaned(fact.actor, mask), facts: cleaned(fact.facts, mask) };
}

/** Texts without control characters and of bounded length, numbers whole; `mask` takes secrets out. */
export function cleaned(values: AuditValues, mask: (text: string) => string): AuditValues {
  const result: Record<string, AuditValue> = {};
  for (const key of Object.keys(values)) result[key] = cleanedValue(values[key] ?? null, mask);
  return result;
}

const PRINTABLE = /^[\x20-\x7e]*$/;

function cleanedValue(value: AuditValue, mask: (text: string) => string): AuditValue {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value) : null;
  if (typeof value !== 'string') return value;
  const masked = mask(value);
  const text = PRINTABLE.test(masked) ? masked : masked.replace(/[\p{C}\u2028\u2029]/gu, ' ');
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}...`;
}
