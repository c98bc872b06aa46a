import type { Readable, Writable } from 'node:stream';

import type { RouterConfig } from '../../shared/model/config';
import type { RouterEvent, RouterFact } from '../../shared/model/events';
import type { Degradation, RouterStatus } from '../../shared/model/status';

import { bearerSource } from './auth/credential-source';
import { credentialSources } from './auth/credential-sources';
import { openTransport } from './gateway/transports/open-transport';
import { listenOnSocket, type SocketListener } from './listeners/socket';
import { serveStream, type StreamServices } from './listeners/stream-door';
import { CertificateWatch } from './observe/certificate-watch';
import { EventBus } from './observe/event-bus';
import { logEvent } from './observe/event-log';
import { StatusBoard } from './observe/status';
import type { EnginePorts } from './ports';
import { Router } from './router/router';

export { refuseStream } from './listeners/refusing-door';
export type { EnginePorts } from './ports';

/** How the engine is used. */
export interface EngineOptions {
  /** Keep one connection of its own, so that "connected" is proven without clients: the app and `serve`. */
  readonly hasKeeper: boolean;
  /** What is wrong outside the engine, such as a log that cannot be written. */
  readonly degradations?: () => readonly Degradation[];
}

/** The product: clients on one side, the gateway on the other. */
export interface Engine {
  /** Switches on and says so. */
  start(): void;
  /** Drains, answers what is owed, closes; bounded and idempotent. */
  stop(): Promise<void>;
  /** Connects, or tries again at once what waits or has failed. */
  connect(): void;
  /** Disconnects and stays off; clients stay attached. */
  disconnect(): Promise<void>;
  /** Uses another valid configuration; new connections are made with it, and no request is lost. */
  reload(config: RouterConfig, source: string): Promise<void>;
  /** A fact from outside the engine that belongs into its story. */
  publish(fact: RouterFact): void;
  status(): RouterStatus;
  onEvent(listener: (event: RouterEvent) => void): () => void;
  /** Snapshots, at most ten a second. */
  onStatus(listener: (status: RouterStatus) => void): () => void;
  /** Serves one client over two streams; resolves when it has left. Throws RouterError session-limit. */
  serveStdio(input: Readable, output: Writable): Promise<void>;
  /** Serves clients on a local socket whose folder only this user may enter. Throws the system's error. */
  listenOnSocket(path: string): Promise<void>;
}

/** Builds an engine that does nothing yet. */
export function createEngine(ports: EnginePorts, initial: RouterConfig, options: EngineOptions): Engine {
  return new RunningEngine(ports, initial, options);
}

class RunningEngine implements Engine {
  private readonly bus: EventBus;
  private readonly router: Router;
  private readonly board: StatusBoard;
  private readonly certificates: CertificateWatch;
  private readonly sockets: SocketListener[] = [];
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly ports: EnginePorts,
    private config: RouterConfig,
    { hasKeeper, degradations = () => [] }: EngineOptions,
  ) {
    const { clock, logger } = ports;
    const current = (): RouterConfig => this.config;
    this.bus = new EventBus(clock, logger);
    this.router = new Router({
      ports,
      config: current,
      open: openTransport,
      credentials: credentialSources(current, (config) => bearerSource(config, ports)),
      publish: (fact) => {
        this.publish(fact);
      },
      hasKeeper,
    });
    const source = {
      config: current,
      hasKeeper,
      isSwitchedOn: () => this.router.isSwitchedOn,
      keeper: () => this.router.keeper,
      sessions: () => this.router.sessionStatus,
      degradations,
    };
    this.board = new StatusBoard(source, clock, logger);
    this.certificates = new CertificateWatch({
      clock,
      connections: () => [
        this.router.keeper,
        ...this.router.sessionStatus.map(({ connection }) => connection),
      ],
      publish: (fact) => {
        this.publish(fact);
      },
    });
    this.bus.subscribe((event) => {
      logEvent(logger, event);
    });
    this.bus.subscribe((event) => {
      this.board.note(event);
    });
  }

  start(): void {
    this.publish({ kind: 'engine-started' });
    this.router.switchOn();
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  connect(): void {
    this.router.switchOn();
  }

  disconnect(): Promise<void> {
    return this.router.switchOff();
  }

  async reload(next: RouterConfig, source: string): Promise<void> {
    this.config = next;
    this.publish({ kind: 'config-applied', source });
    await this.router.renew();
  }

  publish(fact: RouterFact): void {
    this.bus.publish(fact);
    // Not from a listener of the bus: every listener is to hear of the connection first.
    if (fact.kind === 'connection-changed' && fact.to === 'connected') this.certificates.look();
  }

  status(): RouterStatus {
    return this.board.snapshot();
  }

  onEvent(listener: (event: RouterEvent) => void): () => void {
    return this.bus.subscribe(listener);
  }

  onStatus(listener: (status: RouterStatus) => void): () => void {
    return this.board.subscribe(listener);
  }

  serveStdio(input: Readable, output: Writable): Promise<void> {
    return serveStream({ kind: 'stdio', input, output }, this.services());
  }

  async listenOnSocket(path: string): Promise<void> {
    this.sockets.push(await listenOnSocket(path, this.services()));
    this.publish({ kind: 'listener-opened', door: 'socket', address: path });
  }

  private services(): StreamServices {
    const { clock, logger } = this.ports;
    return { router: this.router, local: this.config.local, clock, logger };
  }

  private async stopOnce(): Promise<void> {
    await Promise.all([this.router.stop(), ...this.sockets.map((socket) => socket.close())]);
    this.publish({ kind: 'engine-stopped' });
    this.certificates.stop();
    this.board.close();
  }
}
