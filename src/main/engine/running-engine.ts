import type { Readable, Writable } from 'node:stream';

import type { RouterConfig } from '../../shared/model/config';
import { RouterError } from '../../shared/model/errors';
import type { RouterEvent, RouterFact } from '../../shared/model/events';
import type { Lockdown } from '../../shared/model/lockdown';
import { changedKeys, withEffect } from '../../shared/model/setting-effects';
import type { FailureCause, RouterStatus } from '../../shared/model/status';

import { CredentialAges } from './auth/credential-age';
import { credentialSources, type CredentialSources } from './auth/credential-sources';
import { Overlaps } from './auth/overlap';
import { RollbackSource } from './auth/rollback-source';
import { tlsSettings } from './auth/tls';
import { framesLogged } from './gateway/frame-log';
import { openTransport } from './gateway/transports/open-transport';
import { openHttpAddress, type HttpListener } from './listeners/http-address';
import { listenOnSocket, type SocketListener } from './listeners/socket';
import { serveStream, type StreamServices } from './listeners/stream-door';
import type { Engine, EngineOptions } from './engine';
import { LockdownGate } from './lockdown-gate';
import type { MetricsDoor } from './metrics-door';
import { scopeDegradations, unusableDegradations } from './observe/shown-state';
import { AuditTrail } from './observe/audit-trail';
import { CertificateWatch } from './observe/certificate-watch';
import { DetectionWatch } from './observe/detection-watch';
import { EventBus } from './observe/event-bus';
import { logEvent } from './observe/event-log';
import { StatusBoard, type StatusSource } from './observe/status';
import type { EnginePorts, TokenHolders } from './ports';
import { proveHere } from './rotations';
import { Router } from './router/router';

/** The engine: joins what router, gateway side, listeners and observers need of each other. */
export class RunningEngine implements Engine {
  private readonly bus: EventBus;
  private readonly router: Router;
  private readonly board: StatusBoard;
  private readonly audit: AuditTrail;
  private readonly gate: LockdownGate;
  private readonly certificates: CertificateWatch;
  private readonly sockets: SocketListener[] = [];
  private http: HttpListener | undefined;
  private config: RouterConfig;
  private readonly credentials: CredentialSources<RollbackSource>;
  private readonly overlaps: Overlaps;
  private readonly ages: CredentialAges;
  /** Why what a changed file gives is not in use; null when it is. */
  private unusable: FailureCause | null = null;
  private readonly detection: DetectionWatch;
  private metrics: MetricsDoor | undefined;
  private mayServeMetrics = false;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly ports: EnginePorts,
    private readonly started: RouterConfig,
    private readonly options: EngineOptions,
  ) {
    const { hasKeeper } = options;
    const { clock, logger } = ports;
    this.config = started;
    const current = (): RouterConfig => this.config;
    this.bus = new EventBus(clock, logger);
    const publish = (fact: RouterFact): void => {
      this.publish(fact);
    };
    this.credentials = credentialSources(current, (config) => {
      const prove = proveHere(config, ports, (open) => this.gate.guarding(open));
      return new RollbackSource({ config, ports, prove, publish });
    });
    this.overlaps = new Overlaps({ ports, config: current, publish });
    this.ages = new CredentialAges({ ...ports, config: current, publish });
    this.audit = new AuditTrail({ ports, config: current, publish });
    this.gate = new LockdownGate({
      router: () => this.router,
      publish,
      forget: () => {
        this.forgetTokens();
      },
    });
    this.router = new Router({
      ports,
      config: current,
      open: this.gate.guarding(framesLogged(openTransport, current, ports)),
      credentials: this.credentials,
      publish,
      hasKeeper,
      audit: this.audit,
    });
    this.detection = new DetectionWatch({
      clock,
      settings: () => this.config.security.detection,
      isOnByDefault: hasKeeper,
      publish,
    });
    this.board = new StatusBoard(this.statusSource(), clock, logger);
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
    this.detection.look();
    this.lookAtStored();
    // Side by side: a renewal begins with the next request, however long the keychain takes for the audit log.
    const watching = Promise.all([this.audit.apply(), this.applyMetrics()]);
    if (renewing === 'if-needed' && withEffect(changed, 'reconnect').length === 0) {
      this.router.applyLimits();
      await watching;
      return;
    }
    this.unusable = null;
    await Promise.all([watching, this.router.renew()]);
  }

  async renewCredential(): Promise<void> {
    // Nothing is read that is not used: afterwards each connection reads it anew.
    if (this.gate.state !== null) return;
    this.lookAtStored();
    for (const source of this.sources) await source.lookAtSecrets();
    const problem = await this.credentialProblem();
    this.unusable = problem;
    if (problem !== null) {
      this.publish({ kind: 'credential-unusable', ...problem });
      return;
    }
    this.publish({ kind: 'credential-changed' });
    await this.router.renew();
  }

  async wake(): Promise<void> {
    if (this.gate.state !== null) return;
    this.ports.logger.info('the machine woke up: connections are made anew');
    await this.router.renew();
  }

  forgetTokens(): void {
    for (const source of this.sources) source.forget();
  }

  setLockdown(lockdown: Lockdown | null): Promise<void> {
    return this.gate.set(lockdown);
  }

  disconnectSession(id: string): boolean {
    return this.router.dismissSession(id);
  }

  publish(fact: RouterFact): void {
    const event = this.bus.publish(fact);
    // Not from listeners of the bus: every listener is to hear of this first.
    this.detection.take(event);
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

  async listenOnHttp(holders: TokenHolders): Promise<void> {
    const publish = this.publish.bind(this);
    this.http = await openHttpAddress({ ...this.services(), holders, publish });
    this.publish({ kind: 'listener-opened', door: 'http', address: this.http.address });
  }

  async serveMetrics(): Promise<void> {
    this.mayServeMetrics = true;
    await this.applyMetrics();
  }

  private async applyMetrics(): Promise<void> {
    if (!this.mayServeMetrics) return;
    if (this.metrics === undefined) {
      if (!(this.config.metrics.enabled ?? this.options.hasKeeper)) return;
      // Loaded only by who serves metrics: a client's own engine starts faster without.
      const { MetricsDoor: Door } = await import('./metrics-door');
      this.metrics ??= this.openMetrics(Door);
    }
    await this.metrics.apply();
  }

  private openMetrics(Door: typeof MetricsDoor): MetricsDoor {
    const door = new Door({
      ports: this.ports,
      config: () => this.config.metrics,
      isOnByDefault: this.options.hasKeeper,
      status: () => this.status(),
      publish: (fact) => {
        this.publish(fact);
      },
    });
    this.bus.subscribe((event) => {
      door.metrics.note(event);
    });
    return door;
  }

  private services(): StreamServices {
    const { clock, logger } = this.ports;
    return { router: this.router, local: () => this.config.local, clock, logger };
  }

  private statusSource(): StatusSource {
    const { hasKeeper, degradations = () => [] } = this.options;
    return {
      config: () => this.config,
      hasKeeper,
      isSwitchedOn: () => this.router.isSwitchedOn,
      lockdown: () => this.gate.state,
      keeper: () => this.router.keeper,
      sessions: () => this.router.sessionStatus,
      degradations: () => [
        ...degradations(),
        ...unusableDegradations(this.unusable),
        ...(this.metrics?.degradations() ?? []),
        ...this.sources.flatMap((one) => one.degradations()),
        ...this.ages.degradations(),
        ...this.sources.flatMap(({ missingScope }) => scopeDegradations(missingScope)),
      ],
      alerts: () => this.detection.alerts,
      metricsAddress: () => this.metrics?.address ?? null,
    };
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
    this.http?.stopAccepting();
    await Promise.all([this.router.stop(), ...this.sockets.map((socket) => socket.close())]);
    await Promise.all([this.metrics?.close(), this.http?.close()]);
    this.publish({ kind: 'engine-stopped' });
    this.detection.stop();
    await this.audit.close();
    this.certificates.stop();
    this.overlaps.stop();
    this.ages.stop();
    this.board.close();
  }
}
