import { createPrivateKey } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, initialize } from '../support/attach-bench';
import { canary, keyMarks } from '../support/canary/canary';
import { CanaryDesk } from '../support/canary/canary-desk';
import * as echo from '../support/canary/echo-peers';
import { createAuthority } from '../support/certificates';
import { providerAuthority, providerTls } from '../support/oauth-bench';
import { pkcs12 } from '../support/pkcs12';
import { TestProxy } from '../support/test-proxy';

const authority = createAuthority('Server authority');
const clients = createAuthority('Client authority');
const token = canary('token');
const long = Array.from({ length: 40 }, () => echo.echoes(token)).join(' ');
const json = JSON.stringify;
/** Where a gateway is tried again and again, a request ends with it. */
const REQUEST_TIMEOUT_MS = 300;

let desk: CanaryDesk;
let owned: { stop(): Promise<void> }[];

const own = async <Thing extends { stop(): Promise<void> }>(starting: Promise<Thing>): Promise<Thing> => {
  const thing = await starting;
  owned.unshift(thing);
  return thing;
};

beforeEach(() => {
  desk = new CanaryDesk();
  owned = [];
});

afterEach(async () => {
  await desk.remove();
  for (const thing of owned) await thing.stop();
});

const bearer = (): string => `auth: { type: bearer, token_file: ${desk.give('token', token)} }`;

/** Serves, lets a client ask, and looks at everything that says how it went. */
async function walkThrough(
  lines: readonly string[],
  says: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const config = desk.config(lines, REQUEST_TIMEOUT_MS);
  await desk.serve(config, env);
  await desk.untilLogged(says);
  const client = desk.run(['--attach-only']);
  client.send(initialize);
  await client.reply(0, 20_000);
  client.send(ask(1, 'tools/list'));
  await client.reply(1, 20_000);
  await desk.scrape();
}

const frame = (payload: object | string, id = 'x'): string =>
  json({ id, mcp_payload: payload, timestamp: '2026-01-01T00:00:00Z', version: '1.0' });

/** Replies, questions and news that hold the token. */
function framesWithToken(id: string): readonly string[] {
  const error = { code: -32000, message: long, data: { headers: { authorization: `Bearer ${token}` } } };
  return [
    frame({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'error', data: long } }),
    frame({ jsonrpc: '2.0', method: token, params: {} }),
    frame({ jsonrpc: '2.0', id: token, method: 'ping' }, token),
    frame({ jsonrpc: '2.0', id: token, result: {} }, token),
    frame(long),
    `{"broken": "${long}`,
    `{"jsonrpc":"2.0","id":${id},"error":${json(error)}}`,
  ];
}

const description = `Bearer realm="${token.replaceAll(/["\\]/g, '')}", error="invalid_token", error_description="${token.replaceAll('"', '')}"`;

describe.skipIf(process.platform !== 'linux')('SEC-56 a gateway that says back what it was told', () => {
  it.each([
    ['refuses the upgrade', 401, [`WWW-Authenticate: ${description}`], /auth failed/],
    ['asks to wait', 429, [`Retry-After: ${token}`], /connection failed/],
    [
      'leads elsewhere',
      302,
      [`Location: wss://x:${encodeURIComponent(token)}@example.com/?t=${token}`],
      /refused/,
    ],
    ['fails', 500, [], /connection failed/],
    [
      'upgrades wrongly',
      101,
      ['Upgrade: websocket', 'Connection: upgrade', `Sec-WebSocket-Accept: ${token}`],
      /fail/,
    ],
    ['answers the upgrade with a page', 200, [`Set-Cookie: token=${token}`], /refused/],
  ])('%s (WebSocket)', async (_name, status, headers, says) => {
    const { url } = await own(echo.upgradeEcho(echo.echoAnswer(status, token, headers)));
    await walkThrough([`url: ${url}`, bearer()], says);
    expect(await desk.leaks()).toEqual([]);
  });

  it('speaks no HTTP', async () => {
    const { url } = await own(echo.bareEcho(`${token}\r\n${long}`));
    await walkThrough([`url: ws://${url}`, bearer()], /connection failed/);
    expect(await desk.leaks()).toEqual([]);
  });

  it('closes with the token as the reason', async () => {
    const { url } = await own(echo.closeEcho(token));
    await walkThrough([`url: ${url}`, bearer()], /connection (failed|waiting)/);
    expect(await desk.leaks()).toEqual([]);
  });

  it('answers with the token in every member of JSON-RPC; the client alone hears it', async () => {
    const { url } = await own(echo.frameEcho(framesWithToken));
    await walkThrough([`url: ${url}`, bearer()], /"connection connected"/);
    expect(desk.log()).toContain('[masked]');
    expect(await desk.leaks([], /^stdout of --attach-only/)).toEqual([]);
  });

  it.each<[string, (id: string) => echo.HttpAnswer]>([
    [
      'refuses',
      () => ({ status: 401, statusText: token, headers: { 'www-authenticate': description }, body: long }),
    ],
    ['leads elsewhere', () => ({ status: 302, headers: { location: `/?token=${token}` }, body: long })],
    ['finds the request bad', () => ({ status: 400, statusText: token, body: long })],
    ['fails', () => ({ status: 503, headers: { 'retry-after': token }, body: long })],
    [
      'sends a page',
      () => ({ status: 200, headers: { 'content-type': `text/html; x=${token}` }, body: long }),
    ],
    [
      'sends half a reply',
      (id) => ({ status: 200, headers: JSON_TYPE, body: `{"jsonrpc":"2.0","id":${id},"x":"${token}` }),
    ],
    [
      'sends broken events',
      () => ({
        status: 200,
        headers: EVENT_TYPE,
        body: `event: ${token}\nid: ${token}\nretry: ${token}\ndata: ${long}\n\n`,
      }),
    ],
  ])('%s (HTTP)', async (_name, answer) => {
    const { url } = await own(echo.httpEcho(answer));
    await walkThrough([`url: ${url}`, bearer()], /router started/);
    expect(await desk.leaks()).toEqual([]);
  });

  it.each([401, 500, 200])("answers with %i at the gateway's own HTTP frontend", async (status) => {
    const { url } = await own(
      echo.httpEcho(() => ({ status, statusText: token, headers: JSON_TYPE, body: long })),
    );
    await walkThrough(
      [`url: ${url.replace('/mcp', '/')}`, 'transport: gateway-http', bearer()],
      /router started/,
    );
    expect(await desk.leaks()).toEqual([]);
  });

  it('gives the token as the name of the session, and as an error; the client alone hears it', async () => {
    const { url } = await own(
      echo.httpEcho((id) => ({
        status: 200,
        headers: { ...JSON_TYPE, 'mcp-session-id': token },
        body: `{"jsonrpc":"2.0","id":${id},"error":{"code":-32000,"message":${json(long)}}}`,
      })),
    );
    await walkThrough([`url: ${url}`, bearer()], /router started/);
    expect(await desk.leaks([], /^stdout of --attach-only/)).toEqual([]);
  });

  it.each(['tcp', 'tcps'])('speaks another protocol (%s)', async (scheme) => {
    const tls = authority.issueServer({ hosts: ['localhost'] });
    const { url } = await own(echo.bareEcho(`MCPB${token}${long}`, scheme === 'tcps' ? tls : undefined));
    const ca = `tls: { ca_cert_path: ${desk.home.write('ca.pem', authority.certificatePem, 0o644)} }`;
    await walkThrough([`url: ${scheme}://${url}`, bearer(), ca], /connection failed/);
    expect(await desk.leaks()).toEqual([]);
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };
const EVENT_TYPE = { 'content-type': 'text/event-stream' };

describe.skipIf(process.platform !== 'linux')(
  'SEC-56 an identity provider that says back what it was told',
  () => {
    const secret = canary('client-secret');
    const password = canary('password');
    const refresh = canary('refresh-token');
    const access = canary('access-token');
    const all = [secret, password, refresh].map((value) => echo.echoes(value)).join(' ');
    const answer = (status: number, body: object | string): echo.HttpAnswer => ({
      status,
      statusText: secret,
      headers: { ...JSON_TYPE, 'www-authenticate': `Basic realm="${secret.replaceAll(/["\\]/g, '')}"` },
      body: typeof body === 'string' ? body : json(body),
    });

    it.each<[string, string, echo.HttpAnswer]>([
      [
        'refuses',
        'client_credentials',
        answer(400, { error: 'invalid_client', error_description: all, error_uri: all }),
      ],
      ['refuses by another word', 'password', answer(401, { error: secret, error_description: all })],
      ['fails', 'refresh_token', answer(500, all)],
      ['sends no token', 'password', answer(200, { token_type: secret, scope: password })],
      [
        'sends a token that fits no header',
        'refresh_token',
        answer(200, { access_token: `${access} ${secret}\n`, token_type: 'bearer' }),
      ],
      ['sends no JSON', 'client_credentials', answer(200, all)],
      [
        'sends tokens that the gateway refuses',
        'password',
        answer(200, {
          access_token: access,
          token_type: 'Bearer',
          expires_in: 3600,
          refresh_token: canary('refresh-token'),
          scope: secret,
        }),
      ],
    ])('%s (%s)', async (_name, grant, given) => {
      const endpoint = await own(echo.tokenEndpointEcho(providerTls, given));
      const { url } = await own(echo.upgradeEcho(echo.echoAnswer(401, access)));
      const ca = desk.home.write('idp.pem', providerAuthority.certificatePem, 0o644);
      const files = [
        `client_secret_file: ${desk.give('secret', secret)}`,
        `password_file: ${desk.give('password', password)}`,
        `refresh_token_file: ${desk.give('refresh', refresh)}`,
      ].join(', ');
      const ids = `grant_type: ${grant}, client_id: service, username: ann, token_endpoint: "${endpoint.url}"`;
      const auth = `auth: { type: oauth2, ${ids}, ${files}, tls: { ca_cert_path: ${ca} } }`;
      await walkThrough([`url: ${url}`, auth], /auth failed|connection failed/);
      expect(await desk.leaks()).toEqual([]);
    });
  },
);

describe.skipIf(process.platform !== 'linux')('SEC-56 what fails before a gateway is reached', () => {
  it.each([407, 403, 502, 200])('a proxy that says back its password with %i', async (status) => {
    const password = canary('proxy-password');
    const realm = `Proxy-Authenticate: Basic realm="${password.replaceAll(/["\\]/g, '')}"`;
    // Headers are bytes: latin1 is what Node reads them as.
    const proxy = await own(TestProxy.start({ answer: echo.echoAnswer(status, password, [realm]) }));
    const settings = `proxy: { url: "${proxy.urlFor()}", username: ann, password_env: PW }`;
    await walkThrough(['url: wss://gateway.invalid/', bearer(), settings], /failed/, { PW: password });
    expect(await desk.leaks()).toEqual([]);
  });

  it('a proxy whose login stands in HTTPS_PROXY', async () => {
    const password = canary('proxy-password');
    const proxy = await own(TestProxy.start({ login: 'ann:other' }));
    const HTTPS_PROXY = proxy.urlFor('localhost', `ann:${encodeURIComponent(password)}`);
    await walkThrough(['url: wss://gateway.invalid/', bearer()], /failed/, { HTTPS_PROXY });
    expect(await desk.leaks()).toEqual([]);
  });

  it.each([
    ['client_key', 'wrong'],
    ['client_pkcs12', 'wrong'],
    ['client_pkcs12', 'right'],
  ])('a client certificate (%s) whose passphrase is %s', async (kind, which) => {
    const pair = clients.issueClient({ commonName: 'router' });
    const right = canary('pkcs12-password');
    const key = createPrivateKey(pair.privateKeyPem);
    const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: right });
    const files =
      kind === 'client_key'
        ? `client_cert: ${desk.home.write('client.pem', pair.certificatePem, 0o644)}, client_key: ${desk.give('key.pem', String(encrypted))}`
        : `client_pkcs12: ${desk.give('client.p12', pkcs12(pair, right))}`;
    const { url } = await own(echo.bareEcho(token, authority.issueServer({ hosts: ['localhost'] })));
    const auth = `auth: { type: mtls, ${files}, passphrase_env: PW }`;
    const PW = which === 'right' ? right : canary('key-passphrase');
    await walkThrough([`url: wss://${url}`, auth], /failed|rejected/, { PW });
    expect(await desk.leaks(keyMarks('the client key', pair.privateKeyPem))).toEqual([]);
  });
});
