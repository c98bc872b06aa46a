import type { Alert } from '../../../shared/model/alerts';
import type { RouterConfig } from '../../../shared/model/config';
import type { RouterEvent } from '../../../shared/model/events';
import type { Lockdown } from '../../../shared/model/lockdown';
import {
  noCounts,
  type ConnectionState,
  type Counters,
  type CredentialInUse,
  type Degradation,
  type RouterStatus,
  type SessionStatus,
  type ShownState,
} from '../../../shared/model/status';
import { shownUrl } from '../../../shared/model/shown-url';
import type { Clock, Logger, Timer } from '../ports';

import { expiryDegradations } from './certificate-watch';
import { count } from './counters';
import { degradations, shownState, type ShownFacts } from './shown-state';

/** Where the board reads from. */
export interface StatusSource {
  readonly config: () => RouterConfig;
  readonly hasKeeper: boolean;
  readonly isSwitchedOn: () => boolean;
  readonly lockdown: () => Lockdown | null;
  readonly keeper: () => ConnectionState;
  readonly sessions: () => readonly SessionStatus[];
  /** What is wrong outside the engine. */
  readonly degradations: () => readonly Degradation[];
  readonly alerts: () => readonly Alert[];
  readonly metricsAddress: () => string | null;
}

/** At most ten snapshots per second (design section 5). */
const INTERVAL_MS = 100;

/** Snapshots with a growing revision, told to listeners at most ten times a second; one that throws stops nobody. */
export class StatusBoard {
  private readonly listeners = new Set<(status: RouterStatus) => void>();
  private counters: Counters = noCounts;
  private credential: CredentialInUse | null = null;
  private revision = 0;
  private shown: ShownState = 'disconnected';
  private shownSince: number;
  private timer: Timer | undefined;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly source: StatusSource,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.shownSince = clock.now();
  }

  /** Takes an event into the counters and lets the listeners know soon. */
  note(event: RouterEvent): void {
    this.counters = count(this.counters, event);
    if (event.kind === 'credential-used') this.credential = event.credential;
    this.scheduleTelling();
  }

  /** The state of this moment. */
  snapshot(): RouterStatus {
    const { config, hasKeeper, isSwitchedOn, keeper, sessions } = this.source;
    const lockdown = this.source.lockdown();
    const facts = {
      isLockedDown: lockdown !== null,
      isSwitchedOn: isSwitchedOn(),
      hasKeeper,
      keeper: keeper(),
      sessions: sessions(),
    };
    const found = [
      ...degradations(config(), facts),
      ...this.source.degradations(),
      ...expiryDegradations(
        [facts.keeper, ...facts.sessions.map(({ connection }) => connection)],
        this.clock.now(),
      ),
    ];
    const shown = shownState({ ...facts, degradations: found });
    if (shown.state !== this.shown) {
      this.shown = shown.state;
      this.shownSince = this.clock.now();
    }
    this.revision += 1;
    return {
      revision: this.revision,
      shown: shown.state,
      isSwitchedOn: facts.isSwitchedOn,
      shownSince: this.shownSince,
      gatewayUrl: addressInUse(facts) ?? shownUrl(config().gateway.url),
      keeper: facts.keeper,
      cause: shown.cause,
      lockdown,
      credential: this.credential,
      sessions: facts.sessions,
      blockedClients: config().local.blocked_clients,
      counters: this.counters,
      degradations: found,
      alerts: this.source.alerts(),
      metricsAddress: this.source.metricsAddress(),
    };
  }

  /** @returns ends the subscription; idempotent */
  subscribe(listener: (status: RouterStatus) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Stops telling; the last state is told at once. */
  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.tell();
    this.listeners.clear();
  }

  private scheduleTelling(): void {
    if (this.timer !== undefined || this.listeners.size === 0) return;
    const delayMs = Math.min(INTERVAL_MS, Math.max(0, this.toldAt + INTERVAL_MS - this.clock.now()));
    this.timer = this.clock.after(delayMs, () => {
      this.timer = undefined;
      this.tell();
    });
  }

  private tell(): void {
    this.toldAt = this.clock.now();
    if (this.listeners.size === 0) return;
    const status = this.snapshot();
    for (const listener of this.listeners) {
      try {
        listener(status);
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        this.logger.error('a status listener failed', { error: name });
      }
    }
  }
}

/** The keeper speaks for all; without one the first client does. */
function addressInUse({
  hasKeeper,
  keeper,
  sessions,
}: Pick<ShownFacts, 'hasKeeper' | 'keeper' | 'sessions'>): string | undefined {
  const lanes = hasKeeper ? [keeper] : sessions.map(({ connection }) => connection);
  return lanes.flatMap((lane) => (lane.name === 'connected' ? (lane.endpoint ?? []) : []))[0];
}
