import { createServer as createSecure } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { once } from 'node:events';

import type { KeyedCertificate } from '../certificates';
import { RawGateway } from '../raw-gateway';
import { RecordedHttpServer, type RecordedRequest } from '../recorded-http-server';

/** Another side that says back what it was told in confidence. */
export interface EchoPeer {
  readonly url: string;
  stop(): Promise<void>;
}

const escapedForHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The secret as programs write it into errors: in several encodings, one behind the other. */
export function echoes(secret: string): string {
  const bytes = Buffer.from(secret);
  return [
    `Authorization: Bearer ${secret}`,
    `Basic ${Buffer.from(`ann:${secret}`).toString('base64')}`,
    bytes.toString('base64'),
    bytes.toString('base64url'),
    encodeURIComponent(secret),
    new URLSearchParams({ token: secret }).toString(),
    JSON.stringify({ secret }),
    JSON.stringify(JSON.stringify({ secret })),
    JSON.stringify({ secret }).replaceAll('/', '\\/'),
    bytes.toString('hex'),
    escapedForHtml(secret),
  ].join(' ');
}

/** An HTTP answer as it goes over the wire, with the secret in the status text, the headers and the body. */
export function echoAnswer(status: number, secret: string, headers: readonly string[] = []): string {
  const body = echoes(secret);
  const lines = [
    `HTTP/1.1 ${String(status)} ${secret}`,
    `X-Echo: Bearer ${secret}`,
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Connection: close',
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Answers every upgrade with these bytes. */
export async function upgradeEcho(bytes: string): Promise<EchoPeer> {
  return RawGateway.start(({ socket }) => socket.end(bytes));
}

/** Accepts every upgrade, and closes with the secret as the reason. */
export async function closeEcho(secret: string): Promise<EchoPeer> {
  const reason = Buffer.from(secret);
  const frame = Buffer.concat([Buffer.from([0x88, reason.length + 2, 0x03, 0xf0]), reason]);
  return RawGateway.start((connection) => {
    connection.accept(frame);
    connection.socket.end();
  });
}

/** Accepts every upgrade, and answers each request with what `reply` makes of its id, one frame for each text. */
export async function frameEcho(reply: (id: string) => readonly string[]): Promise<EchoPeer> {
  return RawGateway.start((connection) => {
    const webSocket = connection.serve();
    webSocket.removeAllListeners('message');
    webSocket.on('message', (data: Buffer) => {
      const id = /"mcp_payload":\{.*?"id":("[^"]*"|\d+)/.exec(data.toString())?.[1];
      if (id !== undefined) for (const text of reply(id)) webSocket.send(text);
    });
  });
}

/** An HTTP server that answers as the test wants; it is handed the id of a JSON-RPC request, `null` without one. */
export async function httpEcho(
  answer: (id: string, request: RecordedRequest) => HttpAnswer,
): Promise<EchoPeer> {
  const server = await RecordedHttpServer.start((request, response) => {
    const id = /"id":("[^"]*"|\d+)/.exec(request.body)?.[1] ?? 'null';
    const { status, headers = {}, body, statusText } = answer(id, request);
    response.writeHead(status, statusText ?? 'Status', headers).end(body);
  });
  return { url: server.urlFor(), stop: () => server.stop() };
}

/** What an HTTP server answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A token endpoint for `localhost` that gives the same answer to everybody; the URL is its own. */
export async function tokenEndpointEcho(
  tls: KeyedCertificate,
  { status, statusText, headers = {}, body }: HttpAnswer,
): Promise<EchoPeer> {
  const server = createSecure({ cert: tls.certificatePem, key: tls.privateKeyPem }, (_request, response) => {
    response.writeHead(status, statusText ?? 'Status', headers).end(body);
  });
  const { port, stop } = await listening(server);
  return { url: `https://localhost:${String(port)}/token`, stop };
}

/** A server on a bare socket, with TLS where there is a certificate, that says these bytes to everybody and hangs up. */
export async function bareEcho(bytes: string | Buffer, tls?: KeyedCertificate): Promise<EchoPeer> {
  const greet = (socket: Socket): void => {
    socket.on('error', () => undefined);
    socket.end(bytes);
  };
  const server =
    tls === undefined
      ? createServer(greet)
      : createTls({ cert: tls.certificatePem, key: tls.privateKeyPem }, greet);
  const { port, stop } = await listening(server);
  return { url: `localhost:${String(port)}`, stop };
}

async function listening(server: Server): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port: address.port, stop };
}
