import type { OversizeMessage } from '../jsonrpc/oversize';
import type { RequestMessage, ScanResult } from '../jsonrpc/scan';
import type { RouterConfig } from '../../../shared/model/config';
import { isFailedRequest, type RouterFact } from '../../../shared/model/events';
import type { ConnectionState, SessionStatus } from '../../../shared/model/status';
import type { Connection, ConnectionHandlers } from '../gateway/connection';
import type { ClientLoad } from '../guard/fair-slots';
import type { Guard } from '../guard/guard';
import type { EnginePorts } from '../ports';

import { claimedName } from './claimed-name';
import { DownLane } from './down-lane';
import { Handshake } from './handshake';
import { Lanes, type Lane } from './lanes';
import { ServerQuestions } from './server-questions';
import { refuseAttachment, type ClientDoor, type SessionContext } from './session-context';
import { UpLane } from './up-lane';

/** What a session is made of. */
export interface SessionParts {
  readonly id: string;
  readonly door: ClientDoor;
  readonly ports: EnginePorts;
  readonly config: () => RouterConfig;
  readonly guard: Guard;
  readonly connect: (handlers: ConnectionHandlers) => Connection;
  readonly others: SessionContext['others'];
  readonly onReleased: () => void;
  readonly publish: (fact: RouterFact) => void;
  /** It gave itself a name of `local.blocked_clients`. */
  readonly onBlocked: (session: Session) => void;
  /** Facts of the connection, which the keeper has as well. */
  readonly connectionHandlers: (
    lane: string,
  ) => Pick<ConnectionHandlers, 'onChange' | 'onCredential' | 'onFailure' | 'onFailOver'>;
}

/** Why a client is dismissed. */
export type Dismissal = Extract<RouterFact, { kind: 'session-dismissed' }>['reason'];

/** One client and its own connection to the gateway, with a lane in each direction. */
export class Session {
  private readonly handshake = new Handshake();
  private readonly lanes: Lanes;
  private readonly up: UpLane;
  private readonly down: DownLane;
  private readonly openedAt: number;
  private clientName: string | null = null;
  private failures = 0;
  /** Whoever waits for a lane to be empty looks again; there may be several. */
  private readonly emptyWaiters = new Set<() => void>();
  private renewing: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private isOver = false;
  private resolveDismissed: () => void = () => undefined;
  /** Resolves when the client was dismissed and let go of. */
  readonly dismissed = new Promise<void>((resolve) => {
    this.resolveDismissed = resolve;
  });

  constructor(private readonly parts: SessionParts) {
    const { id, door, ports, config, guard, connect, others, onReleased } = parts;
    this.openedAt = ports.clock.now();
    const questions = new ServerQuestions<Lane>();
    this.lanes = new Lanes({
      connect: (lane) => connect(this.connectionHandlers(lane)),
      config,
      clock: ports.clock,
      canRepeat: () => this.handshake.isSettled,
      isAsking: (lane) => questions.isAsking(lane),
    });
    const context: SessionContext = {
      id,
      door,
      ports,
      config,
      guard,
      others,
      onReleased,
      publish: (fact) => {
        if (isFailedRequest(fact)) this.failures += 1;
        parts.publish(fact);
      },
      lanes: this.lanes,
    };
    const onSettled = (): void => {
      this.lanes.closeRetired();
      this.checkEmpty();
    };
    this.up = new UpLane(context, {
      handshake: this.handshake,
      questions,
      onAnswer: (message) => {
        this.down.takeAnswer(message);
      },
      onInitialize: (message) => {
        this.noteName(message);
      },
      onSettled,
    });
    this.down = new DownLane(context, {
      handshake: this.handshake,
      pending: this.up.pending,
      questions,
      onSettled: () => {
        this.up.drain();
      },
    });
  }

  get id(): string {
    return this.parts.id;
  }

  /** Requests of this session that the gateway works on. */
  get inFlight(): number {
    return this.up.pending.sentCount;
  }

  /** What it has at the gateway, and what waits for a slot there. */
  get load(): ClientLoad {
    return this.up.load;
  }

  /** Starts to connect; until then messages wait. */
  open(): void {
    this.lanes.first.connection.open();
  }

  /** One line of the client, or what a scan found there. */
  takeLine(line: Buffer | ScanResult): void {
    this.up.take(line);
  }

  /** A line of the client that was too large to keep. */
  takeOversize(message: OversizeMessage): void {
    this.up.takeOversize(message);
  }

  /** The client reads again. */
  clientDrained(): void {
    this.lanes.resume();
  }

  /** Connects anew with the configuration of now; what is in flight is answered on the connection where it is. */
  renew(): Promise<void> {
    if (this.isClosing()) return Promise.resolve();
    // A second renewal that comes while the first one waits is the same: the dial reads what is valid then.
    this.renewing ??= this.renewOnce().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  /** Sends what waited for a free slot. */
  drain(): void {
    this.up.drain();
  }

  /** Connects if it is idle, and tries at once if it waits or has failed; not after its last goodbye. */
  retry(): void {
    if (!this.isOver) this.lanes.first.connection.openOrRetry();
  }

  /** Disconnects; what waits fails (with a code, what is in flight as well), and the client stays attached. */
  async switchOff(code?: UpLane['dismissal']): Promise<void> {
    if (code !== undefined) this.up.failAll(code);
    await this.lanes.closeAll();
  }

  /** Drains for a bounded time, answers what is still owed, says goodbye. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.drainAndClose();
    return this.closing;
  }

  /** True when it has a name of `local.blocked_clients`. */
  get isBlocked(): boolean {
    const { clientName } = this;
    return clientName !== null && this.parts.config().local.blocked_clients.includes(clientName);
  }

  /** Answers everything that is owed with an error, and lets go of the client at once. Idempotent. */
  dismiss(reason: Dismissal): Promise<void> {
    this.closing ??= this.letGo(reason);
    return this.closing;
  }

  /** A snapshot for people. */
  status(): SessionStatus {
    return {
      id: this.parts.id,
      door: this.parts.door.kind,
      owner: this.parts.door.owner ?? null,
      clientName: this.clientName,
      openedAt: this.openedAt,
      connection: this.lanes.state,
      openConnections: this.lanes.openCount,
      requests: this.up.requests,
      failures: this.failures,
      inFlight: this.inFlight,
      queued: this.up.queue.length,
    };
  }

  private isClosing(): boolean {
    return this.closing !== undefined;
  }

  private async renewOnce(): Promise<void> {
    this.up.mode = 'held';
    // Half an opening can neither be repeated nor go on elsewhere.
    await this.untilEmpty(() => !this.handshake.isOpening);
    if (this.isClosing()) return;
    this.up.failBound();
    this.lanes.renew();
    this.up.mode = 'open';
    // The client may have been held up by the old connection.
    this.parts.door.resumeInput();
    this.up.drain();
  }

  private async drainAndClose(): Promise<void> {
    this.up.mode = 'closing';
    this.up.failStanding();
    this.up.drain();
    await this.untilEmpty(() => this.up.pending.size === 0 && this.up.queue.length === 0);
    this.up.failQueued('shutting-down', '');
    this.up.failAllSent('request-timeout', 'MCP Router is stopping');
    this.isOver = true;
    this.up.close();
    await this.lanes.closeAll();
    await this.endDoor();
  }

  private async letGo(reason: Dismissal): Promise<void> {
    const { id, publish, door } = this.parts;
    publish({ kind: 'session-dismissed', session: id, reason });
    const code = `client-${reason}` as const;
    this.up.dismissal = code;
    this.isOver = true;
    this.up.failAll(code);
    this.up.close();
    const closed = this.lanes.closeAll();
    // The reply to what it has just asked goes first.
    await Promise.resolve();
    // A program that attaches for a client learns here that it must not come back by itself.
    if (door.kind === 'socket') refuseAttachment(door, code);
    await Promise.all([closed, this.endDoor()]);
    this.resolveDismissed();
  }

  private async endDoor(): Promise<void> {
    const { id, ports, publish, door } = this.parts;
    await door.end();
    const durationMs = Math.max(0, ports.clock.now() - this.openedAt);
    publish({ kind: 'session-closed', session: id, requests: this.up.requests, durationMs });
  }

  /** Waits for `isEmpty`, at most `local.drain_timeout_ms`. */
  private async untilEmpty(isEmpty: () => boolean): Promise<void> {
    if (isEmpty()) return;
    await new Promise<void>((resolve) => {
      const { clock } = this.parts.ports;
      const finish = (): void => {
        timer.cancel();
        this.emptyWaiters.delete(look);
        resolve();
      };
      const look = (): void => {
        if (isEmpty()) finish();
      };
      const timer = clock.after(this.parts.config().local.drain_timeout_ms, finish);
      this.emptyWaiters.add(look);
    });
  }

  private checkEmpty(): void {
    for (const look of this.emptyWaiters) look();
  }

  private noteName(message: RequestMessage): void {
    const claimed = claimedName(message);
    if (claimed === '' || claimed === this.clientName) return;
    this.clientName = claimed;
    this.parts.publish({ kind: 'session-named', session: this.parts.id, clientName: claimed });
    if (this.isBlocked) this.parts.onBlocked(this);
  }

  private connectionHandlers(lane: Lane): ConnectionHandlers {
    const { id, connectionHandlers } = this.parts;
    const shared = (): ReturnType<typeof connectionHandlers> =>
      connectionHandlers(lane === this.lanes.first ? id : `${id}#${String(lane.number)}`);
    return {
      prepare: (send, signal) => this.replayHandshake(send, signal),
      onMessage: (inbound) => {
        this.down.take(inbound, lane);
      },
      onUnreadable: (byteLength) => {
        this.down.drop('not a message of the gateway', byteLength);
      },
      onChange: (from, to) => {
        shared().onChange(from, to);
        this.followConnection(lane, from, to);
      },
      onCredential: (credential) => {
        shared().onCredential(credential);
      },
      onFailure: (cause) => {
        shared().onFailure(cause);
      },
      onFailOver: (from, to) => {
        shared().onFailOver(from, to);
      },
      onRejected: (message, rejection) => {
        this.up.takeBack(message, rejection);
      },
      onDrain: () => {
        this.parts.door.resumeInput();
        this.up.drain();
      },
    };
  }

  private async replayHandshake(
    send: Parameters<ConnectionHandlers['prepare']>[0],
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.parts.ports;
    const startedAt = clock.now();
    const timeoutMs = this.parts.config().local.request_timeout_ms;
    if (!(await this.handshake.replay(send, { clock, timeoutMs, signal }))) return;
    const durationMs = Math.max(0, clock.now() - startedAt);
    this.parts.publish({ kind: 'handshake-replayed', session: this.parts.id, durationMs });
  }

  private followConnection(lane: Lane, from: ConnectionState, to: ConnectionState): void {
    // Servers can ask while the session is opened again, too.
    if (to.name !== 'connected') this.down.forgetQuestions(lane);
    if (from.name === 'connected') {
      const detail = to.name === 'waiting' || to.name === 'failed' ? to.cause.detail : '';
      this.up.failSent(lane, 'gateway-lost', detail);
      this.parts.door.resumeInput();
    }
    if (to.name === 'connected') this.up.drain();
    else if (lane !== this.lanes.first) return;
    else if (to.name === 'failed') this.up.failQueued(to.cause.code, to.cause.detail);
    else if (to.name === 'idle') this.up.failQueued('not-connected', '');
  }
}
