import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { OAuthHttp } from '../../../src/main/engine/auth/oauth-http';
import { oauthSettings } from '../../../src/main/engine/auth/oauth-settings';
import { requestToken, type TokenSet } from '../../../src/main/engine/auth/oauth-token';
import { Secret } from '../../../src/main/engine/auth/secret';
import { RouterError } from '../../../src/shared/model/errors';
import { testConfig } from '../../support/engine-client';

const { auth } = testConfig('wss://gateway.example/', {
  gateway: { auth: { type: 'oauth2', client_id: 'c', token_endpoint: 'https://idp.example/token' } },
}).gateway;

/** What becomes of an answer: a token, or a named failure. Anything else is a bug and throws. */
async function judged(
  body: string | Uint8Array<ArrayBuffer>,
  status: number,
  type: string,
): Promise<TokenSet | RouterError> {
  const http: OAuthHttp = {
    fetch: () => Promise.resolve(new Response(body, { status, headers: { 'content-type': type } })),
    close: () => Promise.resolve(),
  };
  const clientSecret = new Secret('canary-secret');
  const request = {
    settings: oauthSettings(auth),
    clientSecret,
    grant: { kind: 'client_credentials' },
    http,
  } as const;
  try {
    return await requestToken(request);
  } catch (error) {
    if (error instanceof RouterError) return error;
    throw error;
  }
}

const codes = ['oauth-refused', 'oauth-misbehaved', 'oauth-unreachable', 'sign-in-needed'];
const json = 'application/json';

describe('answers of a token endpoint', () => {
  it('that are well-formed give a token', async () => {
    const answer = {
      access_token: 'abc',
      token_type: 'Bearer',
      expires_in: 60,
      refresh_token: 'r',
      scope: 'a b',
    };
    const set = await judged(JSON.stringify(answer), 200, json);
    expect(set).toMatchObject({ lifetimeMs: 60_000 });
    expect(set instanceof RouterError ? '' : set.accessToken.reveal()).toBe('abc');
  });

  it.each([
    [{}, 3_600_000],
    [{ expires_in: 0 }, 3_600_000],
    [{ expires_in: '120' }, 120_000],
    [{ expires_in: 1e300 }, 365 * 24 * 3_600_000],
  ])('with the lifetime %j hold for %i ms', async (fields, lifetimeMs) => {
    const answer = { access_token: 'abc', token_type: 'bearer', ...fields };
    expect(await judged(JSON.stringify(answer), 200, json)).toMatchObject({ lifetimeMs });
  });

  it('SEC-44 of any kind end in a token or a named failure, and are not repeated', async () => {
    const member = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('Bearer', 'invalid_grant', 'invalid_client', 'canary'),
      fc.array(fc.string(), { maxLength: 3 }),
    );
    const names = [
      'access_token',
      'token_type',
      'expires_in',
      'refresh_token',
      'scope',
      'id_token',
      'error',
      '__proto__',
    ];
    const object = fc.dictionary(fc.constantFrom(...names), member).map((value) => JSON.stringify(value));
    const bytes = fc.uint8Array({ maxLength: 200 }).map((raw) => new Uint8Array(raw));
    const body = fc.oneof({ weight: 3, arbitrary: object }, fc.json(), fc.string(), bytes);
    const statuses = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(200, 400, 401) },
      fc.integer({ min: 206, max: 599 }),
    );
    const status = statuses.filter((code) => code !== 304);
    await fc.assert(
      fc.asyncProperty(body, status, fc.constantFrom(json, 'text/html', ''), async (text, code, type) => {
        const outcome = await judged(text, code, type);
        if (outcome instanceof RouterError) {
          expect(codes).toContain(outcome.code);
          expect(outcome.message).not.toContain('canary');
        } else {
          expect(code).toBe(200);
          expect(outcome.accessToken.reveal()).toMatch(/^[\x21-\x7e]+$/);
          expect(outcome.lifetimeMs).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
