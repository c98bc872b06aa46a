import type { RouterConfig } from '../../../shared/model/config';
import type { ConnectionState } from '../../../shared/model/status';
import type { Connection } from '../gateway/connection';
import type { Message } from '../jsonrpc/scan';
import type { Clock, Timer } from '../ports';

import { destinationOf, leastBusy } from './lane-choice';

/** One connection of a session. */
export class Lane {
  /** Requests that were sent on it and are owed a reply. */
  inFlight = 0;
  /** Another connection takes its place: no new request is sent here, and it closes when it is empty. */
  isRetiring = false;
  wasUsed = false;
  idleTimer: Timer | undefined;

  constructor(
    /** Counts the connections of a session; never used again. */
    readonly number: number,
    connect: (lane: Lane) => Connection,
  ) {
    this.connection = connect(this);
  }

  readonly connection: Connection;

  get isReady(): boolean {
    return !this.isRetiring && this.connection.isReady;
  }
}

/** What the connections of a session depend on. */
export interface LanesParts {
  readonly connect: (lane: Lane) => Connection;
  readonly config: () => RouterConfig;
  readonly clock: Clock;
  /** False while the client opens its session: what another connection would have to repeat is not complete. */
  readonly canRepeat: () => boolean;
  /** True while the server at its other end waits for an answer of the client. */
  readonly isAsking: (lane: Lane) => boolean;
}

/**
 * The connections of one session (`gateway.connection.pool`). The first one is the session's own: it is always there,
 * and its state is the session's. Others come when all are busy, and go when nothing needs them. One that was renewed
 * stays until what was sent on it is settled; as each owes a reply, `local.max_concurrent_requests` bounds them.
 */
export class Lanes {
  private own: Lane;
  private readonly others = new Set<Lane>();
  private opened = 1;

  constructor(private readonly parts: LanesParts) {
    this.own = new Lane(1, parts.connect);
  }

  get first(): Lane {
    return this.own;
  }

  get state(): ConnectionState {
    return this.first.connection.state;
  }

  /** True when the client should not be read, because a wire is slower than it. */
  get isCongested(): boolean {
    if (this.first.connection.isCongested) return true;
    if (this.others.size === 0) return false;
    // Nothing new goes to one that is left, so that it must not hold up the others.
    for (const { connection, isRetiring } of this.others) {
      if (!isRetiring && connection.isCongested) return true;
    }
    return false;
  }

  /** True while the message would reach a wire. */
  isReadyFor(message: Message): boolean {
    if (this.first.isReady) return true;
    return this.others.size > 0 && destinationOf(message) !== 'first' && leastBusy(this.others) !== undefined;
  }

  /** The connection for a request; others are opened while all are busy. */
  laneFor(message: Message): Lane {
    const limit = poolLimit(this.parts.config());
    if (limit === 1 && this.others.size === 0) return this.first;
    if (destinationOf(message) !== 'any') return this.first;
    const lane = leastBusy(this.all) ?? this.first;
    if (lane.inFlight > 0 && this.others.size + 1 < limit && this.parts.canRepeat()) this.openAnother();
    lane.wasUsed = true;
    return lane;
  }

  /** Every connection on which something can be sent. */
  get ready(): readonly Lane[] {
    return [...this.all].filter(({ isReady }) => isReady);
  }

  /** How many connections there are at this moment, those that are left included. */
  get openCount(): number {
    return [...this.all].filter(({ connection }) => connection.state.name === 'connected').length;
  }

  pause(): void {
    for (const { connection } of this.all) connection.pause();
  }

  resume(): void {
    for (const { connection } of this.all) connection.resume();
  }

  /** The client opens its session anew: what repeats the old opening has to go. */
  retireOthers(): void {
    for (const lane of this.others) lane.isRetiring = true;
    this.closeRetired();
  }

  /** Something was settled. */
  closeRetired(): void {
    for (const lane of this.others) {
      if (!lane.isRetiring || lane.inFlight > 0) continue;
      // What cancelled the last request is still to be sent.
      queueMicrotask(() => void this.close(lane));
    }
  }

  /** Connects anew with the configuration of now; what is in flight is finished where it was sent. */
  renew(): void {
    const old = this.own;
    if (old.inFlight === 0) {
      old.connection.reconsider();
    } else {
      old.isRetiring = true;
      this.others.add(old);
      this.opened += 1;
      this.own = new Lane(this.opened, this.parts.connect);
      this.own.connection.open();
    }
    // The others come back when they are needed.
    this.retireOthers();
  }

  /** Says goodbye on all. */
  async closeAll(): Promise<void> {
    const others = [...this.others].map((lane) => this.close(lane));
    await Promise.all([this.first.connection.close(), ...others]);
  }

  private get all(): Iterable<Lane> {
    return this.others.size === 0 ? [this.first] : [this.first, ...this.others];
  }

  private openAnother(): void {
    this.opened += 1;
    const lane = new Lane(this.opened, this.parts.connect);
    this.others.add(lane);
    this.watch(lane);
    lane.connection.open();
  }

  /** One that nothing was sent on for the whole time, and that owes nothing, is not needed. */
  private watch(lane: Lane): void {
    const { idle_timeout_ms: idleMs } = this.parts.config().gateway.connection.pool;
    lane.idleTimer = this.parts.clock.after(idleMs, () => {
      if (!lane.wasUsed && lane.inFlight === 0 && !this.parts.isAsking(lane)) {
        void this.close(lane);
        return;
      }
      lane.wasUsed = false;
      this.watch(lane);
    });
  }

  private close(lane: Lane): Promise<void> {
    lane.idleTimer?.cancel();
    this.others.delete(lane);
    return lane.connection.close();
  }
}

/** Over HTTP each message is an exchange of its own anyway. */
function poolLimit({ gateway: { connection }, gateway_pool: { endpoints } }: RouterConfig): number {
  const { max_connections: limit } = connection.pool;
  if (limit === 1) return 1;
  const isSerial = endpoints.some(({ transport }) => transport === 'websocket' || transport === 'tcp');
  return isSerial ? limit : 1;
}
