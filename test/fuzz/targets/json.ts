import { isUtf8 } from 'node:buffer';

import { batchRequestIds, MAX_BATCH_IDS } from '../../../src/main/engine/jsonrpc/batch';
import { decodeString, memberOf, visitMembers } from '../../../src/main/engine/jsonrpc/members';
import { scanMessage, type Message } from '../../../src/main/engine/jsonrpc/scan';
import { toolMark } from '../../../src/main/engine/jsonrpc/tool-mark';
import { MAX_NESTING, skipSpace, skipValue } from '../../../src/main/engine/jsonrpc/skip-value';
import { holds, same } from '../bytes';
import { batchTexts, jsonTexts, nesting, parsed } from '../json-texts';
import { fuzzTarget } from '../target';

/** Members of an object as the product finds them; undefined where it is none. */
function membersOf(bytes: Buffer): readonly (readonly [string, Buffer])[] | undefined {
  const found: (readonly [string, Buffer])[] = [];
  const end = visitMembers(bytes, skipSpace(bytes, 0), (key, { start, end: stop }) => {
    found.push([decodeString(bytes, key), bytes.subarray(start, stop)]);
  });
  return end >= 0 && skipSpace(bytes, end) === bytes.length ? found : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Members may be nested to the limit, each below the object itself. */
const isFlatEnough = (value: object): boolean => nesting(value) <= MAX_NESTING + 1;

export const skipValueTarget = fuzzTarget({
  name: 'skip-value',
  parser: 'one JSON value, checked without building it',
  cases: jsonTexts,
  check: (bytes) => {
    const end = skipValue(bytes, skipSpace(bytes, 0));
    const isWhole = end >= 0 && skipSpace(bytes, end) === bytes.length;
    holds(end >= -1 - bytes.length && end <= bytes.length, `the offset ${String(end)} is outside`);
    if (!isUtf8(bytes)) return;
    const oracle = parsed(bytes);
    const expected = oracle !== undefined && nesting(oracle.value) <= MAX_NESTING;
    same(isWhole, expected, 'JSON or not');
  },
});

export const membersTarget = fuzzTarget({
  name: 'members',
  parser: 'the members of an object, without building it',
  cases: jsonTexts,
  check: (bytes) => {
    const found = membersOf(bytes);
    if (!isUtf8(bytes)) return;
    const oracle = parsed(bytes)?.value;
    const isExpected = isObject(oracle) && isFlatEnough(oracle);
    same(found !== undefined, isExpected, 'an object or not');
    if (found === undefined || !isExpected) return;
    const last = new Map(found);
    same([...last.keys()].sort(), Object.keys(oracle).sort(), 'keys');
    for (const [key, text] of last) {
      const one = Object.entries(oracle).find(([name]) => name === key)?.[1];
      same(parsed(text)?.value, one, `the member ${key}`);
      const range = memberOf(bytes, { start: skipSpace(bytes, 0), end: bytes.length }, key);
      same(range && bytes.toString('utf8', range.start, range.end), text.toString(), `memberOf ${key}`);
    }
  },
});

const KNOWN = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];
const LONGEST_ID_BYTES = 1024;

/** A member twice, or in another case: peers differ in which one they believe. */
function isAmbiguous(bytes: Buffer): boolean {
  const keys = (membersOf(bytes) ?? []).map(([key]) => key);
  const known = keys.filter((key) => key.length <= 24 && KNOWN.includes(key.toUpperCase().toLowerCase()));
  return known.some((key) => !KNOWN.includes(key)) || new Set(known).size !== known.length;
}

/** What a message is by its parsed members alone. */
function expectedKind(value: Readonly<Record<string, unknown>>): Message['kind'] | 'invalid' {
  const { jsonrpc, id, method, result, error } = value;
  const has = (key: string): boolean => Object.hasOwn(value, key);
  const isId = typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)) || id === null;
  if (jsonrpc !== '2.0' || (has('id') && !isId)) return 'invalid';
  if (!has('method')) {
    const isOne = has('result') !== has('error') || (has('id') && !has('result') && !has('error'));
    return isOne ? 'response' : 'invalid';
  }
  if (result !== undefined || error !== undefined || typeof method !== 'string' || id === null)
    return 'invalid';
  return has('id') ? 'request' : 'notification';
}

function checkMessage(message: Message, value: Readonly<Record<string, unknown>>): void {
  same(message.kind, expectedKind(value), 'kind');
  if (message.kind !== 'response') {
    same(message.method, value['method'], 'method');
    const { params, bytes } = message;
    same(params && parsed(bytes.subarray(params.start, params.end))?.value, value['params'], 'params');
  }
  if (message.kind === 'notification' || message.id === null) return;
  const { text, key } = message.id;
  same(parsed(message.bytes.subarray(text.start, text.end))?.value, value['id'], 'id');
  const { id } = value;
  const expected =
    typeof id === 'string' ? `s${id.replaceAll(/\p{Surrogate}/gu, '\ufffd')}` : `n${String(id)}`;
  same(key, expected, 'key of the id');
  holds(text.end - text.start <= LONGEST_ID_BYTES, 'the id is longer than what is remembered');
}

function checkMark(message: Message): void {
  if (message.kind !== 'request') return;
  const mark = toolMark(message);
  same(mark === null, message.method !== 'tools/call', 'a tool or not');
  holds(
    mark === null || (Number.isInteger(mark) && mark >= 0 && mark < 2 ** 32),
    `the mark is ${String(mark)}`,
  );
}

export const scanTarget = fuzzTarget({
  name: 'scan',
  parser: 'what a line is: request, notification, response, or why not',
  cases: jsonTexts,
  check: (bytes) => {
    const scanned = scanMessage(bytes);
    const value = parsed(bytes)?.value;
    if (scanned.kind === 'batch') return;
    const isReadable = isObject(value) && isFlatEnough(value);
    same(scanned.kind === 'parse-failed', !isReadable, 'readable or not');
    if (scanned.kind === 'parse-failed' || !isReadable) return;
    if (scanned.kind === 'message') {
      holds(!isAmbiguous(bytes), 'the message is ambiguous');
      checkMessage(scanned.message, value);
      checkMark(scanned.message);
      return;
    }
    if (scanned.id !== null) same(parsed(scanned.id)?.value, value['id'], 'id to answer to');
    // Stricter than needed: the version must stand there letter by letter, and an id must not be too long.
    const isStricter = bytes.includes('\\') || scanned.detail.includes('longer than');
    holds(
      isAmbiguous(bytes) || isStricter || expectedKind(value) === 'invalid',
      `refused: ${scanned.detail}`,
    );
  },
});

export const batchTarget = fuzzTarget({
  name: 'batch',
  parser: 'the ids of the requests in a batch',
  cases: batchTexts,
  check: (bytes) => {
    if (scanMessage(bytes).kind !== 'batch') return;
    const found = batchRequestIds(bytes);
    const value = parsed(bytes)?.value;
    const isExpected = Array.isArray(value) && nesting(value) <= MAX_NESTING + 1;
    same(found !== undefined, isExpected, 'a batch or not');
    holds((found?.length ?? 0) <= MAX_BATCH_IDS, 'more ids than are answered');
    if (found === undefined || !Array.isArray(value)) return;
    const requests = value.filter((one: unknown) => isObject(one) && expectedKind(one) === 'request');
    holds(found.length <= requests.length, 'more ids than requests');
    for (const id of found)
      holds(['string', 'number'].includes(typeof parsed(id)?.value), 'an id that is none');
  },
});
