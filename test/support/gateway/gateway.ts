import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { ServerOptions } from 'node:https';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import { ChangeSignal } from '../change-signal';
import { GatewayConnection } from './connection';
import { Faults } from './faults';
import { recordedUpgrade, Recording } from './recording';
import type { OutboundFrame } from './reply-faults';
import type { GatewayOptions, GatewaySettings, GatewayTls } from './settings';
import { gatewaySettings } from './settings';
import type { Admission } from './upgrade';
import { admit, refuseOnResponse, refuseOnSocket } from './upgrade';

/** Starts a double of the real gateway on 127.0.0.1; resolves when it listens. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = new Gateway(options);
  await gateway.restart();
  return gateway;
}

/** A running or stopped gateway. Recording, faults, port and numbering of connections outlive a restart. */
export class Gateway {
  readonly recording: Recording;
  readonly faults = new Faults();
  readonly #changes = new ChangeSignal();
  readonly #connections = new Set<GatewayConnection>();
  /** Connections whose servers may still have to be reaped. */
  readonly #unfinished = new Set<Promise<void>>();
  readonly #sockets = new Set<Socket>();
  #options: GatewayOptions;
  #settings: GatewaySettings;
  #server: Server | null = null;
  #port = 0;
  #connectionCount = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#settings = gatewaySettings(options);
    this.recording = new Recording(this.#settings.remembers);
  }

  get port(): number {
    return this.#port;
  }

  /** The address by number; certificates for tests should cover 127.0.0.1. */
  get url(): string {
    return this.urlFor('127.0.0.1');
  }

  urlFor(host: string): string {
    const scheme = this.#settings.tls === null ? 'ws' : 'wss';
    return `${scheme}://${host}:${this.#port}${this.#settings.path}`;
  }

  /** The open connections, oldest first. */
  get connections(): readonly GatewayConnection[] {
    return [...this.#connections];
  }

  /** Stops if running, then listens on the same port with the same options, changed by the given ones. */
  async restart(changes: GatewayOptions = {}): Promise<void> {
    await this.kill();
    this.#options = { ...this.#options, ...changes };
    this.#settings = gatewaySettings(this.#options);
    const server = this.#createServer();
    server.listen(this.#port === 0 ? this.#settings.port : this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
    this.#port = address.port;
    this.#server = server;
  }

  /** Changes options for later upgrades and messages without touching open connections. Not port, path or TLS. */
  reconfigure(changes: Omit<GatewayOptions, 'port' | 'path' | 'tls'>): void {
    this.#options = { ...this.#options, ...changes };
    this.#settings = gatewaySettings(this.#options);
  }

  /** Closes every connection with this code; 1006, the default, drops them without a close frame. */
  dropConnections(code = 1006, reason = ''): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }

  /** Sends a frame that answers nothing to every open connection. */
  broadcast(frame: OutboundFrame): void {
    for (const connection of this.#connections) connection.send(frame);
  }

  /** Resolves when the condition holds; it is looked at after each change that the gateway sees. */
  async until(name: string, condition: (gateway: this) => boolean, limitMs?: number): Promise<void> {
    return this.#changes.until(name, () => condition(this), limitMs);
  }

  /** Resolves when every connection of now is over and nothing of its servers is left. */
  async untilReaped(): Promise<void> {
    await Promise.all(this.#unfinished);
  }

  /** Ends as the real gateway does: sockets are dropped without a close frame. All servers are reaped. */
  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.close(1006);
    await this.#shutDown((socket) => socket.destroy());
  }

  /** Ends as a crash does: sockets are reset, servers are killed at once. */
  async kill(): Promise<void> {
    for (const connection of this.#connections) connection.hurry();
    // Node cannot reset a socket that says goodbye already, and would never call it closed.
    await this.#shutDown((socket) => (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy()));
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
    await this.untilReaped();
  }

  #createServer(): Server {
    const { tls } = this.#settings;
    const server = tls === null ? createHttpServer() : createHttpsServer(tlsOptions(tls));
    const webSockets = new WebSocketServer({
      noServer: true,
      autoPong: false,
      perMessageDeflate: false,
      maxPayload: this.#settings.maxMessageBytes,
    });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => socket.destroy());
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void this.#onUpgrade(webSockets, { request, socket, head });
    });
    server.on('request', (request, response) => {
      void this.#admit(request).then(({ admission }) => {
        if (admission.kind === 'refused') refuseOnResponse(response, admission);
        else if (admission.kind === 'crashed') response.destroy();
      });
    });
    return server;
  }

  async #onUpgrade(
    webSockets: WebSocketServer,
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  ): Promise<void> {
    const { admission, number } = await this.#admit(request);
    if (admission.kind === 'refused') refuseOnSocket(socket, admission);
    if (admission.kind === 'crashed') socket.destroy();
    if (number === null || socket.destroyed) return;
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new GatewayConnection(webSocket, {
        number,
        settings: () => this.#settings,
        faults: this.faults,
        recording: this.recording,
        changes: this.#changes,
      });
      this.#own(connection);
    });
  }

  /** The number is that of the new connection, null when there is none. */
  async #admit(
    request: IncomingMessage,
  ): Promise<{ readonly admission: Admission; readonly number: number | null }> {
    const admission = await admit(request, {
      settings: this.#settings,
      faults: this.faults,
      openConnections: this.#connections.size,
    });
    if (admission.kind === 'admitted') this.#connectionCount += 1;
    const number = admission.kind === 'admitted' ? this.#connectionCount : null;
    this.recording.addUpgrade(recordedUpgrade(request, admission, number));
    this.#changes.changed();
    return { admission, number };
  }

  #own(connection: GatewayConnection): void {
    this.#connections.add(connection);
    const finished = connection.closed
      .then(() => {
        this.#connections.delete(connection);
        this.#changes.changed();
        return connection.reaped();
      })
      .then(() => {
        this.#unfinished.delete(finished);
      });
    this.#unfinished.add(finished);
    this.#changes.changed();
  }
}

function tlsOptions(tls: GatewayTls): ServerOptions {
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
