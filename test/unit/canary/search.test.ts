import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { canary, CANARY_HEAD, CANARY_TAIL, keyMarks, marksOf } from '../../support/canary/canary';
import { filesBelow, openToOthers } from '../../support/canary/evidence';
import { CanarySearch, type Leak } from '../../support/canary/search';
import { createAuthority } from '../../support/certificates';

const SECRET = canary('password');
const TOKEN = canary('token');

const leaks = (bytes: Buffer | string, search = new CanarySearch()): readonly Leak[] =>
  search.leaksIn([{ place: 'here', bytes: Buffer.from(bytes) }]);

const encoders: Readonly<Record<string, (text: string) => Buffer | string>> = {
  plain: (text) => text,
  'the beginning alone': () => CANARY_HEAD,
  'the end alone': () => CANARY_TAIL,
  'JSON escapes': (text) => JSON.stringify({ text }),
  'JSON with escaped slashes': (text) => JSON.stringify(text).replaceAll('/', '\\/'),
  'JSON in JSON in JSON': (text) => JSON.stringify(JSON.stringify(JSON.stringify(text))),
  'JSON that escapes everything': (text) =>
    text.replace(/[^\w]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'a component of an address': (text) => encodeURIComponent(text),
  'the same in small letters': (text) => encodeURIComponent(text).toLowerCase().replace('cn4', 'cN4'),
  'an address that escapes half': (text) => encodeURI(text),
  'a form': (text) => new URLSearchParams({ text }).toString(),
  'escaped twice for an address': (text) => encodeURIComponent(encodeURIComponent(text)),
  'HTML, named': (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  'HTML, numbered': (text) => text.replace(/[^\w]/gu, (one) => `&#${String(one.codePointAt(0))};`),
  'HTML, numbered in hex': (text) =>
    text.replace(/[^\w]/gu, (one) => `&#x${(one.codePointAt(0) ?? 0).toString(16)};`),
  'UTF-16LE': (text) => Buffer.from(`x${text}`, 'utf16le'),
  'UTF-16BE': (text) => Buffer.from(`x${text}`, 'utf16le').swap16(),
  'UTF-16 of JSON': (text) => Buffer.from(JSON.stringify(text), 'utf16le'),
  reversed: (text) => Array.from(text).reverse().join(''),
  hex: (text) => Buffer.from(text).toString('hex'),
  HEX: (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'hex with colons': (text) => (Buffer.from(text).toString('hex').match(/../g) ?? []).join(':'),
  'the text of a buffer': (text) => inspect(Buffer.from(text)),
  'the JSON of a buffer': (text) => JSON.stringify(Buffer.from(text), null, 1),
  'base64 in lines': (text) => Buffer.from(text).toString('base64').replace(/.{7}/g, '$&\n'),
  'base64 in escaped lines': (text) => Buffer.from(text).toString('base64').replace(/.{7}/g, '$&\\n'),
  'a Basic header': (text) => `Basic ${Buffer.from(`ann:${text}`).toString('base64')}`,
  'a Basic header of RFC 6749': (text) =>
    Buffer.from(`ann:${encodeURIComponent(text).replaceAll('%20', '+')}`).toString('base64'),
  'base64 of hex': (text) => Buffer.from(Buffer.from(text).toString('hex')).toString('base64'),
  'base64 of UTF-16': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  gzip: (text) => Buffer.concat([Buffer.from('before'), gzipSync(text), Buffer.from('after')]),
  'gzip of gzip': (text) => gzipSync(gzipSync(text)),
  'half of a gzip file': (text) => gzipSync(text + 'x'.repeat(2000)).subarray(0, -9),
  zlib: (text) => Buffer.concat([Buffer.from([0]), deflateSync(text)]),
  brotli: (text) => brotliCompressSync(text),
};

describe('SEC-56 the search for canaries', () => {
  it.each(Object.entries(encoders))('finds one written as %s', (_name, encode) => {
    for (const secret of [SECRET, TOKEN]) {
      expect(leaks(encode(secret))).not.toEqual([]);
      const amid = Buffer.concat([Buffer.from('some text, '), Buffer.from(encode(secret))]);
      if (_name !== 'brotli') expect(leaks(amid)).not.toEqual([]);
    }
  });

  it.each([0, 1, 2])('finds one in base64 at offset %i, in both alphabets, whole or cut', (offset) => {
    for (const part of [TOKEN, TOKEN.slice(0, 12), TOKEN.slice(-12), `${TOKEN}?>~`]) {
      const bytes = Buffer.from(`${'?'.repeat(offset)}${part}`);
      expect(leaks(bytes.toString('base64'))).not.toEqual([]);
      expect(leaks(bytes.toString('base64url'))).not.toEqual([]);
    }
  });

  it('finds one in the name of a file, and says where and how', () => {
    const search = new CanarySearch();
    expect(search.leaksIn([{ place: `logs/${TOKEN}`, bytes: Buffer.alloc(0) }])).not.toEqual([]);
    const [leak] = leaks(`before ${TOKEN} after`);
    expect(leak).toMatchObject({ place: 'here', encoding: 'plain, as it is' });
    expect(leak?.context).toContain('before ');
  });

  it('finds tokens and keys of others, and a part of them', () => {
    const jwt = `eyJhbGciOiJSUzI1NiJ9.${'QWxsIGRpZmZlcmVudCBjbGFpbXM'.repeat(3)}.c2lnbmF0dXJlIHRoYXQgbm9ib2R5IGhhcw`;
    const { privateKeyPem } = createAuthority('Somebody');
    const search = new CanarySearch([
      ...marksOf('an access token', jwt),
      ...marksOf('a refresh token', 'abcdefghijklmnopqrstuvwxyz-0123456789'),
      ...keyMarks('a key', privateKeyPem),
    ]);
    const body = privateKeyPem.replace(/-----[^-]+-----|\s/g, '');
    for (const text of [jwt, jwt.slice(-30), 'xopqrstuvwxyz-0123456789', privateKeyPem, body])
      expect(leaks(text, search)).not.toEqual([]);
    expect(leaks(JSON.stringify({ privateKeyPem }), search)).not.toEqual([]);
    expect(leaks(Buffer.from(body, 'base64').toString('hex'), search)).not.toEqual([]);
    expect(leaks('eyJhbGciOiJSUzI1NiJ9 and other words', search)).toEqual([]);
  });

  it('finds nothing where there is nothing', () => {
    const innocent = Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 251);
    expect(leaks(Buffer.from(innocent))).toEqual([]);
    expect(leaks('{"timestamp":"2026-01-01","msg":"[masked]","list":[1,2,3,4,5,6,7,8,9,10]}')).toEqual([]);
  });
});

describe('what is searched', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'canary-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is every file below a folder but the allowed ones, and where links lead', () => {
    for (const name of ['log', 'token', 'other']) writeFileSync(join(folder, name), TOKEN, { mode: 0o600 });
    symlinkSync(`/${TOKEN}`, join(folder, 'link'));
    const allowed = [{ path: /^token$/, reason: 'the person put it there' }];
    const found = new CanarySearch().leaksIn(filesBelow(folder, allowed));
    expect([...new Set(found.map(({ place }) => place))].sort()).toEqual(['link', 'log', 'other']);
    expect(openToOthers(folder, allowed)).toEqual([]);
    writeFileSync(join(folder, 'token'), '');
    rmSync(join(folder, 'token'));
    writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o644 });
    expect(openToOthers(folder, allowed)).toEqual(['token']);
  });
});
