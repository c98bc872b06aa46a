import type { MetricsConfig } from '../../shared/model/config';
import { RouterError } from '../../shared/model/errors';
import type { RouterFact } from '../../shared/model/events';
import { endpointText, labelsProblem, metricsEndpoint } from '../../shared/model/metrics-endpoint';
import type { MetricsEndpoint } from '../../shared/model/metrics-endpoint';
import type { Degradation, RouterStatus } from '../../shared/model/status';

import { listenForScrapes, type ScrapeListener } from './listeners/scrape';
import { metricsAuthorize, type Authorize } from './metrics-token';
import { health } from './observe/health';
import { Metrics } from './observe/metrics';
import type { EnginePorts, Timer } from './ports';

/** What the door needs. */
export interface MetricsDoorParts {
  readonly ports: EnginePorts;
  readonly config: () => MetricsConfig;
  /** Whether it is open when the configuration does not say. */
  readonly isOnByDefault: boolean;
  readonly status: () => RouterStatus;
  readonly publish: (fact: RouterFact) => void;
}

/** Another process may let go of the address. */
const RETRY_MS = 30_000;
/** One line about refused requests in this time is enough. */
const REMARK_MS = 60_000;

/** Keeps the address of the metrics open as the configuration of now has it. */
export class MetricsDoor {
  readonly metrics: Metrics;
  private readonly startedAt: number;
  private listener: ScrapeListener | undefined;
  /** What the open listener was opened with. */
  private boundTo = '';
  private authorize: Authorize = () => false;
  private problem: string | null = null;
  private retry: Timer | undefined;
  private remarkedAt = Number.NEGATIVE_INFINITY;
  private isOver = false;
  /** One change at a time. */
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly parts: MetricsDoorParts) {
    this.startedAt = parts.ports.clock.now();
    this.metrics = new Metrics(parts.status);
  }

  /** Null when it is not open. */
  get address(): string | null {
    return this.listener?.address ?? null;
  }

  degradations(): readonly Degradation[] {
    if (this.problem === null) return [];
    return [{ code: 'metrics-unavailable', text: `Metrics are not served: ${this.problem}.` }];
  }

  /** Opens, closes or changes it; what cannot be had is told by {@link degradations}, and traffic goes on. */
  apply(): Promise<void> {
    const applied = this.turn.then(() => this.applyOnce());
    this.turn = applied.catch(() => undefined);
    return applied;
  }

  close(): Promise<void> {
    this.isOver = true;
    return this.apply();
  }

  private async applyOnce(): Promise<void> {
    this.retry?.cancel();
    this.retry = undefined;
    const config = this.parts.config();
    if (this.isOver || !(config.enabled ?? this.parts.isOnByDefault)) {
      this.problem = null;
      await this.shut();
      return;
    }
    try {
      await this.openAs(config);
      this.problem = null;
    } catch (error) {
      // What is not as configured any more serves nobody: the address or the token would be the wrong one.
      await this.shut();
      this.fail(error, config);
    }
  }

  private async openAs(config: MetricsConfig): Promise<void> {
    const endpoint = metricsEndpoint(config.endpoint);
    if (endpoint === null) throw new RouterError('config-invalid', 'metrics.endpoint is no address');
    const problem = labelsProblem(config.labels);
    if (problem !== null) throw new RouterError('config-invalid', `metrics.labels ${problem}`);
    const authorize = await metricsAuthorize(config, this.parts.ports);
    if (authorize === null && !endpoint.isLocal) {
      throw new RouterError('config-invalid', 'metrics.endpoint is open to other machines and has no token');
    }
    this.metrics.setLabels(config.labels);
    const wanted = endpointText(endpoint.host, endpoint.port);
    const isOpen = this.listener !== undefined && this.boundTo === wanted;
    if (!isOpen) await this.shut();
    this.authorize = authorize ?? (() => true);
    if (isOpen) return;
    this.listener = await this.listen(endpoint);
    this.boundTo = wanted;
    this.parts.publish({ kind: 'listener-opened', door: 'metrics', address: this.listener.address });
  }

  private listen(endpoint: MetricsEndpoint): Promise<ScrapeListener> {
    const { ports, status } = this.parts;
    return listenForScrapes(endpoint, {
      metrics: () => this.metrics.text(),
      contentType: this.metrics.contentType,
      health: () => health(status(), ports.clock.now() - this.startedAt),
      isAuthorized: (authorization) => this.authorize(authorization),
      onRefused: (httpStatus) => {
        this.remark(httpStatus);
      },
      logger: ports.logger,
    });
  }

  private fail(error: unknown, { endpoint }: MetricsConfig): void {
    const { clock, logger } = this.parts.ports;
    const reason = reasonOf(error);
    const isNew = this.problem !== reason;
    this.problem = reason;
    // Once for as long as it stays the same; it is tried again and again.
    if (isNew) logger.warn('metrics are not served', { address: endpoint, reason });
    this.retry = clock.after(RETRY_MS, () => {
      void this.apply();
    });
  }

  private remark(httpStatus: number): void {
    const { clock, logger } = this.parts.ports;
    const now = clock.now();
    if (now < this.remarkedAt + REMARK_MS && now >= this.remarkedAt) return;
    this.remarkedAt = now;
    logger.warn('a request for metrics was refused', { httpStatus });
  }

  private async shut(): Promise<void> {
    const { listener } = this;
    this.listener = undefined;
    this.authorize = () => false;
    await listener?.close();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RouterError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return 'another program uses the address of metrics.endpoint';
    case 'EACCES':
      return 'this user may not use the port of metrics.endpoint';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'this machine does not have the address of metrics.endpoint';
    default:
      throw error;
  }
}
