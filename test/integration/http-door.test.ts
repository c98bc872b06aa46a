import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ask, call, DoorBench, initialize, replyOf } from '../support/door-bench';
import type { FunctionReply } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { HeldGateway } from '../support/held-gateway';
import { HttpBench } from '../support/http-bench';
import { settled } from '../support/router-bench';
import { SdkServer } from '../support/sdk-server';

const bench = new HttpBench();
let gateway: Gateway;
let held: readonly FunctionReply[];

beforeEach(async () => {
  ({ gateway, held } = bench.own(await HeldGateway.start()));
});
afterEach(() => bench.stop());

const start = async (local: Record<string, unknown> = {}): Promise<DoorBench> =>
  bench.own(await DoorBench.start(gateway.url, { local }));
const opening = JSON.stringify(initialize);

describe('who comes to the HTTP door', () => {
  it.each([
    ['a web page', { origin: 'https://evil.example' }, 403, 'origin'],
    ['a page that has no origin to show', { origin: 'null' }, 403, 'origin'],
    ['a page of this machine', { origin: 'http://localhost:3000' }, 403, 'origin'],
    ['a name that leads here by a trick of DNS', { host: 'evil.example:9642' }, 403, 'host'],
    ['no name at all', { host: '' }, 403, 'host'],
    ['another user, who has no token', { authorization: undefined }, 401, 'token'],
    ['a token that was never given', { authorization: 'Bearer token-of-nobody' }, 401, 'token'],
    ['a token as a password', { authorization: 'Basic dG9rZW4tb2YtZmlyc3Q=' }, 401, 'token'],
    ['a token as a cookie', { authorization: undefined, cookie: 'token=token-of-first' }, 401, 'token'],
  ] as const)(
    'SEC-93 %s: is refused, told once, and reaches nothing',
    async (_who, headers, status, reason) => {
      const door = await start();
      const answer = await door.raw({ headers, body: opening });
      expect(answer.status).toBe(status);
      expect(answer.head.toLowerCase()).not.toContain('access-control');
      expect(/^www-authenticate: (.*)$/im.exec(answer.head)?.[1]?.trim()).toBe(
        status === 401 ? 'Bearer' : undefined,
      );
      expect(answer.body).not.toContain('token-of');
      expect(door.kinds('local-client-refused')).toMatchObject([{ door: 'http', reason, times: 1 }]);
      expect(door.kinds('session-opened')).toEqual([]);
      expect(gateway.connections).toEqual([]);
    },
  );

  it('SEC-93 a flood of strangers makes one event a second', async () => {
    const door = await start();
    const strangers = Array.from({ length: 30 }, () => door.raw({ headers: { authorization: undefined } }));
    await Promise.all(strangers);
    expect(door.kinds('local-client-refused').length).toBeLessThan(4);
    await door.engine.stop();
    const times = door.kinds('local-client-refused').map((event) => ('times' in event ? event.times : 0));
    expect(times.reduce((sum, one) => sum + one, 0)).toBe(30);
  });

  it('SEC-93 a page of local.http.allowed_origins comes in with a token, and without one it does not', async () => {
    const origin = 'https://app.example.com';
    const door = await start({ http: { allowed_origins: [origin] } });
    expect((await door.raw({ headers: { origin }, body: opening })).status).toBe(200);
    expect((await door.raw({ headers: { origin, authorization: undefined }, body: opening })).status).toBe(
      401,
    );
    expect((await door.raw({ headers: { origin: `${origin}.evil.example` }, body: opening })).status).toBe(
      403,
    );
  });

  it.each(['0.0.0.0:0', '192.0.2.1:9642', ':9642', '[::]:0', 'example.com:9642'])(
    'SEC-93 local.http.address: %s is not opened, because others could reach it',
    async (address) => {
      await expect(DoorBench.start(gateway.url, { local: { http: { address } } })).rejects.toMatchObject({
        code: 'config-invalid',
      });
    },
  );

  it.each([
    ['GET', '/', 404],
    ['GET', '/mcp/other', 404],
    ['PUT', '/mcp', 405],
    ['OPTIONS', '/mcp', 405],
  ])('%s %s: %i', async (method, target, status) => {
    const door = await start();
    expect((await door.raw({ method, target })).status).toBe(status);
  });
});

describe('a session over HTTP', () => {
  it('SEC-95 belongs to the token that opened it', async () => {
    const door = await start();
    const other = door.tokens.give('other');
    const headers = await door.session();
    expect((await door.post(ask(1, 'm'), headers)).status).toBe(200);
    expect((await door.post(ask(2, 'm'), headers, other)).status).toBe(404);
    const end = { method: 'DELETE', headers: { ...door.headers(other), ...headers } };
    expect((await fetch(door.url, end)).status).toBe(404);
    expect((await door.post(ask(3, 'm'), headers)).status).toBe(200);
    expect(door.engine.status().sessions).toMatchObject([
      { door: 'http', owner: 'first', clientName: 'raw client' },
    ]);
  });

  it('SEC-95 a revoked token ends its own sessions at once, and no others', async () => {
    const door = await start();
    const other = door.tokens.give('other');
    const [mine, theirs] = [await door.session(), await door.session(other)];
    const hanging = door.post(ask(1, 'hold'), mine);
    const stream = await fetch(door.url, { headers: { ...door.headers(), ...mine } });
    await gateway.until('held', () => held.length === 1);
    door.tokens.revoke('first');
    expect((await replyOf(await hanging)).error?.data).toMatchObject({ code: 'client-revoked' });
    await stream.text();
    expect((await door.post(ask(2, 'm'), mine)).status).toBe(401);
    expect((await door.post(ask(2, 'm'), theirs, other)).status).toBe(200);
    expect(door.kinds('session-dismissed')).toMatchObject([{ reason: 'revoked' }]);
    await door.until('closed', () => door.kinds('session-closed').length === 1);
  });

  it('SEC-95 the token of the client, and its cookies, never go further', async () => {
    const server = bench.own(await SdkServer.start({ hasSessions: true, answersJson: true }));
    const door = bench.own(await DoorBench.start(server.http.urlFor()));
    const headers = await door.session();
    await (await door.post(call(1, 'echo'), { ...headers, cookie: 'canary=1', 'x-canary': '1' })).text();
    expect(server.http.posts('tools/call')).toHaveLength(1);
    const sent = JSON.stringify(server.http.requests);
    for (const word of [door.token, 'canary', 'authorization', 'cookie']) expect(sent).not.toContain(word);
  });

  it.each([
    ['without an id', {}, 400],
    ['with an id that is none', { 'mcp-session-id': 'nonsense' }, 404],
    ['in a version that nobody agreed on', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('%s: is not there', async (_what, changes, status) => {
    const door = await start();
    const session = await door.session();
    const headers = Object.keys(changes).length === 0 ? {} : { ...session, ...changes };
    const response = await door.post(ask(1, 'm'), headers);
    expect(response.status).toBe(status);
    const { id, error } = await replyOf(response);
    expect([id, typeof error?.code]).toEqual([1, 'number']);
  });

  it('is over after DELETE, and its client is told to begin anew', async () => {
    const door = await start();
    const headers = await door.session();
    const end = { method: 'DELETE', headers: { ...door.headers(), ...headers } };
    expect((await fetch(door.url, end)).status).toBe(200);
    expect((await door.post(ask(1, 'm'), headers)).status).toBe(404);
    await door.until('closed', () => door.kinds('session-closed').length === 1);
    await settled();
    expect(door.engine.status().sessions).toEqual([]);
  });

  it('that was refused is none', async () => {
    const door = await start({ policy: {}, blocked_clients: ['raw client'] });
    const response = await door.post(initialize);
    expect(response.headers.get('mcp-session-id')).toBeNull();
    expect((await replyOf(response)).error?.data).toMatchObject({ code: 'client-blocked' });
    await door.until('closed', () => door.kinds('session-closed').length === 1);
  });

  it('SEC-10 every request gets its one reply when the gateway dies', async () => {
    const door = await start();
    const headers = await door.session();
    const ids = Array.from({ length: 40 }, (_, index) => index);
    const replies = ids.map(async (id) => replyOf(await door.post(ask(id, `hold-${String(id)}`), headers)));
    // It works on one after the other.
    await gateway.until('all there', ({ recording }) => recording.requests('hold-39').length === 1);
    await gateway.kill();
    const all = await Promise.all(replies);
    expect(all.map(({ id }) => id)).toEqual(ids);
    expect(all.every(({ error }) => error?.data?.['code'] === 'gateway-lost')).toBe(true);
  });

  it('answers a request with an id that is in use, and spares the first one', async () => {
    const door = await start();
    const headers = await door.session();
    const first = door.post(ask(1, 'hold'), headers);
    await gateway.until('held', () => held.length === 1);
    const second = await door.post(ask(1, 'm'), headers);
    expect(second.status).toBe(400);
    expect((await replyOf(second)).error?.data).toMatchObject({ code: 'invalid-request' });
    held[0]?.result({ ok: true });
    expect(await replyOf(await first)).toEqual({ jsonrpc: '2.0', id: 1, result: { ok: true } });
  });
});

describe('what is posted', () => {
  it.each([
    ['no JSON', '{', {}, [400, -32700]],
    ['JSON that is no message', '{"a":1}', {}, [400, -32600]],
    ['an empty body', '', {}, [400, -32700]],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"m"}]', {}, [400, -32600]],
    ['another type', opening, { 'content-type': 'text/plain' }, [415, -32000]],
    ['a compressed body', opening, { 'content-encoding': 'gzip' }, [415, -32000]],
    ['by somebody who takes no events', opening, { accept: 'application/json' }, [406, -32000]],
  ] as const)(
    'SEC-96 %s: is refused by HTTP and by JSON-RPC',
    async (_what, body, headers, [status, code]) => {
      const door = await start();
      const answer = await door.raw({ body, headers });
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } });
      expect((await door.post(initialize)).status).toBe(200);
    },
  );

  it.each([
    ['says so', {}],
    ['hides its length', { 'content-length': undefined, 'transfer-encoding': 'chunked' }],
  ])('SEC-96 more than local.max_line_bytes is not kept, when the head %s', async (_how, headers) => {
    const door = await start({ max_line_bytes: 1024 });
    const text = `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":"${'x'.repeat(4096)}"}}`;
    const isChunked = 'transfer-encoding' in headers;
    const body = isChunked ? `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n` : text;
    const answer = await door.raw({ body, headers });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { data: { limit: 'local.max_line_bytes' } } });
    expect((await door.post(initialize)).status).toBe(200);
  });
});
