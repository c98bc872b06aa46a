import type { Readable, Writable } from 'node:stream';

import type { RouterConfig } from '../../shared/model/config';
import { errorSentence, RouterError } from '../../shared/model/errors';
import type { RouterEvent, RouterFact } from '../../shared/model/events';
import { changedKeys, withEffect } from '../../shared/model/setting-effects';
import type { Degradation, FailureCause, RouterStatus } from '../../shared/model/status';

import { configuredSource } from './auth/configured-source';
import { CredentialAges } from './auth/credential-age';
import type { CredentialSlot } from './auth/credential-slot';
import { credentialSources, type CredentialSources } from './auth/credential-sources';
import { Overlaps } from './auth/overlap';
import { RollbackSource } from './auth/rollback-source';
import { createRotation, type Prove, type Rotation } from './auth/rotate';
import { tlsSettings } from './auth/tls';
import { proveCredential } from './gateway/prove';
import { openTransport } from './gateway/transports/open-transport';
import { listenOnSocket, type SocketListener } from './listeners/socket';
import { serveStream, type StreamServices } from './listeners/stream-door';
import { scopeDegradations } from './observe/shown-state';
import { AuditTrail } from './observe/audit-trail';
import { CertificateWatch } from './observe/certificate-watch';
import { EventBus } from './observe/event-bus';
import { logEvent } from './observe/event-log';
import { StatusBoard } from './observe/status';
import type { EnginePorts } from './ports';
import { Router } from './router/router';

export { previousEntry, nameOfPrevious, slotsOf, type CredentialSlot } from './auth/credential-slot';
export { resolveCredential } from './auth/credentials';
export type { Rotation } from './auth/rotate';
export { refuseStream } from './listeners/refusing-door';
export { signIn, signOut } from './auth/sign-in';
export type { SignedIn } from './auth/oauth-sign-in';
export { ANCHOR_KEY_NAME, anchorKey, storedKey } from './observe/audit-anchor';
export { openChain } from './observe/audit-chain';
export { ChainCheck, type ChainReport } from './observe/audit-check';
export { readRecord, type AuditFact, type AuditRecord } from './observe/audit-record';
export { chainParts } from './observe/audit-trail';
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
  /** Opens what must be there before the first request is taken: the audit log. Without it `start` opens it meanwhile. */
  ready(): Promise<void>;
  /** Switches on and says so. */
  start(): void;
  /** Drains, answers what is owed, closes; bounded and idempotent. */
  stop(): Promise<void>;
  /** Connects, or tries again at once what waits or has failed. */
  connect(): void;
  /** Disconnects and stays off; clients stay attached. */
  disconnect(): Promise<void>;
  /**
   * Uses another valid configuration, and no request is lost.
   *
   * @param renewing `if-needed` keeps connections when nothing that they depend on has changed; default `always`
   */
  reload(config: RouterConfig, source: string, renewing?: 'always' | 'if-needed'): Promise<void>;
  /**
   * A file or keychain entry of the credential or of TLS has changed: new connections are made with what it gives now.
   * If that cannot be used, connections stay as they are, and the status says so.
   */
  renewCredential(): Promise<void>;
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
  private readonly audit: AuditTrail;
  private readonly certificates: CertificateWatch;
  private readonly sockets: SocketListener[] = [];
  private config: RouterConfig;
  private readonly credentials: CredentialSources<RollbackSource>;
  private readonly overlaps: Overlaps;
  private readonly ages: CredentialAges;
  /** Why what a changed file gives is not in use; null when it is. */
  private unusable: FailureCause | null = null;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly ports: EnginePorts,
    private readonly started: RouterConfig,
    { hasKeeper, degradations = () => [] }: EngineOptions,
  ) {
    const { clock, logger } = ports;
    this.config = started;
    const current = (): RouterConfig => this.config;
    this.bus = new EventBus(clock, logger);
    const publish = (fact: RouterFact): void => {
      this.publish(fact);
    };
    this.credentials = credentialSources(current, (endpoint) => {
      const prove = proveWith(ports, endpoint);
      return new RollbackSource({ source: configuredSource(endpoint, ports), ports, prove, publish });
    });
    this.overlaps = new Overlaps({ ports, config: current, publish });
    this.ages = new CredentialAges({ clock, secrets: ports.secrets, config: current, publish });
    this.audit = new AuditTrail({ ports, config: current, publish });
    this.router = new Router({
      ports,
      config: current,
      open: openTransport,
      credentials: this.credentials,
      publish,
      hasKeeper,
      audit: this.audit,
    });
    const source = {
      config: current,
      hasKeeper,
      isSwitchedOn: () => this.router.isSwitchedOn,
      keeper: () => this.router.keeper,
      sessions: () => this.router.sessionStatus,
      degradations: () => [
        ...degradations(),
        ...this.audit.degradations(),
        ...unusableDegradations(this.unusable),
        ...this.sources.flatMap((one) => one.degradations()),
        ...this.ages.degradations(),
        ...this.sources.flatMap(({ missingScope }) => scopeDegradations(missingScope)),
      ],
    };
    this.board = new StatusBoard(source, clock, logger);
    this.certificates = new CertificateWatch({
      clock,
      connections: () => [
        this.router.keeper,
        ...this.router.sessionStatus.map(({ connection }) => connection),
      ],
      publish,
    });
    this.bus.subscribe((event) => {
      logEvent(logger, event);
      this.audit.take(event);
    });
    this.bus.subscribe((event) => {
      this.board.note(event);
    });
  }

  ready(): Promise<void> {
    return this.audit.apply();
  }

  start(): void {
    void this.ready();
    this.publish({ kind: 'engine-started' });
    this.router.switchOn();
    this.lookAtStored();
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

  async reload(
    next: RouterConfig,
    source: string,
    renewing: 'always' | 'if-needed' = 'always',
  ): Promise<void> {
    const changed = changedKeys(this.config, next);
    const waiting = withEffect(changedKeys(this.started, next), 'restart');
    this.config = next;
    this.publish({ kind: 'config-applied', source, changed, waiting });
    await this.audit.apply();
    this.lookAtStored();
    if (renewing === 'if-needed' && withEffect(changed, 'reconnect').length === 0) {
      this.router.applyLimits();
      return;
    }
    this.unusable = null;
    await this.router.renew();
  }

  async renewCredential(): Promise<void> {
    this.lookAtStored();
    const problem = await this.credentialProblem();
    this.unusable = problem;
    if (problem !== null) {
      this.publish({ kind: 'credential-unusable', ...problem });
      return;
    }
    this.publish({ kind: 'credential-changed' });
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
    return { router: this.router, local: () => this.config.local, clock, logger };
  }

  private lookAtStored(): void {
    void Promise.all([this.overlaps.look(), this.ages.look()]).catch((error: unknown) => {
      const text = error instanceof Error ? error.stack : String(error);
      this.ports.logger.error('looking after stored credentials failed by a mistake of ours', {
        error: text,
      });
    });
  }

  /** Those of the endpoints of now. */
  private get sources(): readonly RollbackSource[] {
    return [...new Set(this.config.gateway_pool.endpoints.map(({ auth }) => this.credentials(auth)))];
  }

  /** Reads everything that a new connection would read. */
  private async credentialProblem(): Promise<FailureCause | null> {
    const { config, ports } = this;
    try {
      for (const source of this.sources) await source.current(new AbortController().signal);
      for (const gateway of config.gateway_pool.endpoints) {
        await tlsSettings({ ...config, gateway }, new URL(gateway.url).hostname, ports);
      }
      return null;
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      return { code: error.code, detail: error.detail };
    }
  }

  private async stopOnce(): Promise<void> {
    await Promise.all([this.router.stop(), ...this.sockets.map((socket) => socket.close())]);
    this.publish({ kind: 'engine-stopped' });
    await this.audit.close();
    this.certificates.stop();
    this.overlaps.stop();
    this.ages.stop();
    this.board.close();
  }
}

const unusableDegradations = (cause: FailureCause | null): readonly Degradation[] =>
  cause === null ? [] : [{ code: 'credential-unusable', text: errorSentence(cause.code, cause.detail) }];

const proveWith =
  (ports: EnginePorts, config: () => RouterConfig): Prove =>
  (credential, signal) =>
    proveCredential({ ports, config: config(), open: openTransport }, credential, signal);

/** Prepares the rotation of the credential in that slot; it needs no running engine. */
export function rotationOf(slot: CredentialSlot, ports: EnginePorts, config: RouterConfig): Rotation {
  const { clock, locks, mask } = ports;
  const overlapMinutes = config.security.rotation_overlap_minutes;
  return createRotation({ slot, prove: proveWith(ports, () => config), clock, locks, mask, overlapMinutes });
}
