import type { Readable, Writable } from 'node:stream';

import type { RouterConfig } from '../../shared/model/config';
import type { RouterEvent, RouterFact } from '../../shared/model/events';
import type { Degradation, RouterStatus } from '../../shared/model/status';

import { configuredSource } from './auth/configured-source';
import { openTransport } from './gateway/transports/open-transport';
import { listenOnSocket, type SocketListener } from './listeners/socket';
import { serveStream, type StreamServices } from './listeners/stream-door';
import { MetricsDoor } from './metrics-door';
import { scopeDegradations } from './observe/shown-state';
import { CertificateWatch } from './observe/certificate-watch';
import { EventBus } from './observe/event-bus';
import { logEvent } from './observe/event-log';
import { StatusBoard } from './observe/status';
import type { EnginePorts } from './ports';
import { Router } from './router/router';

export { refuseStream } from './listeners/refusing-door';
export { signIn, signOut } from './auth/sign-in';
export type { SignedIn } from './auth/oauth-sign-in';
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
  /** Serves metrics as the configuration has it, now and after each reload; what cannot be had degrades. */
  serveMetrics(): Promise<void>;
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
  private metrics: MetricsDoor | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly ports: EnginePorts,
    private config: RouterConfig,
    private readonly options: EngineOptions,
  ) {
    const { hasKeeper, degradations = () => [] } = options;
    const { clock, logger } = ports;
    const current = (): RouterConfig => this.config;
    const credentials = configuredSource(current, ports);
    this.bus = new EventBus(clock, logger);
    this.router = new Router({
      ports,
      config: current,
      open: openTransport,
      credentials,
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
      degradations: () => [
        ...degradations(),
        ...(this.metrics?.degradations() ?? []),
        ...scopeDegradations(credentials.missingScope),
      ],
      metricsAddress: () => this.metrics?.address ?? null,
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
    await Promise.all([this.metrics?.apply(), this.router.renew()]);
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

  async serveMetrics(): Promise<void> {
    if (this.metrics === undefined) {
      const door = new MetricsDoor({
        ports: this.ports,
        config: () => this.config.metrics,
        isOnByDefault: this.options.hasKeeper,
        status: () => this.status(),
        publish: (fact) => {
          this.publish(fact);
        },
      });
      this.metrics = door;
      this.bus.subscribe((event) => {
        door.metrics.note(event);
      });
    }
    await this.metrics.apply();
  }

  private services(): StreamServices {
    const { clock, logger } = this.ports;
    return { router: this.router, local: () => this.config.local, clock, logger };
  }

  private async stopOnce(): Promise<void> {
    await Promise.all([this.router.stop(), ...this.sockets.map((socket) => socket.close())]);
    await this.metrics?.close();
    this.publish({ kind: 'engine-stopped' });
    this.certificates.stop();
    this.board.close();
  }
}
