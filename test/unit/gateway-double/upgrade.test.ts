import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../../support/certificates';
import type { GatewayAuth } from '../../support/gateway/authenticate';
import { echoBackend } from '../../support/gateway/backend-function';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import type { GatewayOptions } from '../../support/gateway/settings';
import { createTokenKeys, signToken } from '../../support/gateway/tokens';
import { attempt, RawRouter, refusal } from './raw-router';

const SECRET = 'a secret of at least thirty-two bytes';
const jwtAuth: GatewayAuth = { kind: 'jwt', secret: SECRET };
const nowSeconds = Math.floor(Date.now() / 1000);

let gateway: Gateway | null = null;
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});

async function start(options: GatewayOptions = {}): Promise<Gateway> {
  gateway = await startGateway({ backend: echoBackend(), ...options });
  return gateway;
}

const bearer = (token: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
});

describe('the upgrade', () => {
  it('checks the limit before the credential and answers 503', async () => {
    const { url } = await start({ auth: jwtAuth, maxConnections: 0 });
    expect(await refusal(url)).toMatchObject({
      status: 503,
      body: 'service connection limit reached: 0/0 is unavailable\n',
    });
  });

  it('checks the credential before the handshake and answers 401 without a challenge', async () => {
    const { url } = await start({ auth: jwtAuth });
    const answer = await plainGet(url);
    expect(answer).toMatchObject({
      status: 401,
      body: 'Unauthorized\n',
      contentType: 'text/plain; charset=utf-8',
    });
    expect((await refusal(url)).headers['www-authenticate']).toBeUndefined();
  });

  it('answers 400 to what is no WebSocket handshake', async () => {
    const { url } = await start();
    expect(await plainGet(url)).toMatchObject({ status: 400, body: 'Bad Request\n' });
  });

  it('answers 403 to a foreign origin, and accepts a request without one', async () => {
    const { url } = await start({ allowedOrigins: ['https://app.example'] });
    expect(await refusal(url, { origin: 'https://evil.example' })).toMatchObject({
      status: 403,
      body: 'Forbidden\n',
    });
    await RawRouter.connect(url, { origin: 'https://app.example' });
    await RawRouter.connect(url);
  });

  it('counts only open connections against the limit', async () => {
    const running = await start({ maxConnections: 1 });
    const first = await RawRouter.connect(running.url);
    expect((await refusal(running.url)).body).toContain('1/1');
    first.leave();
    await running.until('the first one to leave', () => running.connections.length === 0);
    await RawRouter.connect(running.url);
  });

  it('matches every path with /, and a longer path exactly', async () => {
    const { url } = await start();
    await RawRouter.connect(`${url}any/path?query`);
    await gateway?.stop();
    const narrow = await start({ path: '/ws' });
    await RawRouter.connect(`${narrow.url}?query`);
    expect(await refusal(`${narrow.url}/more`)).toMatchObject({ status: 404, body: '404 page not found\n' });
  });

  it('records every attempt with its outcome', async () => {
    const running = await start({ auth: { kind: 'tokens', tokens: ['good'] } });
    await refusal(running.url);
    await RawRouter.connect(running.url, bearer('good'));
    expect(
      running.recording.upgrades.map(({ connection, status, hasAuthorization }) => ({
        connection,
        status,
        hasAuthorization,
      })),
    ).toStrictEqual([
      { connection: null, status: 401, hasAuthorization: false },
      { connection: 1, status: 101, hasAuthorization: true },
    ]);
  });

  it('speaks TLS with the wanted versions', async () => {
    const authority = createAuthority('Test CA');
    const tls = { ...authority.issueServer({ hosts: ['localhost'] }), maxVersion: 'TLSv1.2' } as const;
    const running = await start({ tls });
    const url = running.urlFor('localhost');
    expect(url).toMatch(/^wss:/);
    const trust = { ca: authority.certificatePem };
    await RawRouter.connect(url, trust);
    await expect(attempt(url)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    await expect(attempt(url, { ...trust, minVersion: 'TLSv1.3' })).rejects.toThrow('alert protocol version');
  });
});

describe('authentication', () => {
  const keys = createTokenKeys();

  it.each([
    ['HS256', async () => signToken(SECRET)],
    ['RS256', async () => signToken(keys.privateKey)],
    ['an audience among several', async () => signToken(SECRET, { aud: ['other', 'mcp-gateway'] })],
    ['scopes as an array', async () => signToken(SECRET, { scopes: ['mcp:read'] })],
  ])('accepts %s', async (_, token) => {
    const { url } = await start({ auth: { kind: 'jwt', secret: SECRET, publicKeyPem: keys.publicKeyPem } });
    await RawRouter.connect(url, bearer(await token()));
  });

  it.each([
    ['another secret', async () => signToken(`not ${SECRET}`)],
    ['another issuer', async () => signToken(SECRET, { iss: 'somebody' })],
    ['another audience', async () => signToken(SECRET, { aud: 'somebody' })],
    ['an expired one', async () => signToken(SECRET, { exp: nowSeconds - 1 })],
    ['one of the future', async () => signToken(SECRET, { nbf: nowSeconds + 60 })],
    ['scopes as a string', async () => signToken(SECRET, { scopes: 'mcp:read' })],
    ['RS256 without a public key', async () => signToken(keys.privateKey)],
    ['ES256', async () => signedWith('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['PS256', async () => signedWith('PS256', keys.privateKey)],
    ['something that is no token', async () => Promise.resolve('abc.def')],
  ])('refuses %s', async (_, token) => {
    const { url } = await start({ auth: jwtAuth });
    expect((await refusal(url, bearer(await token()))).status).toBe(401);
  });

  it('compares the scheme case-sensitively', async () => {
    const { url } = await start({ auth: jwtAuth });
    const headers = { authorization: `bearer ${await signToken(SECRET)}` };
    expect((await refusal(url, { headers })).status).toBe(401);
  });

  it('drops the connection without an answer when a token has no expiry', async () => {
    const { url } = await start({ auth: jwtAuth });
    const token = await new SignJWT({ iss: 'mcp-gateway', aud: 'mcp-gateway' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(SECRET));
    await expect(attempt(url, bearer(token))).rejects.toThrow('socket hang up');
  });

  it('looks at the expiry only at the upgrade', async () => {
    let now = new Date();
    const running = await start({ auth: jwtAuth, now: () => now });
    const token = await signToken(SECRET, { exp: nowSeconds + 60 });
    const router = await RawRouter.connect(running.url, bearer(token));
    now = new Date(Date.now() + 120_000);
    expect(await router.call('tools/list')).toContain('"result"');
    expect((await refusal(running.url, bearer(token))).status).toBe(401);
  });

  it('can change while connections are open', async () => {
    const running = await start({ auth: { kind: 'tokens', tokens: ['old'] } });
    const router = await RawRouter.connect(running.url, bearer('old'));
    running.reconfigure({ auth: { kind: 'tokens', tokens: ['new'] } });
    expect(await router.call('ping')).toContain('"result"');
    expect((await refusal(running.url, bearer('old'))).status).toBe(401);
    await RawRouter.connect(running.url, bearer('new'));
  });
});

async function signedWith(alg: string, key: KeyObject): Promise<string> {
  const claims = { iss: 'mcp-gateway', aud: 'mcp-gateway', exp: nowSeconds + 60 };
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
}

async function plainGet(
  url: string,
): Promise<{ status: number | undefined; body: string; contentType: string | undefined }> {
  return new Promise((resolve, reject) => {
    httpRequest(url.replace(/^ws/, 'http'), (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.once('end', () => {
        resolve({ status: response.statusCode, body, contentType: response.headers['content-type'] });
      });
    })
      .once('error', reject)
      .end();
  });
}
