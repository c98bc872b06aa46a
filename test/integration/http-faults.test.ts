import type { ServerResponse } from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import type { Reply, StreamTestClient } from '../support/engine-client';
import { HttpBench } from '../support/http-bench';
import { RecordedHttpServer, type RecordedRequest } from '../support/recorded-http-server';

const bench = new HttpBench();
afterEach(() => bench.stop());

type Post = (request: RecordedRequest & { readonly id: string }, response: ServerResponse) => unknown;

const json = (response: ServerResponse, status: number, body: string, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
};
const INITIALIZED =
  '{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"raw","version":"1"}}';

/** A server by hand: the handshake works, and everything else is the test's. */
async function raw(post: Post, session?: string): Promise<RecordedHttpServer> {
  const server = await RecordedHttpServer.start((request, response) => {
    const id = /"id":([^,}]+)/.exec(request.body)?.[1] ?? 'null';
    if (request.method !== 'POST') return response.writeHead(405).end();
    if (request.body.includes('"initialize"')) {
      json(
        response,
        200,
        `{"jsonrpc":"2.0","id":${id},"result":${INITIALIZED}}`,
        session && { 'mcp-session-id': session },
      );
      return undefined;
    }
    if (!request.body.includes('"id"')) return response.writeHead(202).end();
    return post({ ...request, id }, response);
  });
  return bench.own(server);
}

async function ask(
  post: Post,
  gateway: object = {},
): Promise<{ reply: Reply; server: RecordedHttpServer; client: StreamTestClient }> {
  const server = await raw(post);
  const client = bench.attach(server.urlFor(), { gateway });
  await client.initialize();
  client.request(1, 'tools/call', { name: 'x' });
  return { reply: await client.reply(1), server, client };
}

const result = (id: string, more = ''): string => `{"jsonrpc":"2.0","id":${id},"result":{"ok":true}${more}}`;
const events = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' });

describe('SEC-10 each request gets exactly one reply, whatever the answer is', () => {
  const bad: readonly [string, Post, string][] = [
    [
      'an empty body',
      (_request, response) => {
        json(response, 200, '');
      },
      'gateway-misbehaved',
    ],
    [
      'broken JSON',
      (_request, response) => {
        json(response, 200, '{"jsonrpc":');
      },
      'gateway-misbehaved',
    ],
    [
      'a page',
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      'gateway-misbehaved',
    ],
    ['no content type', (_request, response) => response.writeHead(200).end('hello'), 'gateway-misbehaved'],
    [
      'the reply to another request',
      (_request, response) => {
        json(response, 200, result('99'));
      },
      'gateway-misbehaved',
    ],
    [
      'a taken request without a reply',
      (_request, response) => response.writeHead(202).end(),
      'gateway-misbehaved',
    ],
    [
      'a stream without the reply',
      (_request, response) => events(response).end(': nothing\n\n'),
      'gateway-lost',
    ],
    [
      'a stream that is not UTF-8',
      (_request, response) => events(response).end(Buffer.from([0x64, 0xff, 0xfe, 0x0a])),
      'gateway-misbehaved',
    ],
    [
      'a body that breaks off',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"json', () => response.socket?.resetAndDestroy());
      },
      'gateway-lost',
    ],
    ['a reset before the answer', (_request, response) => response.socket?.resetAndDestroy(), 'gateway-lost'],
    ['a status 500', (_request, response) => response.writeHead(500).end('boom'), 'gateway-error'],
    [
      'a status 503 that names no time',
      (_request, response) => response.writeHead(503).end(),
      'gateway-error',
    ],
    [
      'a status 429 that names no time',
      (_request, response) => response.writeHead(429).end(),
      'gateway-busy',
    ],
    ['a status 403', (_request, response) => response.writeHead(403).end(), 'auth-failed'],
    [
      'a status 404 without a session',
      (_request, response) => response.writeHead(404).end(),
      'gateway-error',
    ],
  ];

  it.each(bad)('%s', async (_name, post, code) => {
    const { reply, client, server } = await ask(post);
    expect(reply.error?.data).toMatchObject({ code });
    expect(client.lines).toHaveLength(2);
    expect(server.posts('"id":1')).toHaveLength(1);
    client.request(2, 'initialize', {});
    await client.reply(2);
  });

  it('a message above gateway.max_message_bytes, as JSON and on a stream', async () => {
    const long = 'x'.repeat(8192);
    const filler = `,"filler":"${long}"`;
    const limit = { max_message_bytes: 4096 };
    const asJson = await ask(({ id }, response) => {
      json(response, 200, result(id, filler));
    }, limit);
    expect(asJson.reply.error?.data).toMatchObject({ code: 'gateway-misbehaved' });
    const asEvent = await ask(
      ({ id }, response) => events(response).end(`data: ${result(id, filler)}\n\n`),
      limit,
    );
    expect(asEvent.reply.error?.data).toMatchObject({ code: 'gateway-misbehaved' });
    const endless = await ask((_request, response) => events(response).write(`data: ${long}`), limit);
    expect(endless.reply.error?.data).toMatchObject({ code: 'gateway-misbehaved' });
  });

  it('passes an error of JSON-RPC on whatever the status is, and gives it the id that it lacks', async () => {
    const body =
      '{"jsonrpc":"2.0","error":{"code":-32022,"message":"no","data":{"supported":["2026-07-28"]}},"id":null}';
    const { reply } = await ask((_request, response) => {
      json(response, 400, body);
    });
    expect(reply).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32022, message: 'no', data: { supported: ['2026-07-28'] } },
    });
  });

  it('ignores events that are no messages, and whatever follows the reply', async () => {
    const { reply, client } = await ask(({ id }, response) =>
      events(response).end(
        `data: :keepalive\n\nevent: other\ndata: ${result('7')}\n\nid: 1\ndata:\n\ndata: ${result(id)}\n\ndata: ${result(id)}\n\n`,
      ),
    );
    expect(reply.result).toEqual({ ok: true });
    client.request(2, 'm');
    await client.reply(2);
    expect(client.lines).toHaveLength(3);
  });

  it('delivers the very bytes, as JSON and on a stream', async () => {
    const text =
      '{"zeta":1, "jsonrpc":"2.0","result":{"big":12345678901234567890,"e":"\\u00e9é<&>","n":1.50},"id":1}';
    expect(
      (
        await ask((_request, response) => {
          json(response, 200, text);
        })
      ).client.lines[1],
    ).toBe(text);
    expect(
      (await ask((_request, response) => events(response).end(`data: ${text}\n\n`))).client.lines[1],
    ).toBe(text);
  });

  it('reads a stream at whatever places it is cut', async () => {
    const text = `retry: 5\r\nid: a\r\ndata: ${result('1', ',"e":"é€😀"')}\r\n\r\n`;
    const { reply } = await ask(async (_request, response) => {
      events(response);
      for (const byte of Buffer.from(text))
        await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
      response.end();
    });
    expect(reply).toMatchObject({ result: { ok: true }, e: 'é€😀' });
  });
});

describe('a server of no era', () => {
  it('SEC-10 that refuses a request and answers it on the old stream all the same is not asked again', async () => {
    const server = await RecordedHttpServer.start((request, response) => {
      if (request.method === 'POST') return response.writeHead(400).end();
      return events(response).write(`data: ${result('1')}\n\nevent: endpoint\ndata: /messages\n\n`);
    });
    const client = bench.attach(bench.own(server).urlFor());
    client.request(1, 'initialize', {});
    expect((await client.reply(1)).result).toEqual({ ok: true });
    // By the time these are back, whatever the router wanted to send has arrived as well.
    for (const id of [2, 3, 4]) {
      client.request(id, 'tools/list');
      await client.reply(id);
    }
    expect(client.replies.filter(({ id }) => id === 1)).toHaveLength(1);
    expect(server.posts('"initialize"')).toHaveLength(1);
  });

  it('that names two content types is told apart from a good one, and ends nothing', async () => {
    const { reply } = await ask((_request, response) => {
      response.writeHead(200, ['Content-Type', 'text/plain', 'Content-Type', 'application/json']).end('{}');
    });
    expect(reply.error?.data).toMatchObject({ code: 'gateway-misbehaved' });
  });
});

describe('a server that asks to wait', () => {
  it.each([429, 503])('is not asked again before the time of Retry-After (%i)', async (status) => {
    const times: number[] = [];
    const { reply, client } = await ask(({ id }, response) => {
      times.push(Date.now());
      if (times.length === 1) response.writeHead(status, { 'retry-after': '1' }).end();
      else json(response, 200, result(id));
    });
    expect(reply.result).toEqual({ ok: true });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1000);
    expect(client.lines).toHaveLength(2);
  });

  it('gets everything that it sent back, in its order', async () => {
    const order: string[] = [];
    const times: number[] = [];
    const server = await raw(({ id }, response) => {
      order.push(id);
      times.push(Date.now());
      if (order.length <= 2) response.writeHead(429, { 'retry-after': '1' }).end();
      else json(response, 200, result(id));
    });
    const client = bench.attach(server.urlFor());
    await client.initialize();
    client.request(1, 'm');
    client.request(2, 'm');
    await Promise.all([client.reply(1), client.reply(2)]);
    expect([...order].sort()).toEqual(['1', '1', '2', '2']);
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1000);
    expect(client.lines).toHaveLength(3);
  });

  it('fails at once when the time is beyond the deadline, and says how long', async () => {
    const { reply } = await ask((_request, response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    expect(reply.error?.data).toMatchObject({
      code: 'gateway-busy',
      retryable: true,
      retry_after_ms: 3_600_000,
    });
  });
});

describe('where the credential goes', () => {
  it('SEC-35 follows no redirect, neither when it opens nor with a request', async () => {
    const elsewhere = bench.own(await RecordedHttpServer.start((_request, response) => response.end()));
    const target = elsewhere.urlFor();
    const { reply } = await ask((_request, response) => response.writeHead(307, { location: target }).end());
    expect(reply.error?.data).toMatchObject({ code: 'gateway-error' });
    const away = bench.own(
      await RecordedHttpServer.start((_request, response) =>
        response.writeHead(307, { location: target }).end(),
      ),
    );
    const client = bench.attach(away.urlFor());
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-refused' });
    expect(elsewhere.requests).toEqual([]);
  });

  it('SEC-01 verifies the certificate of an https address before anything is sent', async () => {
    const authority = createAuthority('Test authority');
    const server = bench.own(
      await RecordedHttpServer.start(
        (_request, response) => response.writeHead(405).end(),
        authority.issueServer({ hosts: ['localhost'] }),
      ),
    );
    const client = bench.attach(server.urlFor('/mcp', 'localhost'));
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'certificate-rejected' });
    expect(server.requests).toEqual([]);
    const machine = { files: { '/ca.pem': { kind: 'found' as const, value: authority.certificatePem } } };
    const tls = { ca_cert_path: '/ca.pem' };
    bench.attach(server.urlFor('/mcp', 'localhost'), { gateway: { tls } }, { machine, hasKeeper: true });
    const { engine } = bench.under;
    await bench.under.until('connected', () => engine.status().keeper.name === 'connected');
    expect(engine.status().keeper).toMatchObject({ tls: { protocol: 'TLSv1.3', isVerified: true } });
  });
});

describe('the way there', () => {
  it('keeps a request that was never sent until the server is back', async () => {
    const server = await raw(({ id }, response) => {
      json(response, 200, result(id));
    });
    const client = bench.attach(server.urlFor());
    await client.initialize();
    await server.stop();
    client.request(1, 'm');
    await bench.under.until('waiting', () => bench.under.kinds('connection-failed').length > 1);
    await server.listen();
    expect((await client.reply(1)).result).toEqual({ ok: true });
    expect(server.posts('"method":"m"')).toHaveLength(1);
  });

  it('shows a server that is gone on a connection that no client uses', async () => {
    const server = await raw(() => undefined);
    const connection = { keepalive_interval_ms: 20 };
    bench.attach(server.urlFor(), { gateway: { connection } }, { hasKeeper: true });
    const keeper = (): string => bench.under.engine.status().keeper.name;
    await bench.under.until('connected', () => keeper() === 'connected');
    await server.stop();
    await bench.under.until('noticed', () => keeper() === 'waiting');
  });

  it('gives an exchange up when its deadline passes', async () => {
    const server = await raw(() => undefined);
    const client = bench.attach(server.urlFor(), { local: { request_timeout_ms: 300 } });
    await client.initialize();
    client.request(1, 'never');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'request-timeout' });
    await server.until('given up', () => server.givenUp === 1);
  });
});
