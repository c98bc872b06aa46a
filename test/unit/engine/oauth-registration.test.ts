import { describe, expect, it } from 'vitest';

import type { AuthorizationServer } from '../../../src/main/engine/auth/oauth-discovery';
import { registrationFor, type Registration } from '../../../src/main/engine/auth/oauth-registration';
import { oauthSettings } from '../../../src/main/engine/auth/oauth-settings';
import { requestToken } from '../../../src/main/engine/auth/oauth-token';
import { Secret } from '../../../src/main/engine/auth/secret';
import { testConfig } from '../../support/engine-client';

const authWith = (keys: object): ReturnType<typeof testConfig>['gateway']['auth'] =>
  testConfig('wss://gateway.example/', { gateway: { auth: { type: 'oauth2', ...keys } } }).gateway.auth;

function serverWith(...methods: string[]): AuthorizationServer {
  return {
    issuer: 'https://idp.example',
    authorization_endpoint: 'https://idp.example/authorize',
    token_endpoint: 'https://idp.example/token',
    registration_endpoint: 'https://idp.example/register',
    token_endpoint_auth_methods_supported: methods,
    scopes_supported: [],
  };
}

/** Registers at a server that answers so; gives the method that was asked for, too. */
async function registered(
  found: AuthorizationServer,
  answer: object,
): Promise<Registration & { asked: unknown; masked: string[] }> {
  let asked: unknown;
  const masked: string[] = [];
  const registration = await registrationFor(authWith({ grant_type: 'authorization_code' }), found, {
    redirectUri: 'http://127.0.0.1/callback',
    mask: { add: (value) => masked.push(value), hide: (text) => text },
    http: {
      fetch: (_url, init) => {
        const body: unknown = JSON.parse(String(init?.body));
        asked = Object.entries(body ?? {}).find(([key]) => key === 'token_endpoint_auth_method')?.[1];
        return Promise.resolve(Response.json({ client_id: 'c', ...answer }, { status: 201 }));
      },
    },
  });
  return { ...registration, asked, masked };
}

describe('a client that registers itself', () => {
  it.each([
    [[], 'none'],
    [['none', 'client_secret_basic'], 'none'],
    [['client_secret_basic', 'client_secret_post'], 'client_secret_basic'],
    [['client_secret_post'], 'client_secret_post'],
  ])('asks of a server that offers %j for %s', async (methods, asked) => {
    expect(await registered(serverWith(...methods), {})).toMatchObject({ asked, clientSecret: null });
  });

  it.each([
    ['what the server wrote down', { token_endpoint_auth_method: 'client_secret_post' }, [], 'post'],
    ['what it alone offers, where it wrote nothing down', {}, ['client_secret_post'], 'post'],
    ['the usual way otherwise', {}, [], 'basic'],
  ])('shows its secret by %s', async (_what, answer, methods, clientAuth) => {
    const found = await registered(serverWith(...methods), { client_secret: 'canary', ...answer });
    expect(found).toMatchObject({ clientAuth, clientSecret: 'canary', masked: ['canary'] });
  });

  it('shows no secret where the server wants none', async () => {
    const answer = { client_secret: 'canary', token_endpoint_auth_method: 'none' };
    expect(await registered(serverWith('none'), answer)).toMatchObject({ clientSecret: null });
  });
});

describe('a client that a person registered', () => {
  it.each([
    ['basic', ['client_secret_post'], 'post'],
    ['post', ['client_secret_basic'], 'basic'],
    ['post', ['client_secret_basic', 'client_secret_post'], 'post'],
    ['basic', ['private_key_jwt'], 'basic'],
  ])('with client_auth: %s at a server that offers %j uses %s', async (client_auth, methods, clientAuth) => {
    const auth = authWith({ grant_type: 'authorization_code', client_id: 'own', client_auth });
    const parts = {
      redirectUri: '',
      mask: { add: () => undefined, hide: (text: string) => text },
      http: { fetch: () => Promise.reject(new Error()) },
    };
    expect(await registrationFor(auth, serverWith(...methods), parts)).toEqual({
      clientId: 'own',
      clientSecret: null,
      clientAuth,
    });
  });
});

it('HTTP Basic encodes what a form encodes, and leaves - _ . as they are for servers that do not decode', async () => {
  const auth = authWith({ client_id: 'pre-registered_c.1', token_endpoint: 'https://idp.example/token' });
  let header = '';
  await requestToken({
    settings: oauthSettings(auth),
    clientSecret: new Secret('a-b:c d%'),
    grant: { kind: 'client_credentials' },
    http: {
      fetch: (_url, init) => {
        header = new Headers(init?.headers).get('authorization') ?? '';
        return Promise.resolve(Response.json({ access_token: 't', token_type: 'bearer' }));
      },
    },
  });
  const pair = Buffer.from(header.replace('Basic ', ''), 'base64').toString();
  expect(pair).toBe('pre-registered_c.1:a-b%3Ac+d%25');
});
