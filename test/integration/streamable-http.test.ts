import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';

import { deferred } from '../support/deferred';
import type { Reply, StreamTestClient } from '../support/engine-client';
import { HttpBench } from '../support/http-bench';
import { SdkServer, type SdkServerOptions } from '../support/sdk-server';

const bench = new HttpBench();
afterEach(() => bench.stop());

const server = async (options: Partial<SdkServerOptions> = {}): Promise<SdkServer> =>
  bench.own(await SdkServer.start({ hasSessions: true, answersJson: false, ...options }));

const call = (client: StreamTestClient, id: string | number, name: string, more: object = {}): void => {
  client.request(id, 'tools/call', { name, arguments: {}, ...more });
};
const textOf = (reply: Reply): string => {
  const [first] = CallToolResultSchema.parse(reply.result).content;
  return first?.type === 'text' ? first.text : '';
};

describe.each([
  { hasSessions: true, answersJson: false },
  { hasSessions: true, answersJson: true },
  { hasSessions: false, answersJson: false },
  { hasSessions: false, answersJson: true },
])('a server of the 2025 era, %o', (options) => {
  it('carries requests up and replies down, with its session and version', async () => {
    const { http } = await server(options);
    const client = bench.attach(http.urlFor());
    expect((await client.initialize()).result).toMatchObject({ serverInfo: { name: 'sdk server' } });
    client.send(
      '{"jsonrpc":"2.0",  "id":1,"method":"tools/call","params":{"name":"echo","arguments":{"big":12345678901234567890}}}',
    );
    expect(textOf(await client.reply(1))).toBe('{"big":12345678901234567000}');
    client.request('two', 'tools/list');
    expect(await client.reply('two')).toHaveProperty('result.tools');
    const [initialize, initialized, echo] = http.posts();
    expect(initialize?.headers['mcp-session-id']).toBeUndefined();
    expect(initialize?.headers['mcp-protocol-version']).toBeUndefined();
    expect(initialize?.headers.accept).toBe('application/json, text/event-stream');
    expect(initialized?.body).toContain('notifications/initialized');
    expect(echo?.body).toBe(
      '{"jsonrpc":"2.0",  "id":1,"method":"tools/call","params":{"name":"echo","arguments":{"big":12345678901234567890}}}',
    );
    for (const request of [initialized, echo]) {
      expect(request?.headers['mcp-protocol-version']).toBe('2025-06-18');
      expect(typeof request?.headers['mcp-session-id']).toBe(options.hasSessions ? 'string' : 'undefined');
    }
  });

  it('says goodbye with DELETE where there is a session', async () => {
    const sdk = await server(options);
    const client = bench.attach(sdk.http.urlFor());
    await client.initialize();
    client.request(1, 'tools/list');
    await client.reply(1);
    client.input.end();
    await client.left;
    expect(sdk.closedSessions).toHaveLength(options.hasSessions ? 1 : 0);
  });
});

describe('both lanes', () => {
  it('carries progress on the stream of the answer', async () => {
    const { http } = await server();
    const client = bench.attach(http.urlFor());
    await client.initialize();
    call(client, 1, 'progress', { _meta: { progressToken: 'p' } });
    expect(textOf(await client.reply(1))).toBe('progressed');
    expect(client.replies.filter(({ method }) => method === 'notifications/progress')).toHaveLength(3);
  });

  it.each([
    ['elicit', 'elicitation/create', { action: 'accept', content: { name: 'Ada' } }],
    [
      'sample',
      'sampling/createMessage',
      { role: 'assistant', model: 'm', content: { type: 'text', text: 'hi' } },
    ],
  ])('carries the question of %s down and its answer up', async (tool, method, answer) => {
    const { http } = await server();
    const client = bench.attach(http.urlFor());
    client.request('init', 'initialize', {
      protocolVersion: '2025-06-18',
      capabilities: { elicitation: {}, sampling: {}, roots: {} },
      clientInfo: { name: 'test client', version: '1' },
    });
    await client.reply('init');
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    call(client, 1, tool);
    await client.until('the question', () => client.replies.some((reply) => reply.method === method));
    const question = client.replies.find((reply) => reply.method === method);
    client.send({ jsonrpc: '2.0', id: question?.id, result: answer });
    expect(JSON.parse(textOf(await client.reply(1)))).toMatchObject(answer);
  });

  it('carries what belongs to no request on the GET stream', async () => {
    const { http } = await server();
    const client = bench.attach(http.urlFor());
    client.request('init', 'initialize', {
      protocolVersion: '2025-06-18',
      capabilities: { roots: {} },
      clientInfo: { name: 'test client', version: '1' },
    });
    await client.reply('init');
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    const isListening = (): boolean =>
      http.requests.some(
        ({ method, headers }) => method === 'GET' && headers['mcp-session-id'] !== undefined,
      );
    await http.until('the GET stream', isListening);
    call(client, 1, 'roots');
    await client.until('the question', () => client.replies.some((reply) => reply.method === 'roots/list'));
    const question = client.replies.find((reply) => reply.method === 'roots/list');
    client.send({ jsonrpc: '2.0', id: question?.id, result: { roots: [{ uri: 'file:///home' }] } });
    expect(textOf(await client.reply(1))).toContain('file:///home');
    call(client, 2, 'tell');
    await client.reply(2);
    const hasNews = (): boolean =>
      client.replies.some(({ method }) => method === 'notifications/tools/list_changed');
    await client.until('the news', hasNews);
  });

  it('lets nothing overtake the stream on which the server asks of its own accord', async () => {
    const gate = deferred();
    const { http } = await server({ streamGate: gate.promise });
    const client = bench.attach(http.urlFor());
    await client.initialize();
    call(client, 1, 'roots');
    await http.until('the GET stream', () =>
      http.requests.some(({ method, headers }) => method === 'GET' && 'mcp-session-id' in headers),
    );
    expect(http.posts('tools/call')).toEqual([]);
    gate.resolve();
    await client.until('the question', () => client.replies.some((reply) => reply.method === 'roots/list'));
    const question = client.replies.find((reply) => reply.method === 'roots/list');
    client.send({ jsonrpc: '2.0', id: question?.id, result: { roots: [] } });
    await client.reply(1);
  });

  it('waits a moment only for a server that answers a GET when it has news', async () => {
    const gate = deferred();
    const { http } = await server({ streamGate: gate.promise });
    const client = bench.attach(http.urlFor());
    await client.initialize();
    call(client, 1, 'echo');
    expect(textOf(await client.reply(1))).toBe('{}');
    gate.resolve();
  });

  it('forwards a cancellation, and gives the exchange up', async () => {
    const sdk = await server();
    const client = bench.attach(sdk.http.urlFor());
    await client.initialize();
    call(client, 7, 'hang');
    await sdk.http.until('the call', () => sdk.http.posts('hang').length === 1);
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } });
    await sdk.until('the cancellation', () => sdk.cancelled.includes('7'));
    call(client, 8, 'echo');
    await client.reply(8);
    expect(client.replies.map(({ id }) => id)).toEqual(['init', 8]);
  });
});

describe('a stream that ends early', () => {
  it('is resumed from its last event, after the time that the server asked for', async () => {
    const { http } = await server({ retryMs: 20 });
    const client = bench.attach(http.urlFor());
    client.request('init', 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test client', version: '1' },
    });
    await client.reply('init');
    client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    call(client, 1, 'cut');
    expect(textOf(await client.reply(1))).toBe('after the cut');
    const resumed = http.requests.filter(({ headers }) => headers['last-event-id'] !== undefined);
    expect(resumed.length).toBeGreaterThan(0);
    expect(http.posts('"cut"')).toHaveLength(1);
  });
});

describe('a session that the server forgot', () => {
  it('SEC-10 is opened again, and the request that met the 404 is answered once', async () => {
    const sdk = await server();
    const client = bench.attach(sdk.http.urlFor());
    await client.initialize();
    call(client, 1, 'echo');
    await client.reply(1);
    sdk.forgetSessions();
    call(client, 2, 'echo');
    expect(textOf(await client.reply(2))).toBe('{}');
    expect(client.replies.map(({ id }) => id)).toEqual(['init', 1, 2]);
    expect(sdk.http.posts('"initialize"')).toHaveLength(2);
    expect(bench.under.kinds('handshake-replayed')).toHaveLength(1);
  });
});

describe('credentials', () => {
  it('SEC-10 renews a refused token once, and sends the request again', async () => {
    let token = 'first';
    const { http } = await server({ token: () => token });
    const variables: Record<string, string> = { TOKEN: 'first' };
    const client = bench.attach(
      http.urlFor(),
      { gateway: { auth: { token_env: 'TOKEN' } } },
      { machine: { variables } },
    );
    await client.initialize();
    token = 'second';
    variables['TOKEN'] = 'second';
    call(client, 1, 'echo');
    expect(textOf(await client.reply(1))).toBe('{}');
  });

  it('fails with auth-failed when there is no newer token', async () => {
    let token = 'first';
    const { http } = await server({ token: () => token });
    const machine = { variables: { TOKEN: 'first' } };
    const client = bench.attach(http.urlFor(), { gateway: { auth: { token_env: 'TOKEN' } } }, { machine });
    await client.initialize();
    token = 'second';
    call(client, 1, 'echo');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'auth-failed' });
    await bench.under.until('failed', () => bench.under.kinds('auth-failed').length > 0);
    call(client, 2, 'echo');
    expect((await client.reply(2)).error?.data).toMatchObject({ code: 'auth-failed' });
  });
});
