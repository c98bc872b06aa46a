import { once } from 'node:events';
import { createServer as createPlain, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { connect, createServer, type Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

import { ChangeSignal } from './change-signal';
import type { ServerCertificate } from './recorded-http-server';

/** How a proxy behaves. */
export interface TestProxyOptions {
  /** TLS to the proxy itself. */
  readonly certificate?: ServerCertificate;
  /** `name:password`; everybody else gets 407. */
  readonly login?: string;
  /** What is sent in place of opening a tunnel, raw; null: nothing at all. */
  readonly answer?: string | null;
  /** Keeps the connection open after `answer`. */
  readonly holds?: boolean;
  /** Byte by byte. */
  readonly dribbles?: boolean;
}

/** A CONNECT as it came. */
export interface ProxyRequest {
  readonly authority: string;
  readonly headers: IncomingHttpHeaders;
}

/** A real HTTP proxy. Whatever name it is asked for, it connects to this machine: only a proxy knows those names. */
export class TestProxy {
  readonly requests: ProxyRequest[] = [];
  /** What clients sent through tunnels. */
  readonly carried: Buffer[] = [];
  private readonly changes = new ChangeSignal();
  private readonly sockets = new Set<Duplex>();
  private readonly server: Server;
  private readonly stalled = new WeakSet<Duplex>();

  private constructor(private options: TestProxyOptions) {
    const { certificate } = options;
    this.server =
      certificate === undefined
        ? createPlain()
        : createSecure({ cert: certificate.certificatePem, key: certificate.privateKeyPem });
    this.server.on('connection', (socket) => this.own(socket));
    this.server.on('tlsClientError', () => undefined);
    this.server.on('connect', ({ url = '', headers }, socket, head) => {
      this.own(socket);
      this.requests.push({ authority: url, headers });
      this.changes.changed();
      void this.serve(url, headers['proxy-authorization'], socket, head);
    });
  }

  static async start(options: TestProxyOptions = {}): Promise<TestProxy> {
    const proxy = new TestProxy(options);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** Its address, with or without user name and password. */
  urlFor(host = 'localhost', login = ''): string {
    const scheme = this.options.certificate === undefined ? 'http' : 'https';
    return `${scheme}://${login === '' ? '' : `${login}@`}${host}:${String(this.port)}`;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  get openSockets(): number {
    return this.sockets.size;
  }

  reconfigure(changes: TestProxyOptions): void {
    this.options = { ...this.options, ...changes };
  }

  /** From now on nothing is forwarded in the tunnels of now, though all stay open. */
  stall(): void {
    for (const socket of this.sockets) this.stalled.add(socket);
  }

  /** Resets every connection of now. */
  drop(): void {
    // The one below TLS takes the one above it with it.
    for (const socket of this.sockets) {
      if (socket instanceof Socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
    }
  }

  async until(name: string, condition: () => boolean): Promise<void> {
    await this.changes.until(name, condition);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private own(socket: Duplex): void {
    if (this.sockets.has(socket)) return;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.changes.changed();
    });
  }

  private async serve(
    authority: string,
    authorization: string | undefined,
    client: Duplex,
    head: Buffer,
  ): Promise<void> {
    const { login, answer, holds = false } = this.options;
    // Who does not read never hears that the other side has gone.
    if (answer !== undefined) client.resume().once('end', () => client.end());
    if (answer === null) return;
    if (answer !== undefined) {
      await this.say(client, answer);
      if (!holds) client.end();
      return;
    }
    if (login !== undefined && authorization !== `Basic ${Buffer.from(login).toString('base64')}`) {
      client.end('HTTP/1.1 407 Nope\r\nProxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const target = connect(Number(authority.split(':').pop()), '127.0.0.1');
    this.own(target);
    try {
      await once(target, 'connect');
    } catch {
      // once throws what the socket reports: there is nobody to connect to.
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    await this.say(client, 'HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n');
    target.write(head);
    this.forward(client, target, (chunk) => this.carried.push(chunk));
    this.forward(target, client, () => undefined);
  }

  private async say(client: Duplex, text: string): Promise<void> {
    const pieces = this.options.dribbles === true ? Array.from(text) : [text];
    for (const piece of pieces) {
      client.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private forward(from: Duplex, to: Duplex, note: (chunk: Buffer) => void): void {
    from.on('data', (chunk: Buffer) => {
      note(chunk);
      if (!this.stalled.has(from)) to.write(chunk);
    });
    const end = (): void => {
      if (!this.stalled.has(from)) to.end();
    };
    // A client may have left while the tunnel was being opened.
    if (from.readableEnded) end();
    else from.once('end', end);
    from.once('close', () => {
      if (!this.stalled.has(from)) to.destroy();
    });
  }
}

/** A server on a bare socket that counts who comes, and says this to each at once. */
export class CountingServer {
  connections = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: NetServer,
    readonly port: number,
  ) {
    server.on('connection', (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
    });
  }

  static async start(greeting = ''): Promise<CountingServer> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(greeting);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new CountingServer(server, address.port);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
