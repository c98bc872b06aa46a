import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createSecretMask, MASKED } from '../../../src/main/platform/secret-mask';

const SECRET = 'sk-live/a+b="ü"?';

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

function masked(text: string, ...secrets: readonly string[]): string {
  const mask = createSecretMask();
  for (const secret of secrets) mask.add(secret);
  return mask.apply(text, 'every-form');
}

describe('createSecretMask', () => {
  it.each([
    ['plain', SECRET],
    ['base64', Buffer.from(SECRET).toString('base64')],
    ['base64 without padding', Buffer.from(SECRET).toString('base64').replace(/=+$/, '')],
    ['base64url', Buffer.from(SECRET).toString('base64url')],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['URL-encoded in small letters', encodeURIComponent(SECRET).toLowerCase()],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON of others', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
    ['in JSON in JSON', inJson(inJson(SECRET))],
    ['in JSON in JSON in JSON in JSON', inJson(inJson(inJson(inJson(SECRET))))],
    ['in JSON of others, in JSON', inJson(inJson(SECRET).replaceAll('/', '\\/'))],
    ['in JSON that escapes what could be HTML', inJson(SECRET).replaceAll('+', '\\u002B')],
    ['form-encoded', new URLSearchParams({ x: SECRET }).toString().slice(2)],
    ['half URL-encoded', encodeURI(SECRET)],
    ['URL-encoded twice', encodeURIComponent(encodeURIComponent(SECRET))],
    ['HTML', SECRET.replaceAll('"', '&quot;')],
    ['HTML by numbers', SECRET.replace(/\W/g, (one) => `&#${String(one.charCodeAt(0))};`)],
    ['HTML by numbers in hex', SECRET.replace(/\W/g, (one) => `&#x${one.charCodeAt(0).toString(16)};`)],
    ['UTF-8 read as bytes', Buffer.from(SECRET).toString('latin1')],
    ['hex', Buffer.from(SECRET).toString('hex')],
    ['HEX', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['base64 in an address', encodeURIComponent(Buffer.from(SECRET).toString('base64'))],
    ['Basic of RFC 6749', Buffer.from(encodeURIComponent(SECRET)).toString('base64')],
  ])('masks the %s form', (_, form) => {
    expect(masked(`before ${form} after`, SECRET)).toBe(`before ${MASKED} after`);
  });

  it.each(['', 'a', 'ab', 'user:', 'user@example.com:'])(
    'masks it inside longer base64, behind %j',
    (prefix) => {
      const header = Buffer.from(`${prefix}${SECRET}tail`).toString('base64');
      const left = masked(header, SECRET);
      expect(left).toContain(MASKED);
      for (let start = 0; start < SECRET.length - 4; start += 1) {
        expect(Buffer.from(left.replace(MASKED, ''), 'base64').toString()).not.toContain(
          SECRET.slice(start, start + 4),
        );
      }
    },
  );

  it('masks the longer of two secrets that begin the same, and every occurrence', () => {
    expect(masked('abcdef abcd abcdef', 'abcd', 'abcdef')).toBe(`${MASKED} ${MASKED} ${MASKED}`);
  });

  it('masks the value alone when that is all it is asked for', () => {
    const mask = createSecretMask();
    mask.add(SECRET);
    expect(mask.apply(`x ${SECRET}`, 'value')).toBe(`x ${MASKED}`);
    expect(mask.apply(encodeURIComponent(SECRET), 'value')).toBe(encodeURIComponent(SECRET));
  });

  it('does nothing without secrets and ignores an empty one', () => {
    expect(masked('text')).toBe('text');
    expect(masked('text', '')).toBe('text');
  });

  it('leaves no secret in any text, whatever characters it has', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 4, maxLength: 30 }),
        text,
        text,
        (secret, before, after) => {
          const line = `${before}${secret}${after}`;
          fc.pre(!MASKED.includes(secret));
          expect(masked(line, secret)).toContain(MASKED);
          expect(
            masked(line, secret)
              .split(MASKED)
              .some((part) => part.includes(secret)),
          ).toBe(false);
        },
      ),
    );
  });
});
