import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Gateway } from '../../support/gateway/gateway';
import { startGateway } from '../../support/gateway/gateway';
import type { HttpBackend } from '../../support/gateway/backend-http';
import type { GatewayOptions } from '../../support/gateway/settings';
import { isJsonObject, parseJson } from '../../support/gateway/json';
import { errorOf, RawRouter } from './raw-router';

const HTTP_FAILED =
  '[router] forward_request: INTERNAL: failed to forward request: [router] http_request: INTERNAL: HTTP request failed: ';

type Handler = (
  call: { request: IncomingMessage; method: string; body: string },
  response: ServerResponse,
) => void;

let gateway: Gateway | null = null;
let server: Server | null = null;
afterEach(async () => {
  await gateway?.stop();
  server?.closeAllConnections();
  server?.close();
  gateway = null;
  server = null;
});

async function serve(handler: Handler): Promise<string> {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.once('end', () => {
      const message = parseJson(body);
      const method = isJsonObject(message) ? String(message['method']) : '';
      handler({ request, method, body }, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/mcp`;
}

async function connected(backend: HttpBackend, options: GatewayOptions = {}): Promise<RawRouter> {
  gateway = await startGateway({ backend, notifications: 'strict', ...options });
  return RawRouter.connect(gateway.url);
}

const json = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value));
};

describe('a Streamable HTTP backend', () => {
  it('keeps its session and protocol version, accepts 202 and says goodbye', async () => {
    const seen: string[] = [];
    const url = await serve(({ request, method }, response) => {
      const { 'mcp-session-id': session, 'mcp-protocol-version': version } = request.headers;
      seen.push(`${request.method ?? ''} ${method} ${String(session)} ${String(version)}`);
      if (method === 'initialize')
        json(
          response,
          { jsonrpc: '2.0', id: 1, result: { protocolVersion: '2025-06-18' } },
          { 'Mcp-Session-Id': 's-1' },
        );
      else if (method === 'tools/list') json(response, { jsonrpc: '2.0', id: 2, result: {} });
      else response.writeHead(202).end();
    });
    const router = await connected({ kind: 'streamable-http', url });
    await router.call('initialize', {});
    router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await router.call('tools/list', {}, 2)).toBe('{"jsonrpc":"2.0","result":{},"id":2}');
    await gateway?.stop();
    expect(seen).toStrictEqual([
      'POST initialize undefined undefined',
      'POST notifications/initialized s-1 2025-06-18',
      'POST tools/list s-1 2025-06-18',
      'DELETE  s-1 2025-06-18',
    ]);
  });

  it('reads an event stream to the reply, and passes on what comes before in duplex mode', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(': comment\nid: 1\ndata:\n\n');
      response.write('event: message\r\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\r\n\r\n');
      response.end('data: {"jsonrpc":"2.0",\ndata: "id":1,"result":{}}\n\n');
    });
    const router = await connected({ kind: 'streamable-http', url }, { duplex: true });
    expect(await router.call('tools/call')).toContain('notifications/progress');
    expect(await router.nextPayload()).toBe('{"jsonrpc":"2.0","result":{},"id":1}');
  });

  it('listens for messages that belong to no request', async () => {
    const url = await serve(({ request, method }, response) => {
      if (request.method === 'GET') {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
      } else if (method === 'initialize') json(response, { jsonrpc: '2.0', id: 1, result: {} });
      else response.writeHead(202).end();
    });
    const router = await connected({ kind: 'streamable-http', url, listens: true }, { duplex: true });
    await router.call('initialize', {});
    router.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await router.nextPayload()).toContain('list_changed');
  });

  it('tells every other status', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('no session'));
    const router = await connected({ kind: 'streamable-http', url });
    expect(errorOf(await router.call('tools/list'))).toBe(
      '[router] forward_request: INTERNAL: failed to forward request: backend returned status 404: no session',
    );
  });

  it('tells a refused connection and a broken one', async () => {
    const url = await serve(({ request }) => request.socket.destroy());
    const router = await connected({ kind: 'streamable-http', url });
    expect(errorOf(await router.call('tools/list'))).toContain(`${HTTP_FAILED}Post "${url}": `);
    server?.close();
    const { host } = new URL(url);
    expect(errorOf(await router.call('tools/list'))).toBe(
      `${HTTP_FAILED}Post "${url}": dial tcp ${host}: connect: connection refused`,
    );
  });

  it('has the limits of the real gateway if wanted: to the headers, and in all', async () => {
    const url = await serve(({ method }, response) => {
      if (method === 'slow body')
        response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders();
    });
    // One limit at a time: on a busy machine the other one could be over first.
    const hasty = { headersMs: 20, totalMs: 60_000 };
    const first = await connected({ kind: 'streamable-http', url, limits: hasty });
    expect(errorOf(await first.call('slow headers'))).toBe(
      `${HTTP_FAILED}Post "${url}": net/http: timeout awaiting response headers`,
    );
    const patient = { headersMs: 60_000, totalMs: 60 };
    const second = await connected({ kind: 'streamable-http', url, limits: patient });
    expect(errorOf(await second.call('slow body'))).toContain('context deadline exceeded');
  });

  it('gives up what is under way when the router leaves', async () => {
    let isGivenUp = false;
    const url = await serve(({ request }) => {
      request.socket.once('close', () => {
        isGivenUp = true;
        given?.();
      });
      gateway?.dropConnections();
    });
    let given: (() => void) | undefined;
    const givenUp = new Promise<void>((resolve) => (given = resolve));
    const router = await connected({ kind: 'streamable-http', url });
    router.send({ jsonrpc: '2.0', id: 1, method: 'tools/call' });
    await givenUp;
    await gateway?.untilReaped();
    expect(isGivenUp).toBe(true);
    expect(router.frames).toStrictEqual([]);
  });
});
