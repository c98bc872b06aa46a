import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import {
  createHttpClient,
  NotSentError,
  readWhole,
  type HttpClient,
  type HttpResponse,
} from '../../../src/main/engine/auth/http-client';
import { createSystemClock } from '../../../src/main/platform/system-clock';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Running {
  readonly url: URL;
  readonly sockets: Set<Socket>;
  connections(): number;
}

async function watched(server: Server | ReturnType<typeof createTcpServer>): Promise<Running> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: new URL(`http://127.0.0.1:${String(address.port)}/`),
    sockets,
    connections: () => connections,
  };
}

const serve = (listener: RequestListener): Promise<Running> => watched(createServer(listener));

function open(maxConnections?: number): HttpClient {
  const client = createHttpClient({
    tls: () => Promise.reject(new Error('no TLS here')),
    proxyFor: () => Promise.resolve(null),
    timeoutMs: 5000,
    clock: createSystemClock(),
    ...(maxConnections === undefined ? {} : { maxConnections }),
  });
  closers.push(() => client.close());
  return client;
}

const never = new AbortController().signal;
const get = (client: HttpClient, url: URL, signal = never): Promise<HttpResponse> =>
  client.request(url, { method: 'GET', headers: {}, signal });
const post = (client: HttpClient, url: URL, body: Buffer): Promise<HttpResponse> =>
  client.request(url, { method: 'POST', headers: {}, body, signal: never });
const textOf = async ({ body }: HttpResponse): Promise<string> => (await readWhole(body, 1 << 20)).toString();

/** Until the pool has taken the connection back, which is the turn after the end of the body. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('the HTTP client', () => {
  it('uses a connection again, and opens as many as there are requests at a time', async () => {
    const { url, connections } = await serve((_request, response) => response.end('hello'));
    const client = open();
    for (let round = 0; round < 3; round += 1) {
      expect(await textOf(await get(client, url))).toBe('hello');
      await settled();
    }
    expect(connections()).toBe(1);
    await Promise.all(Array.from({ length: 5 }, async () => textOf(await get(client, url))));
    expect(connections()).toBe(5);
  });

  it('sends the very bytes, small and large', async () => {
    const { url } = await serve((request, response) => void request.pipe(response));
    const client = open();
    for (const size of [0, 1, 256, 16 * 1024, 16 * 1024 + 1, 300_000]) {
      const body = Buffer.from(Array.from({ length: size }, (_unused, at) => at % 256));
      const answer = await post(client, url, body);
      expect((await readWhole(answer.body, 1 << 20)).equals(body)).toBe(true);
    }
  });

  it('lets requests above maxConnections wait, and forgets one that is given up', async () => {
    const held: (() => void)[] = [];
    const { url, connections } = await serve((_request, response) => held.push(() => response.end('late')));
    const client = open(2);
    const two = [get(client, url), get(client, url)];
    const given = new AbortController();
    const third = get(client, url, given.signal);
    const fourth = get(client, url);
    given.abort(new Error('not wanted'));
    await expect(third).rejects.toThrow('not wanted');
    while (held.length < 2) await settled();
    for (const finish of held.splice(0)) finish();
    for (const answer of two) expect(await textOf(await answer)).toBe('late');
    while (held.length < 1) await settled();
    held[0]?.();
    expect(await textOf(await fourth)).toBe('late');
    expect(connections()).toBe(2);
  });

  it('closes a free connection on which the server speaks unasked, so that it answers nothing', async () => {
    const answer = (text: string): string =>
      `HTTP/1.1 200 OK\r\ncontent-length: ${String(text.length)}\r\n\r\n${text}`;
    const { url, sockets, connections } = await watched(
      createTcpServer((socket) => void socket.on('data', () => socket.write(answer('right')))),
    );
    const client = open();
    expect(await textOf(await get(client, url))).toBe('right');
    await settled();
    const [first] = sockets;
    first?.write(answer('wrong'));
    if (first !== undefined) await once(first, 'close');
    expect(await textOf(await get(client, url))).toBe('right');
    expect(connections()).toBe(2);
  });

  it('does not keep a connection that the server is about to close', async () => {
    const { url, connections } = await serve((_request, response) =>
      response.setHeader('keep-alive', 'timeout=2').end('bye'),
    );
    const client = open();
    for (let round = 0; round < 2; round += 1) {
      await textOf(await get(client, url));
      await settled();
    }
    expect(connections()).toBe(2);
  });

  it('joins a header that comes twice, and follows no redirect', async () => {
    const { url } = await serve((_request, response) => {
      response.setHeader('location', '/else').setHeader('content-type', ['text/plain', 'application/json']);
      response.statusCode = 302;
      response.end();
    });
    const { status, headers, body } = await get(open(), url);
    expect([status, headers['content-type']]).toEqual([302, 'text/plain, application/json']);
    body.destroy();
  });

  it('says when nothing was sent, and when it may have been', async () => {
    const { url } = await watched(
      createTcpServer((socket) => void socket.on('data', () => socket.destroy())),
    );
    const client = open();
    const broken = await get(client, url).catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(Error);
    expect(broken).not.toBeInstanceOf(NotSentError);
    const nowhere = new URL(url);
    nowhere.port = '1';
    await expect(get(client, nowhere)).rejects.toBeInstanceOf(NotSentError);
  });

  it('breaks an answer off when it is given up, and every exchange when it is closed', async () => {
    const { url, sockets } = await serve((_request, response) => void response.write('part'));
    const client = open();
    const given = new AbortController();
    const { body } = await get(client, url, given.signal);
    const read = readWhole(body, 1 << 20);
    given.abort(new Error('enough'));
    await expect(read).rejects.toThrow();
    const open2 = await get(client, url);
    const rest = readWhole(open2.body, 1 << 20);
    await client.close();
    await expect(rest).rejects.toThrow();
    while (sockets.size > 0) await settled();
  });
});
