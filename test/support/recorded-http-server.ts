import { once } from 'node:events';
import {
  createServer as createPlain,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecure, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';

import { ChangeSignal } from './change-signal';

/** A request as it came. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request; the body was read already. */
export type Answer = (
  request: RecordedRequest,
  response: ServerResponse,
  incoming: IncomingMessage,
) => unknown;

/** A certificate with its key, both PEM. */
export interface ServerCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Demands a client certificate of this authority. */
  readonly clientAuthorityPem?: string;
}

/** An HTTP server on a port of its own that remembers what it was asked. */
export class RecordedHttpServer {
  readonly requests: RecordedRequest[] = [];
  /** Answers that the other side did not wait for. */
  givenUp = 0;
  private readonly changes = new ChangeSignal();
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  private constructor(
    public answer: Answer,
    private readonly certificate: ServerCertificate | undefined,
  ) {}

  static async start(answer: Answer, certificate?: ServerCertificate): Promise<RecordedHttpServer> {
    const server = new RecordedHttpServer(answer, certificate);
    await server.listen();
    return server;
  }

  urlFor(path = '/mcp', host = '127.0.0.1'): string {
    return `http${this.certificate === undefined ? '' : 's'}://${host}:${String(this.port)}${path}`;
  }

  /** Those with a body that holds this text, in their order. */
  posts(text = ''): readonly RecordedRequest[] {
    return this.requests.filter(({ method, body }) => method === 'POST' && body.includes(text));
  }

  async until(name: string, condition: () => boolean): Promise<void> {
    await this.changes.until(name, condition);
  }

  /** Listens, on the port of before if it listened before. */
  async listen(): Promise<void> {
    const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
      void this.take(incoming, response);
    };
    const { certificate } = this;
    const server =
      certificate === undefined ? createPlain(listener) : createSecure(secureOptions(certificate), listener);
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.port = address.port;
    this.server = server;
  }

  /** Resets every connection of now. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  get openConnections(): number {
    return this.sockets.size;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    this.dropConnections();
    await closed;
  }

  private async take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(incoming, 'end');
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers, body: Buffer.concat(chunks).toString() };
    this.requests.push(request);
    this.changes.changed();
    response.once('close', () => {
      if (!response.writableFinished) this.givenUp += 1;
      this.changes.changed();
    });
    await this.answer(request, response, incoming);
    this.changes.changed();
  }
}

function secureOptions(certificate: ServerCertificate): ServerOptions {
  const { certificatePem: cert, privateKeyPem: key, clientAuthorityPem: ca } = certificate;
  const demand = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  return { cert, key, ...demand };
}
