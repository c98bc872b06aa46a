import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  decodeString,
  insideQuotes,
  isString,
  memberOf,
  visitMembers,
} from '../../../src/main/engine/jsonrpc/members';

function members(text: string): readonly (readonly [string, string])[] | number {
  const bytes = Buffer.from(text);
  const found: (readonly [string, string])[] = [];
  const end = visitMembers(bytes, 0, (key, value) => {
    found.push([decodeString(bytes, key), bytes.toString('utf8', value.start, value.end)]);
  });
  return end === bytes.length ? found : end;
}

describe('visitMembers', () => {
  it('visits members of the object in order, nested ones not', () => {
    expect(members('{"a":1, "b" : [1,{"c":2}],"a":"é" }')).toEqual([
      ['a', '1'],
      ['b', '[1,{"c":2}]'],
      ['a', '"é"'],
    ]);
    expect(members('{ }')).toEqual([]);
  });

  it.each([
    ['[]', -1],
    ['', -1],
    ['{"a":1,}', -8],
    ['{"a" 1}', -6],
    ['{"a":1', -7],
    ['{"a":1]', -7],
    ['{a:1}', -2],
  ])('says where %j stops being an object', (text, failure) => {
    expect(members(text)).toBe(failure);
  });
});

describe('decodeString', () => {
  it('decodes every string as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const bytes = Buffer.from(`  ${JSON.stringify(value)}`);
        const inside = insideQuotes({ start: 2, end: bytes.length });
        expect(isString(bytes, { start: 2, end: bytes.length })).toBe(true);
        expect(decodeString(bytes, inside)).toBe(value);
      }),
    );
  });

  it('does not take an escape behind the string for one in it', () => {
    const bytes = Buffer.from('"plain","\\n"');
    expect(decodeString(bytes, { start: 1, end: 6 })).toBe('plain');
  });
});

describe('memberOf', () => {
  const valueOf = (text: string, key: string): string | undefined => {
    const bytes = Buffer.from(text);
    const value = memberOf(bytes, { start: 0, end: bytes.length }, key);
    return value === undefined ? undefined : bytes.toString('utf8', value.start, value.end);
  };

  it.each([
    ['{"a":1,"b":2}', 'b', '2'],
    ['{"a":1,"a":2}', 'a', '2'],
    ['{"\\u0061":1}', 'a', '1'],
    ['{"b":{"a":1}}', 'a', undefined],
    ['{"A":1}', 'a', undefined],
    ['[1]', 'a', undefined],
    ['{}', '__proto__', undefined],
  ])('in %s the member %s is %s', (text, key, value) => {
    expect(valueOf(text, key)).toBe(value);
  });

  it('finds nothing in nothing', () => {
    expect(memberOf(Buffer.from('{"a":1}'), undefined, 'a')).toBeUndefined();
  });
});
