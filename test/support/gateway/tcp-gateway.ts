import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { ChangeSignal } from '../change-signal';
import { Faults } from './faults';
import { Recording } from './recording';
import type { GatewayTls } from './settings';
import type { TcpFrame } from './tcp-codec';
import { TcpConnection } from './tcp-connection';
import type { TcpGatewayOptions, TcpGatewaySettings } from './tcp-settings';
import { tcpGatewaySettings } from './tcp-settings';

/** Starts a TCP frontend on 127.0.0.1; resolves when it listens. */
export async function startTcpGateway(options: TcpGatewayOptions = {}): Promise<TcpGateway> {
  const gateway = new TcpGateway(options);
  await gateway.restart();
  return gateway;
}

/** A frame of a router, as it arrived. */
export interface RecordedFrame {
  readonly connection: number;
  readonly type: number;
  readonly text: string;
}

/** A running or stopped TCP frontend. Recording, faults, port and numbering outlive a restart. */
export class TcpGateway {
  readonly recording = new Recording('everything');
  readonly frames: RecordedFrame[] = [];
  readonly faults = new Faults();
  readonly #changes = new ChangeSignal();
  readonly #connections = new Set<TcpConnection>();
  readonly #sockets = new Set<Socket>();
  readonly #unfinished = new Set<Promise<void>>();
  #options: TcpGatewayOptions;
  #settings: TcpGatewaySettings;
  #server: Server | null = null;
  #port = 0;
  #connectionCount = 0;
  #haste: 'gently' | 'now' = 'gently';

  constructor(options: TcpGatewayOptions) {
    this.#options = options;
    this.#settings = tcpGatewaySettings(options);
  }

  get port(): number {
    return this.#port;
  }

  get connections(): readonly TcpConnection[] {
    return [...this.#connections];
  }

  /** How many there have ever been. */
  get connectionCount(): number {
    return this.#connectionCount;
  }

  urlFor(host: string): string {
    return `${this.#settings.tls === null ? 'tcp' : 'tcps'}://${host}:${this.#port}`;
  }

  /** Stops if running, then listens on the same port with the same options, changed by the given ones. */
  async restart(changes: TcpGatewayOptions = {}): Promise<void> {
    await this.kill();
    this.#haste = 'gently';
    this.#options = { ...this.#options, ...changes };
    this.#settings = tcpGatewaySettings(this.#options);
    const server = this.#createServer();
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
    this.#port = address.port;
    this.#server = server;
  }

  /** Changes options for what comes later without touching open connections. Not mode or TLS. */
  reconfigure(changes: Omit<TcpGatewayOptions, 'mode' | 'tls'>): void {
    this.#options = { ...this.#options, ...changes };
    this.#settings = tcpGatewaySettings(this.#options);
  }

  /** Sends a frame that answers nothing to every open connection. */
  broadcast(type: number, payload: string): void {
    for (const connection of this.#connections) connection.sendFrame(type, payload);
  }

  /** Sends bytes that need not be frames. */
  broadcastBytes(bytes: Buffer): void {
    for (const connection of this.#connections) connection.sendBytes(bytes);
  }

  framesOf(type: number): readonly RecordedFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** Resolves when the condition holds; it is looked at after each change that the gateway sees. */
  async until(name: string, condition: (gateway: this) => boolean, limitMs?: number): Promise<void> {
    return this.#changes.until(name, () => condition(this), limitMs);
  }

  /** Ends every connection after what was written, and the servers behind them. */
  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.drop();
    await this.#shutDown((socket) => socket.destroy());
  }

  /** Ends as a crash does: sockets are reset, servers are killed at once. */
  async kill(): Promise<void> {
    this.#haste = 'now';
    await this.#shutDown((socket) => socket.resetAndDestroy());
  }

  async #shutDown(endSocket: (socket: Socket) => void): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) {
      const closed = once(server, 'close');
      server.close();
      for (const socket of this.#sockets) endSocket(socket);
      await closed;
    }
    await Promise.all(this.#unfinished);
  }

  #createServer(): Server {
    const { tls } = this.#settings;
    const accept = (socket: Socket): void => {
      this.#accept(socket);
    };
    const server = tls === null ? createServer(accept) : createTlsServer(serverTls(tls), accept);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
    });
    return server;
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    this.#connectionCount += 1;
    const number = this.#connectionCount;
    const onFrame = ({ type, payload }: TcpFrame): void => {
      this.frames.push({ connection: number, type, text: payload.toString('utf8') });
    };
    const connection = new TcpConnection(socket, {
      number,
      settings: () => this.#settings,
      faults: this.faults,
      recording: this.recording,
      onFrame,
      changes: this.#changes,
    });
    this.#connections.add(connection);
    const finished = connection.closed
      .then(() => {
        this.#connections.delete(connection);
        this.#changes.changed();
        return connection.reaped(this.#haste);
      })
      .then(() => {
        this.#unfinished.delete(finished);
      });
    this.#unfinished.add(finished);
    this.#changes.changed();
  }
}

function serverTls(tls: GatewayTls): Parameters<typeof createTlsServer>[0] {
  return {
    cert: tls.certificatePem,
    key: tls.privateKeyPem,
    minVersion: tls.minVersion ?? 'TLSv1.2',
    ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
    ...(tls.clientAuthorityPem === undefined
      ? {}
      : { ca: tls.clientAuthorityPem, requestCert: true, rejectUnauthorized: true }),
  };
}
