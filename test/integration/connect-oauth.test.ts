import type { RequestListener } from 'node:http';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openOAuthHttp } from '../../src/main/engine/auth/oauth-http';
import { enginePorts, StreamTestClient, testConfig, type FakeMachine } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { CLIENT_SECRET, IdentityProvider, PASSWORD, RESOURCE } from '../support/identity-provider';
import { OAuthBench, oauthMachine as machine, providerTls } from '../support/oauth-bench';
import type { SessionBench } from '../support/session-bench';

let oauthBench: OAuthBench;
let bench: SessionBench;
let gateway: Gateway;
let provider: IdentityProvider;

beforeEach(async () => {
  oauthBench = await OAuthBench.start();
  ({ sessions: bench, gateway, provider } = oauthBench);
});

afterEach(() => oauthBench.stop());

const oauth = (changes: object = {}): Record<string, unknown> => oauthBench.keys(changes);

/** A machine that has this secret wherever a key may name it. */
const everywhere = (value: string): FakeMachine =>
  machine({
    secrets: { entry: { kind: 'found', value } },
    variables: { PASS: value },
    files: { '/secret': { kind: 'found', value: `${value}\n` } },
  });

describe('grants', () => {
  it('client credentials open the gateway, in the header and not in the envelope', async () => {
    const state = await bench.settle(oauth({ scopes: ['mcp:read', 'mcp:write'] }), machine());
    expect(state).toMatchObject({ name: 'connected' });
    const { host } = new URL(provider.issuer);
    expect(bench.under.engine.status().credential).toEqual({ source: 'oauth2', name: `service @ ${host}` });
    expect(provider.exchanges).toMatchObject([
      {
        status: 200,
        hasBasic: true,
        parameters: { grant_type: 'client_credentials', scope: 'mcp:read mcp:write' },
      },
    ]);
    expect(provider.exchanges[0]?.parameters).not.toHaveProperty('client_secret');
    const client = new StreamTestClient(bench.under.engine);
    client.request(1, 'm');
    await client.reply(1);
    expect(gateway.recording.requests()[0]?.envelope?.authToken).toBeNull();
    expect(gateway.recording.upgrades.every(({ hasAuthorization }) => hasAuthorization)).toBe(true);
    expect(provider.exchanges).toHaveLength(1);
  });

  it('scope, audience, resource and issuer are sent and shown as configured', async () => {
    await bench.settle(
      oauth({ scope: 'mcp:read', audience: 'aud-1', resource: RESOURCE, issuer: 'https://sso.example.com' }),
      machine(),
    );
    expect(provider.exchanges[0]?.parameters).toMatchObject({
      scope: 'mcp:read',
      audience: 'aud-1',
      resource: RESOURCE,
    });
    expect(bench.under.engine.status().credential?.name).toBe('service @ sso.example.com');
  });

  it('client_auth: post puts the secret into the body', async () => {
    const state = await bench.settle(oauth({ client_id: 'service-post', client_auth: 'post' }), machine());
    expect(state.name).toBe('connected');
    expect(provider.exchanges).toMatchObject([
      { hasBasic: false, parameters: { client_id: 'service-post', client_secret: CLIENT_SECRET } },
    ]);
  });

  it.each([
    ['the keychain', { client_secret_secure_key: 'idp' }],
    ['a file', { client_secret_file: '/idp-secret' }],
  ])('takes the client secret from %s', async (_where, keys) => {
    const places = machine({
      secrets: { idp: { kind: 'found', value: CLIENT_SECRET } },
      files: { '/idp-secret': { kind: 'found', value: `${CLIENT_SECRET}\n` } },
    });
    const state = await bench.settle(oauth({ client_secret_env: undefined, ...keys }), places);
    expect(state.name).toBe('connected');
  });

  it.each([
    ['the keychain', 'password_secure_key', 'entry'],
    ['the environment', 'password_env', 'PASS'],
    ['a file', 'password_file', '/secret'],
  ])('takes the password of a person from %s', async (_where, key, place) => {
    const person = { client_id: 'person', grant_type: 'password', username: 'tester', [key]: place };
    const state = await bench.settle(oauth(person), everywhere(PASSWORD));
    expect(state.name).toBe('connected');
    expect(provider.exchanges).toMatchObject([
      { parameters: { grant_type: 'password', username: 'tester', password: PASSWORD } },
    ]);
  });

  it.each([
    ['the keychain', 'refresh_token_secure_key', 'entry'],
    ['the environment', 'refresh_token_env', 'PASS'],
    ['a file', 'refresh_token_file', '/secret'],
  ])('takes the refresh token from %s', async (_where, key, place) => {
    const token = await provider.signIn();
    const keys = { client_id: 'person', grant_type: 'refresh_token', [key]: place };
    const state = await bench.settle(oauth(keys), everywhere(token));
    expect(state.name).toBe('connected');
    expect(provider.exchanges).toMatchObject([
      { parameters: { grant_type: 'refresh_token', refresh_token: token } },
    ]);
  });

  it('a public client sends its name and no secret', async () => {
    const token = await provider.signIn('app');
    const keys = { client_id: 'app', client_secret_env: undefined, grant_type: 'refresh_token' };
    const state = await bench.settle(
      oauth({ ...keys, refresh_token_env: 'RT' }),
      machine({ variables: { RT: token } }),
    );
    expect(state.name).toBe('connected');
    expect(provider.exchanges).toMatchObject([{ hasBasic: false, parameters: { client_id: 'app' } }]);
  });
});

describe('a token that the gateway refuses', () => {
  const HOUR_MS = 3_600_000;

  it('SEC-43 is replaced once, and the connection opens', async () => {
    provider.lifetime = 600;
    await bench.settle(oauth(), machine());
    provider.lifetime = 7200;
    await gateway.restart({ auth: provider.gatewayAuth, now: () => new Date(Date.now() + HOUR_MS) });
    const { engine } = bench.under;
    await bench.under.until('a new connection', () => {
      const states = bench.under.kinds('connection-changed').slice(2);
      return states.length > 0 && engine.status().keeper.name === 'connected';
    });
    expect(provider.exchanges).toHaveLength(2);
    expect(gateway.recording.upgrades.map(({ status }) => status).slice(-2)).toEqual([401, 101]);
  });

  it('SEC-43 is not replaced again and again', async () => {
    await gateway.restart({ auth: provider.gatewayAuth, now: () => new Date(Date.now() + 9 * HOUR_MS) });
    const state = await bench.settle(oauth(), machine());
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'auth-failed' } });
    expect(provider.exchanges).toHaveLength(2);
    const client = new StreamTestClient(bench.under.engine);
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'auth-failed' });
    expect(provider.exchanges).toHaveLength(2);
    // What was refused for good is not asked again by a session.
    expect(gateway.recording.upgrades).toHaveLength(2);
  });
});

describe('many sessions', () => {
  it('SEC-42 share one token request', async () => {
    let open: () => void = () => undefined;
    provider.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = bench.attach({ gateway: oauth(), local: { max_sessions: 200 } }, { machine: machine() });
    const others = Array.from({ length: 99 }, () => new StreamTestClient(bench.under.engine));
    const clients = [first, ...others];
    for (const client of clients) client.request(1, 'm');
    await provider.until('the request', () => provider.started === 1);
    open();
    await Promise.all(clients.map((client) => client.reply(1)));
    expect(provider.started).toBe(1);
    expect(gateway.recording.upgrades).toHaveLength(100);
  });

  it('share one refusal', async () => {
    await bench.settle(oauth(), machine({ variables: { OAUTH_CLIENT_SECRET: 'wrong' } }));
    const clients = Array.from({ length: 10 }, () => new StreamTestClient(bench.under.engine));
    for (const client of clients) client.request(1, 'm');
    for (const client of clients) {
      expect((await client.reply(1)).error?.data).toMatchObject({ code: 'oauth-refused', retryable: false });
    }
    expect(provider.started).toBe(1);
  });
});

describe('what the identity provider refuses', () => {
  const person = {
    client_id: 'person',
    grant_type: 'password',
    username: 'tester',
    password_env: 'MY_PASSWORD',
  };
  const refresh = { client_id: 'person', grant_type: 'refresh_token', refresh_token_env: 'RT' };
  const rows: readonly [string, object, Record<string, string>, string, string][] = [
    ['a wrong client secret', {}, { OAUTH_CLIENT_SECRET: 'wrong' }, 'oauth-refused', 'invalid_client'],
    ['an unknown client', { client_id: 'nobody' }, {}, 'oauth-refused', 'invalid_client'],
    ['a grant that the client may not use', { client_id: 'person' }, {}, 'oauth-refused', 'invalid_request'],
    ['an unknown resource', { resource: 'not a uri' }, {}, 'oauth-refused', 'invalid_target'],
    ['a wrong password', person, { MY_PASSWORD: 'wrong' }, 'oauth-refused', 'invalid_grant'],
    ['a spent refresh token', refresh, { RT: 'spent' }, 'sign-in-needed', 'refresh token'],
    ['no secret at all', { client_secret_env: 'UNSET' }, {}, 'credential-missing', 'UNSET'],
  ];

  it.each(rows)('SEC-44 %s is a failure for good, and the gateway is left alone', async (...row) => {
    const [, keys, variables, code, detail] = row;
    const state = await bench.settle(oauth(keys), machine({ variables }));
    expect(state).toMatchObject({ name: 'failed', cause: { code } });
    expect(state.name === 'failed' && state.cause.detail).toContain(detail);
    expect(gateway.recording.upgrades).toEqual([]);
    expect(bench.under.engine.status().counters.authFailures).toBe(1);
  });
});

describe('an identity provider that cannot be used', () => {
  const json = (body: string, status = 200): RequestListener => {
    return (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body);
    };
  };
  const token = (fields: object): RequestListener =>
    json(JSON.stringify({ access_token: 'canary-access-token', token_type: 'Bearer', ...fields }));
  const rows: readonly [string, RequestListener, string, string][] = [
    [
      'answers with HTML',
      (_request, response) => response.end('<html>canary</html>'),
      'oauth-misbehaved',
      '',
    ],
    ['answers with half a document', json('{"access_token":"canary'), 'oauth-misbehaved', ''],
    ['answers with a list', json('[]'), 'oauth-misbehaved', ''],
    ['gives an empty token', token({ access_token: '' }), 'oauth-misbehaved', ''],
    [
      'gives a token with a line break',
      token({ access_token: 'canary\r\nX: 1' }),
      'oauth-misbehaved',
      'header',
    ],
    ['gives a token of another type', token({ token_type: 'mac' }), 'oauth-misbehaved', ''],
    ['gives a lifetime that is no number', token({ expires_in: 'soon' }), 'oauth-misbehaved', ''],
    ['answers with a megabyte', json(`"${'x'.repeat(1024 * 1024)}"`), 'oauth-misbehaved', 'too large'],
    ['has an error of its own', json('{"error":"canary"}', 500), 'oauth-unreachable', '500'],
    ['wants us to wait', json('{}', 429), 'oauth-unreachable', '429'],
    ['never answers', () => undefined, 'oauth-unreachable', 'no answer in time'],
    ['hangs up', (request) => request.socket.destroy(), 'oauth-unreachable', ''],
  ];

  it.each(rows)('SEC-44 that %s is tried again with back-off', async (...row) => {
    const [, answer, code, detail] = row;
    const endpoint = await oauthBench.startEndpoint(answer);
    const state = await bench.settle(oauth({ token_endpoint: endpoint, token_timeout_ms: 300 }), machine());
    expect(state).toMatchObject({ name: 'waiting', cause: { code } });
    expect(state.name === 'waiting' && state.cause.detail).toContain(detail);
    expect(JSON.stringify(bench.under.events)).not.toContain('canary');
    expect(gateway.recording.upgrades).toEqual([]);
  });

  it('token_timeout_ms: so long an answer is waited for', async () => {
    const endpoint = await oauthBench.startEndpoint(() => undefined);
    const clients = [30_000, 100].map((timeoutMs) => {
      const config = testConfig('wss://gateway.example/', {
        gateway: oauth({ token_timeout_ms: timeoutMs }),
      });
      return { timeoutMs, http: openOAuthHttp(config, enginePorts(machine())) };
    });
    const ends = clients.map(async ({ timeoutMs, http }) => {
      await expect(http.fetch(endpoint)).rejects.toMatchObject({ code: 'oauth-unreachable' });
      return timeoutMs;
    });
    // The longer one was asked first: it would end first, were both the same.
    expect(await Promise.race(ends)).toBe(100);
    await Promise.all(clients.map(({ http }) => http.close()));
    await Promise.all(ends);
  });

  it('SEC-44 that redirects is not followed', async () => {
    const endpoint = await oauthBench.startEndpoint((_request, response) => {
      response.writeHead(307, { location: provider.tokenEndpoint });
      response.end();
    });
    const state = await bench.settle(oauth({ token_endpoint: endpoint }), machine());
    expect(state).toMatchObject({ name: 'failed', cause: { code: 'oauth-refused' } });
    expect(provider.started).toBe(0);
  });

  it('that is not there is waited for, and found when it comes', async () => {
    await provider.stop();
    const state = await bench.settle(oauth(), machine());
    expect(state).toMatchObject({
      name: 'waiting',
      cause: { code: 'oauth-unreachable', detail: 'ECONNREFUSED' },
    });
    const returned = await IdentityProvider.start({
      tls: providerTls,
      port: Number(new URL(provider.issuer).port),
    });
    await gateway.restart({ auth: returned.gatewayAuth });
    const { engine } = bench.under;
    await bench.under.until('the connection', () => engine.status().keeper.name === 'connected');
    expect(returned.exchanges).toHaveLength(1);
    await engine.stop();
    await returned.stop();
  });

  it('keeps its ID tokens to itself', async () => {
    await gateway.restart({ auth: { kind: 'tokens', tokens: ['canary-access-token'] } });
    const endpoint = await oauthBench.startEndpoint(token({ id_token: 'not.a.jwt' }));
    expect((await bench.settle(oauth({ token_endpoint: endpoint }), machine())).name).toBe('connected');
  });
});
