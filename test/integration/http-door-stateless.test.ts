import { afterEach, describe, expect, it } from 'vitest';

import { call, DoorBench, replyOf } from '../support/door-bench';
import { eventsOf } from '../support/event-reader';
import { HttpBench } from '../support/http-bench';
import { ModernServer } from '../support/modern-server';
import { SdkServer } from '../support/sdk-server';

const bench = new HttpBench();
afterEach(() => bench.stop());

const VERSION = '2026-07-28';
const meta = (version = VERSION): Record<string, unknown> => ({
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientCapabilities': {},
});
const headersOf = (method: string, name?: string): Record<string, string> => ({
  'mcp-protocol-version': VERSION,
  'mcp-method': method,
  ...(name === undefined ? {} : { 'mcp-name': name }),
});
const ask = (id: number | string, method: string, params: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method,
  params: { ...params, _meta: meta() },
});

const start = async (local: object = {}): Promise<{ server: ModernServer; door: DoorBench }> => {
  const server = bench.own(await ModernServer.start());
  return { server, door: bench.own(await DoorBench.start(server.http.urlFor(), { local })) };
};
const tool = (door: DoorBench, id: number | string, name: string, more: object = {}): Promise<Response> =>
  door.post(call(id, name, {}, { ...meta(), ...more }), headersOf('tools/call', name));

describe('the 2026 era over HTTP', () => {
  it.each([
    ['no version in the headers', { 'mcp-protocol-version': undefined }],
    ['another version in the headers', { 'mcp-protocol-version': '2025-11-25' }],
    ['no method in the headers', { 'mcp-method': undefined }],
    ['another method in the headers', { 'mcp-method': 'tools/list' }],
    ['no name in the headers', { 'mcp-name': undefined }],
    ['another name in the headers', { 'mcp-name': 'harmless' }],
    ['a name in a wrapper that is none', { 'mcp-name': '=?base64?!!!?=' }],
  ])('SEC-96 %s: is refused, and nothing is sent', async (_what, changes) => {
    const { server, door } = await start();
    const answer = await door.raw({
      headers: { ...headersOf('tools/call', 'echo'), ...changes },
      body: JSON.stringify(call(1, 'echo', {}, meta())),
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ id: 1, error: { code: -32020 } });
    expect(server.http.posts('tools/call')).toEqual([]);
  });

  it('takes a name that headers cannot carry in its wrapper', async () => {
    const { door } = await start();
    const name = '=?base64?w6TDtsO8?=';
    const response = await door.post(call(1, 'äöü', {}, meta()), headersOf('tools/call', name));
    expect((await replyOf(response)).error?.message).toContain('äöü');
  });

  it.each([
    ['tells of an unknown method', () => ask(1, 'no/such'), headersOf('no/such'), [404, -32601]],
    [
      'tells of an unknown version',
      () => ({ ...ask(1, 'tools/list'), params: { _meta: meta('2099-01-01') } }),
      { ...headersOf('tools/list'), 'mcp-protocol-version': '2099-01-01' },
      [400, -32022],
    ],
    [
      'tells of a missing envelope',
      () => ({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
      headersOf('tools/list'),
      [400, -32602],
    ],
    [
      'tells of an initialize in the wrong era',
      () => ({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }),
      headersOf('initialize'),
      [400, -32020],
    ],
  ] as const)('%s as the server does', async (_what, message, headers, [status, code]) => {
    const { door } = await start();
    const response = await door.post(message(), { ...headers });
    expect(response.status).toBe(status);
    expect(await replyOf(response)).toMatchObject({ id: 1, error: { code } });
  });

  it('gives each of two programs with the same ids its own replies', async () => {
    const { server, door } = await start();
    const hanging = new AbortController();
    const first = fetch(door.url, {
      method: 'POST',
      headers: { ...door.headers(), ...headersOf('tools/call', 'hang') },
      body: JSON.stringify(call(1, 'hang', {}, meta())),
      signal: hanging.signal,
    });
    await server.http.until('the first', () => server.http.posts('"hang"').length === 1);
    const others = await Promise.all([tool(door, 1, 'echo'), tool(door, 1, 'echo'), tool(door, 2, 'echo')]);
    for (const other of others) expect((await replyOf(other)).result).toBeDefined();
    hanging.abort();
    await expect(first).rejects.toThrow();
    await server.http.until('given up', () => server.http.givenUp === 1);
    // The id of what was given up is free for others.
    expect((await replyOf(await tool(door, 1, 'echo'))).result).toBeDefined();
  });

  it('passes the headers of arguments on as they are, so that the server can compare', async () => {
    const { server, door } = await start();
    const send = (header: string | undefined): Promise<Response> =>
      door.post(call(1, 'routed', { region: 'eu' }, meta()), {
        ...headersOf('tools/call', 'routed'),
        ...(header === undefined ? {} : { 'mcp-param-region': header }),
      });
    expect((await replyOf(await send('eu'))).result).toMatchObject({ content: [{ text: 'eu' }] });
    expect(server.http.posts('routed')[0]?.headers['mcp-param-region']).toBe('eu');
    await (await door.post(ask(2, 'tools/list'), headersOf('tools/list'))).text();
    for (const wrong of ['us', undefined]) {
      const response = await send(wrong);
      expect(response.status).toBe(400);
      expect((await replyOf(response)).error?.code).toBe(-32020);
    }
  });

  it('keeps a subscription open, and tells of what it is about', async () => {
    const { server, door } = await start({ http: { keep_alive_ms: 20 }, request_timeout_ms: 1000 });
    const listen = ask('sub', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    const stream = eventsOf(await door.post(listen, headersOf('subscriptions/listen')));
    const acknowledged = await stream.next();
    expect(acknowledged.id).toBe('');
    expect(acknowledged.data).toContain('acknowledged');
    await (await tool(door, 1, 'hang')).text();
    server.handler.notify.toolsChanged();
    expect((await stream.next()).data).toContain('list_changed');
    await stream.close();
    await server.http.until('given up', () => server.http.givenUp === 2);
  });

  it('sends progress on the stream of its own request', async () => {
    const { door } = await start();
    const both = ['a', 'b'].map(async (id) => {
      const stream = eventsOf(await tool(door, id, 'progress', { progressToken: 'same' }));
      const data = [];
      for (let count = 0; count < 4; count += 1) data.push((await stream.next()).data);
      await stream.ended;
      return data;
    });
    for (const data of await Promise.all(both)) {
      expect(data.filter((text) => text.includes('notifications/progress'))).toHaveLength(3);
      expect(data[3]).toContain('progressed');
    }
  });

  it('SEC-96 is open to all after one client asked in a wrong form what the server speaks', async () => {
    const { door } = await start();
    const wrong = {
      ...ask(1, 'server/discover'),
      params: { _meta: { 'io.modelcontextprotocol/protocolVersion': VERSION } },
    };
    const refused = await door.post(wrong, headersOf('server/discover'));
    expect(await replyOf(refused)).toMatchObject({ id: 1, error: { code: -32602 } });
    const response = await tool(door, 2, 'echo');
    expect(response.status).toBe(200);
    expect((await replyOf(response)).error).toBeUndefined();
  });

  it('is told of the versions that a server of sessions has, which carries nothing out', async () => {
    const server = bench.own(await SdkServer.start({ hasSessions: true, answersJson: true }));
    const door = bench.own(await DoorBench.start(server.http.urlFor()));
    for (const [method, send] of [
      ['tools/call', () => tool(door, 1, 'echo')],
      ['server/discover', () => door.post(ask(1, 'server/discover'), headersOf('server/discover'))],
    ] as const) {
      const response = await send();
      expect(response.status, method).toBe(400);
      const { error } = await replyOf(response);
      expect(error).toMatchObject({ code: -32022, data: { requested: VERSION } });
      expect(error?.data?.['supported']).toContain('2025-11-25');
    }
    expect(server.http.posts('"tools/call"')).toEqual([]);
    await door.until('nothing left', () => door.kinds('session-closed').length === 1);
  });

  it('SEC-10 is answered once and in good time when the server cannot be reached', async () => {
    const { server, door } = await start({ request_timeout_ms: 200 });
    await server.http.stop();
    const discover = await door.post(ask(1, 'server/discover'), headersOf('server/discover'));
    const replies = [discover, await tool(door, 2, 'echo')];
    for (const [index, response] of replies.entries()) {
      expect(response.status).toBe(200);
      const { id, error } = await replyOf(response);
      expect(id).toBe(index + 1);
      expect(error?.data).toMatchObject({ code: 'gateway-unreachable' });
    }
  });

  it('SEC-10 is answered once when the server dies in the middle, also to a client that does not wait', async () => {
    const { server, door } = await start();
    const hanging = [1, 2, 3].map((id) => tool(door, id, 'hang'));
    const gone = new AbortController();
    const left = fetch(door.url, {
      method: 'POST',
      headers: { ...door.headers(), ...headersOf('tools/call', 'hang') },
      body: JSON.stringify(call(4, 'hang', {}, meta())),
      signal: gone.signal,
    });
    await server.http.until('all', () => server.http.posts('"hang"').length === 4);
    gone.abort();
    await expect(left).rejects.toThrow();
    server.http.dropConnections();
    for (const [index, response] of (await Promise.all(hanging)).entries()) {
      expect(await replyOf(response)).toMatchObject({
        id: index + 1,
        error: { data: { code: 'gateway-lost' } },
      });
    }
  });
});
