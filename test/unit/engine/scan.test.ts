import { describe, expect, it } from 'vitest';

import { batchRequestIds, MAX_BATCH_IDS } from '../../../src/main/engine/jsonrpc/batch';
import { scanMessage, type ScanResult } from '../../../src/main/engine/jsonrpc/scan';
import { MAX_NESTING, skipSpace, skipValue } from '../../../src/main/engine/jsonrpc/skip-value';

const scan = (text: string): ScanResult => scanMessage(Buffer.from(text));

/** Judges a whole text with the product's scanner. */
function isJson(text: string): boolean {
  const bytes = Buffer.from(text);
  const end = skipValue(bytes, skipSpace(bytes, 0));
  return end >= 0 && skipSpace(bytes, end) === bytes.length;
}

/** Judges it with the engine's own parser. */
function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the JSON scanner', () => {
  it.each([
    ['01', false],
    ['-', false],
    ['-0', true],
    ['1.', false],
    ['1.5e+10', true],
    ['1e', false],
    ['.5', false],
    ['+1', false],
    ['"\\u00e9"', true],
    ['"\\u00g9"', false],
    ['"\\x"', false],
    ['"\t"', false],
    ['"open', false],
    ['truefalse', false],
    ['tru', false],
    ['[1,]', false],
    ['{"a":1,}', false],
    ['{"a"}', false],
    ['{a:1}', false],
    ['[]]', false],
    ['[[],{},[{}]]', true],
    ['', false],
  ])('%s is JSON: %s', (text, expected) => {
    expect(isJson(text)).toBe(expected);
    expect(parses(text)).toBe(expected);
  });

  it('refuses nesting above the limit without exhausting the stack', () => {
    expect(isJson('['.repeat(MAX_NESTING) + ']'.repeat(MAX_NESTING))).toBe(true);
    expect(isJson('['.repeat(MAX_NESTING + 1) + ']'.repeat(MAX_NESTING + 1))).toBe(false);
    expect(isJson('['.repeat(1_000_000))).toBe(false);
  });
});

describe('scanMessage', () => {
  it('tells requests, notifications and responses apart', () => {
    expect(scan('{"jsonrpc":"2.0","id":1,"method":"ping"}')).toMatchObject({
      kind: 'message',
      message: { kind: 'request', method: 'ping', id: { key: 'n1' } },
    });
    expect(scan('{"jsonrpc":"2.0","method":"notifications/initialized"}')).toMatchObject({
      message: { kind: 'notification', method: 'notifications/initialized' },
    });
    expect(scan('{"jsonrpc":"2.0","id":"a","result":{}}')).toMatchObject({
      message: { kind: 'response', outcome: 'result', id: { key: 'sa' } },
    });
    expect(scan('{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}')).toMatchObject({
      message: { kind: 'response', outcome: 'error', id: null },
    });
    expect(scan('{"jsonrpc":"2.0","id":5}')).toMatchObject({
      message: { kind: 'response', outcome: 'empty' },
    });
  });

  it('keeps number and string ids distinct, and equal ones equal however they are spelled', () => {
    const keyOf = (id: string): unknown => {
      const scanned = scan(`{"jsonrpc":"2.0","id":${id},"method":"m"}`);
      return scanned.kind === 'message'
        ? scanned.message.kind === 'request' && scanned.message.id.key
        : scanned;
    };
    expect(keyOf('1')).not.toBe(keyOf('"1"'));
    expect(keyOf('100')).toBe(keyOf('1e2'));
    expect(keyOf('1')).toBe(keyOf('1.0'));
    expect(keyOf('"a"')).toBe(keyOf('"\\u0061"'));
    // Half a surrogate pair comes back as U+FFFD from a gateway that decodes it.
    expect(keyOf('"\\ud800x"')).toBe(keyOf('"\ufffdx"'));
    expect(keyOf('"\\ud834\\udd1e"')).toBe(keyOf('"𝄞"'));
  });

  it.each([
    ['{"jsonrpc":"1.0","id":1,"method":"m"}', '1'],
    ['{"id":1,"method":"m"}', '1'],
    ['{"jsonrpc":"2.0","id":"x","method":7}', '"x"'],
    ['{"jsonrpc":"2.0","id":null,"method":"m"}', null],
    ['{"jsonrpc":"2.0","id":{},"method":"m"}', null],
    ['{"jsonrpc":"2.0","id":true,"method":"m"}', null],
    ['{"jsonrpc":"2.0","id":1e400,"method":"m"}', null],
    ['{"jsonrpc":"2.0","id":-1e400,"method":"m"}', null],
    ['{"jsonrpc":"2.0","id":1,"method":"m","result":{}}', '1'],
    ['{"jsonrpc":"2.0","id":1,"result":1,"error":{}}', '1'],
    ['{"jsonrpc":"2.0"}', null],
    ['{}', null],
  ])('%s is no JSON-RPC message', (text, id) => {
    const scanned = scan(text);
    expect(scanned.kind).toBe('invalid-request');
    expect(scanned.kind === 'invalid-request' && (scanned.id?.toString() ?? null)).toBe(id);
  });

  it.each(['42', '"text"', 'null', 'nonsense', '{"jsonrpc":"2.0","id":1,"method":"m"} x', '{"a":1', ''])(
    '%j cannot be parsed as a message',
    (text) => {
      expect(scan(text).kind).toBe('parse-failed');
    },
  );

  it('refuses bytes that are not UTF-8', () => {
    const line = Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    expect(scanMessage(line)).toEqual({ kind: 'parse-failed', detail: 'not UTF-8' });
  });

  // SEC-12: a guard and a peer that folds case (Go) must see one and the same message.
  it.each([
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","Method":"tools/call"}',
    '{"jsonrpc":"2.0","id":1,"ID":2,"method":"m"}',
    '{"jsonrpc":"2.0","id":1,"method":"m","param\\u0073":{},"params":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"m","param\u017f":{}}',
    '{"jsonrpc":"2.0","id":1,"re\\u017fult":{}}',
    '{"JSONRPC":"2.0","id":1,"method":"m"}',
  ])('SEC-12 refuses the ambiguous %s', (text) => {
    expect(scan(text)).toMatchObject({ kind: 'invalid-request' });
  });

  it('refuses an id that is too long to be remembered, and repeats it in full', () => {
    const id = (length: number): string => `"${'x'.repeat(length - 2)}"`;
    const request = (length: number): string => `{"jsonrpc":"2.0","id":${id(length)},"method":"m"}`;
    expect(scan(request(1024)).kind).toBe('message');
    const scanned = scan(request(1025));
    expect(scanned.kind === 'invalid-request' && scanned.id?.toString()).toBe(id(1025));
  });

  it('leaves unknown members alone', () => {
    expect(scan('{"x":[{"id":9}],"jsonrpc":"2.0","__proto__":{},"id":1,"method":"m"}')).toMatchObject({
      message: { kind: 'request', id: { key: 'n1' } },
    });
  });
});

describe('batches', () => {
  it('yields the id of each request, exactly as written', () => {
    const line =
      '[ {"jsonrpc":"2.0","id":9007199254740993,"method":"a"}, {"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":"b","method":"c"} ]';
    expect(batchRequestIds(Buffer.from(line))?.map(String)).toEqual(['9007199254740993', '"b"']);
  });

  it('names no more ids than it is asked for', () => {
    const request = '{"jsonrpc":"2.0","id":1,"method":"a"}';
    const batch = (count: number): Buffer => Buffer.from(`[${Array(count).fill(request).join(',')}]`);
    expect(batchRequestIds(batch(MAX_BATCH_IDS))).toHaveLength(MAX_BATCH_IDS);
    expect(batchRequestIds(batch(MAX_BATCH_IDS + 1))).toEqual([]);
    expect(
      batchRequestIds(
        Buffer.from(
          `[${Array(MAX_BATCH_IDS + 1)
            .fill(request)
            .join(',')},`,
        ),
      ),
    ).toBeUndefined();
  });

  it('knows what is no array', () => {
    for (const text of ['[1,', '[1', '[1]]', '[] x', '[1 2]']) {
      expect(batchRequestIds(Buffer.from(text))).toBeUndefined();
    }
    expect(batchRequestIds(Buffer.from('[]'))).toEqual([]);
  });
});
