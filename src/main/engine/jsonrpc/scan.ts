import { isUtf8 } from 'node:buffer';

import { decodeString, insideQuotes, isString, visitMembers, type Range } from './members';
import { skipSpace } from './skip-value';

const LEFT_BRACKET = 0x5b;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** A JSON-RPC id: where it stands, and a key that is equal for equal ids however they are spelled. */
export interface MessageId {
  readonly text: Range;
  readonly key: string;
}

interface Scanned {
  /** Exactly one JSON object; never re-serialised. */
  readonly bytes: Buffer;
}
export interface RequestMessage extends Scanned {
  readonly kind: 'request';
  readonly id: MessageId;
  readonly method: string;
  readonly params: Range | undefined;
  /** The `Mcp-Param-*` headers that it came with, for a server to compare; undefined where there were no headers at all. */
  readonly paramHeaders?: Readonly<Record<string, string>>;
}
export interface NotificationMessage extends Scanned {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: Range | undefined;
}
export interface ResponseMessage extends Scanned {
  readonly kind: 'response';
  /** Null when the sender could not tell which request it answers. */
  readonly id: MessageId | null;
  readonly outcome: 'result' | 'error' | 'empty';
}
export type Message = RequestMessage | NotificationMessage | ResponseMessage;

/** `id` is the text of the id to answer to, where one was found. */
export type ScanResult =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'batch' }
  | { readonly kind: 'parse-failed'; readonly detail: string }
  | { readonly kind: 'invalid-request'; readonly detail: string; readonly id: Buffer | null };

const KNOWN_MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'] as const;
type KnownMember = (typeof KNOWN_MEMBERS)[number];
const BY_UPPER_CASE: ReadonlyMap<string, KnownMember> = new Map(
  KNOWN_MEMBERS.map((name) => [name.toUpperCase(), name]),
);
const LONGEST_KNOWN_KEY = 24;
/** Ids are remembered until the reply comes. */
const LONGEST_ID_BYTES = 1024;

type Members = Partial<Record<KnownMember, Range>>;

/**
 * Finds out what a line is without parsing its contents (design section 3: bytes pass through).
 * A member that appears twice, or in another case, is refused: peers differ in which one they believe
 * (Go matches keys without case), and a guard must not be shown one message and the server another.
 */
export function scanMessage(bytes: Buffer): ScanResult {
  if (!isUtf8(bytes)) return { kind: 'parse-failed', detail: 'not UTF-8' };
  const start = skipSpace(bytes, 0);
  if (bytes[start] === LEFT_BRACKET) return { kind: 'batch' };
  const members: Members = {};
  let ambiguous: string | undefined;
  const end = visitMembers(bytes, start, (key, value) => {
    const name = knownMember(bytes, key);
    if (name === undefined) return;
    if (name.isExact && members[name.member] === undefined) members[name.member] = value;
    else ambiguous ??= name.member;
  });
  if (end < 0) return { kind: 'parse-failed', detail: `at byte ${String(-1 - end)}` };
  if (skipSpace(bytes, end) !== bytes.length) {
    return { kind: 'parse-failed', detail: `text after the message at byte ${String(end)}` };
  }
  if (ambiguous !== undefined) {
    const detail = `the member "${ambiguous}" appears twice, or spelled in another case`;
    return { kind: 'invalid-request', detail, id: null };
  }
  return classify(bytes, members);
}

function knownMember(
  bytes: Buffer,
  key: Range,
): { readonly member: KnownMember; readonly isExact: boolean } | undefined {
  // Escapes make a key longer: six bytes for each of at most seven letters.
  if (key.end - key.start > LONGEST_KNOWN_KEY * 2) return undefined;
  const text = decodeString(bytes, key);
  const member = BY_UPPER_CASE.get(text.toUpperCase());
  return member === undefined ? undefined : { member, isExact: member === text };
}

function classify(bytes: Buffer, members: Members): ScanResult {
  const id = members.id === undefined ? undefined : readId(bytes, members.id);
  const invalid = (detail: string): ScanResult => ({
    kind: 'invalid-request',
    detail,
    id: id === undefined || id === 'invalid' || id === null ? null : sliceOf(bytes, id.text),
  });
  if (members.jsonrpc === undefined || sliceOf(bytes, members.jsonrpc).toString() !== '"2.0"') {
    return invalid('"jsonrpc" must be "2.0"');
  }
  if (id === 'invalid') return invalid('"id" must be a string or a number');
  if (id !== undefined && id !== null && id.text.end - id.text.start > LONGEST_ID_BYTES) {
    return invalid(`"id" is longer than ${String(LONGEST_ID_BYTES)} bytes`);
  }
  const isReply = members.result !== undefined || members.error !== undefined;
  if (members.method === undefined) {
    if (members.result !== undefined && members.error !== undefined)
      return invalid('both "result" and "error"');
    if (id === undefined && !isReply) return invalid('neither "method" nor "id"');
    const outcome = members.result !== undefined ? 'result' : members.error !== undefined ? 'error' : 'empty';
    return { kind: 'message', message: { kind: 'response', bytes, id: id ?? null, outcome } };
  }
  if (isReply) return invalid('"method" together with "result" or "error"');
  if (!isString(bytes, members.method)) return invalid('"method" must be a string');
  if (id === null) return invalid('"id" must not be null');
  const method = decodeString(bytes, insideQuotes(members.method));
  const params = members.params;
  if (id === undefined) return { kind: 'message', message: { kind: 'notification', bytes, method, params } };
  return { kind: 'message', message: { kind: 'request', bytes, id, method, params } };
}

/** Half a surrogate pair has no UTF-8: a gateway that decodes it gives back U+FFFD in its place. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const REPLACEMENT = '\ufffd';

const sliceOf = (bytes: Buffer, range: Range): Buffer => bytes.subarray(range.start, range.end);

/** Reads a string or number id; `null` for a JSON null. */
export function readId(bytes: Buffer, value: Range): MessageId | null | 'invalid' {
  const first = bytes[value.start] ?? 0;
  if (isString(bytes, value)) {
    const text = decodeString(bytes, insideQuotes(value));
    return { text: value, key: `s${text.replace(LONE_SURROGATE, REPLACEMENT)}` };
  }
  const text = bytes.toString('latin1', value.start, value.end);
  // A gateway may read numbers as doubles and print them differently: 1e2 and 100 are one id.
  if (first === MINUS || (first >= ZERO && first <= NINE)) {
    const number = Number(text);
    // Above the range of a double no gateway could give it back.
    return Number.isFinite(number) ? { text: value, key: `n${String(number)}` } : 'invalid';
  }
  return text === 'null' ? null : 'invalid';
}
