import { describe, expect, it } from 'vitest';

import {
  admit,
  holderOf,
  tokenHash,
  type RequestHead,
} from '../../../src/main/engine/listeners/http/admission';

const holders = ['first', 'second'].map((name) => ({ name, tokenHash: tokenHash(`token-${name}`) }));
const good: RequestHead = {
  method: 'POST',
  target: '/mcp',
  host: '127.0.0.1:9642',
  origin: undefined,
  authorization: 'Bearer token-second',
};
const judged = (changes: Partial<RequestHead>, allowedOrigins: readonly string[] = []): unknown =>
  admit({ ...good, ...changes }, { allowedOrigins, holders });

describe('SEC-93 the head of a request', () => {
  it.each(['127.0.0.1', 'localhost:1', '[::1]:9642', 'LOCALHOST:9642', '127.1.2.3'])('lets %s in', (host) => {
    expect(judged({ host })).toMatchObject({ kind: 'admitted', holder: { name: 'second' } });
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    '[::]',
  ])('does not let the host %s in', (host) => {
    expect(judged({ host })).toMatchObject({ httpStatus: 403, reason: 'host' });
  });

  it('is judged by its origin before its token is looked at', () => {
    expect(judged({ origin: 'https://a.example', authorization: undefined })).toMatchObject({
      reason: 'origin',
    });
    expect(judged({ origin: 'https://a.example' }, ['https://a.example'])).toMatchObject({
      kind: 'admitted',
    });
    expect(judged({ origin: 'https://a.example' }, ['https://a.example:8443'])).toMatchObject({
      reason: 'origin',
    });
  });

  it('says nothing of paths and methods to strangers', () => {
    for (const target of ['/', '/other']) {
      expect(judged({ target, authorization: undefined })).toMatchObject({ httpStatus: 401 });
      expect(judged({ target })).toMatchObject({ httpStatus: 404 });
    }
    expect(judged({ method: 'PATCH' })).toMatchObject({ httpStatus: 405 });
    expect(judged({ target: '/mcp?x=1' })).toMatchObject({ kind: 'admitted' });
  });
});

describe('SEC-94 a token', () => {
  it.each([
    ['Bearer token-first', 'first'],
    ['bearer  token-second ', 'second'],
    ['Bearer token-third', undefined],
    ['Bearer ', undefined],
    ['token-first', undefined],
    ['Basic token-first', undefined],
    ['Bearer token-first, Bearer token-second', undefined],
    [undefined, undefined],
    ['', undefined],
  ])('%j is of %s', (authorization, name) => {
    expect(holderOf(authorization, holders)?.name).toBe(name);
  });

  it('is not its hash, and an empty one is nobody’s', () => {
    expect(holderOf(`Bearer ${tokenHash('token-first')}`, holders)).toBeUndefined();
    expect(holderOf(undefined, [{ name: 'x', tokenHash: tokenHash('') }])).toBeUndefined();
  });
});
