import { randomUUID } from 'node:crypto';

import type { RouterConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import { KEEPER_LANE, type RouterFact } from '../../../shared/model/events';
import type { ConnectionState, SessionStatus } from '../../../shared/model/status';
import type { CredentialSources } from '../auth/credential-sources';
import { Connection, type ConnectionHandlers } from '../gateway/connection';
import { Endpoints } from '../gateway/endpoints';
import type { OpenTransport } from '../gateway/transports/transport';
import type { ClientLoad } from '../guard/fair-slots';
import { Guard, type RequestAudit } from '../guard/guard';
import type { EnginePorts } from '../ports';

import { Session, type Dismissal } from './session';
import type { ClientDoor } from './session-context';

/** What the router is made of. */
export interface RouterParts {
  readonly ports: EnginePorts;
  readonly config: () => RouterConfig;
  readonly open: OpenTransport;
  readonly credentials: CredentialSources;
  readonly publish: (fact: RouterFact) => void;
  /** False in a stdio bridge, whose one session proves the same. */
  readonly hasKeeper: boolean;
  readonly audit?: RequestAudit;
}

/** All sessions of the engine, and the keeper connection (design section 4). */
export class Router {
  private readonly sessions = new Map<string, Session>();
  private readonly keeperConnection: Connection;
  private readonly endpoints: Endpoints;
  private readonly guard: Guard;
  private isOn = false;
  private isStopping = false;
  private turn = 0;

  constructor(private readonly parts: RouterParts) {
    const { ports, config, credentials } = parts;
    this.guard = new Guard(config, ports.clock.now(), parts.audit);
    this.endpoints = new Endpoints({ ports, config, credentials });
    this.keeperConnection = this.connect(this.keeperHandlers());
  }

  get isSwitchedOn(): boolean {
    return this.isOn;
  }

  get keeper(): ConnectionState {
    return this.keeperConnection.state;
  }

  get sessionStatus(): readonly SessionStatus[] {
    return [...this.sessions.values()].map((session) => session.status());
  }

  /**
   * Gives a client a session and a lane of its own.
   *
   * @throws RouterError session-limit, shutting-down
   */
  openSession(door: ClientDoor): Session {
    const limit = this.parts.config().local.max_sessions;
    if (this.isStopping) throw new RouterError('shutting-down');
    const { ports, config, publish } = this.parts;
    if (this.sessions.size >= limit) {
      const refusal = { code: 'session-limit', detail: `limit ${String(limit)}` } as const;
      publish({ kind: 'session-refused', door: door.kind, ...refusal });
      throw new RouterError(refusal.code, refusal.detail);
    }
    const id = randomUUID().slice(0, 8);
    const session = new Session({
      id,
      door,
      ports,
      config,
      guard: this.guard,
      connect: (handlers) => this.connect(handlers),
      others: () => this.loadsBut(id),
      onReleased: () => {
        this.serveWaiting();
      },
      publish,
      onBlocked: (blocked) => {
        void this.letGo(blocked, 'blocked');
      },
      connectionHandlers: (lane) => this.connectionHandlers(lane),
    });
    this.sessions.set(session.id, session);
    this.guard.join(session.id, ports.clock.now());
    const owner = door.owner === undefined ? {} : { owner: door.owner };
    publish({ kind: 'session-opened', session: session.id, door: door.kind, ...owner });
    if (this.isConnecting) session.open();
    return session;
  }

  /** Drains one session and forgets it. */
  async closeSession(session: Session): Promise<void> {
    await session.close();
    this.forget(session);
  }

  /** Disconnects one client, and no other; false when there is none with this id. */
  dismissSession(id: string, why: Dismissal = 'disconnected'): boolean {
    const session = this.sessions.get(id);
    if (session === undefined) return false;
    void this.letGo(session, why);
    return true;
  }

  /** Connects the keeper and every lane; one that has failed tries again. */
  switchOn(): void {
    if (this.isStopping) return;
    const wasOn = this.isOn;
    this.isOn = true;
    if (!wasOn) this.parts.publish({ kind: 'switched', isOn: true });
    this.connectAll();
  }

  /** Whatever was switched on, nothing passes any more: what is in flight or waits fails once, clients stay attached. */
  async lockDown(): Promise<void> {
    this.guard.isLockedDown = true;
    const sessions = [...this.sessions.values()];
    await Promise.all([
      this.keeperConnection.close(),
      ...sessions.map((session) => session.switchOff('locked-down')),
    ]);
  }

  /** The lockdown is over: everything is again as it was switched. */
  release(): void {
    this.guard.isLockedDown = false;
    this.connectAll();
  }

  /** Disconnects everything; clients stay attached and are told why nothing goes through. */
  async switchOff(): Promise<void> {
    if (this.isOn) this.parts.publish({ kind: 'switched', isOn: false });
    this.isOn = false;
    const sessions = [...this.sessions.values()];
    await Promise.all([this.keeperConnection.close(), ...sessions.map((session) => session.switchOff())]);
  }

  /** The limits of the configuration of now hold for the next request, and who is blocked now has to go. */
  applyLimits(): void {
    this.guard.reload(this.parts.ports.clock.now());
    for (const session of this.sessions.values()) if (session.isBlocked) void this.letGo(session, 'blocked');
  }

  /** The configuration or a credential has changed: every connection is made anew, without losing a request. */
  async renew(): Promise<void> {
    this.applyLimits();
    this.endpoints.forget();
    if (!this.isConnecting) return;
    if (this.parts.hasKeeper) this.keeperConnection.reconsider();
    await Promise.all([...this.sessions.values()].map((session) => session.renew()));
  }

  /** Drains and closes everything for good. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const sessions = [...this.sessions.values()];
    await Promise.all([
      ...sessions.map((session) => this.closeSession(session)),
      this.keeperConnection.close(),
    ]);
    this.isOn = false;
  }

  private get isConnecting(): boolean {
    return this.isOn && !this.guard.isLockedDown;
  }

  private connectAll(): void {
    if (!this.isConnecting || this.isStopping) return;
    this.endpoints.forget();
    if (this.parts.hasKeeper) this.keeperConnection.openOrRetry();
    for (const session of this.sessions.values()) session.retry();
  }

  private async letGo(session: Session, why: Dismissal): Promise<void> {
    await session.dismiss(why);
    this.forget(session);
  }

  private forget(session: Session): void {
    this.sessions.delete(session.id);
    this.guard.leave(session.id);
    // What was kept for it is free.
    this.serveWaiting();
  }

  /** A slot is free: those who wait for one get it, who has least first, and equals in turn. */
  private serveWaiting(): void {
    const waiting = [...this.sessions.values()].filter(({ load }) => load.waiting > 0);
    if (waiting.length === 0) return;
    this.turn = (this.turn + 1) % waiting.length;
    const inTurn = [...waiting.slice(this.turn), ...waiting.slice(0, this.turn)];
    for (const session of inTurn.sort((one, other) => one.inFlight - other.inFlight)) session.drain();
  }

  private loadsBut(id: string): readonly ClientLoad[] {
    const loads: ClientLoad[] = [];
    for (const session of this.sessions.values()) if (session.id !== id) loads.push(session.load);
    return loads;
  }

  private connect(handlers: ConnectionHandlers): Connection {
    const { ports, config, open } = this.parts;
    return new Connection({ ports, config, open, endpoints: this.endpoints }, handlers);
  }

  private keeperHandlers(): ConnectionHandlers {
    return {
      ...this.connectionHandlers(KEEPER_LANE),
      prepare: () => Promise.resolve(),
      // Nobody waits for anything on this connection; what the other side sends there is for no client.
      onMessage: ({ payload }) => {
        this.dropOnKeeper(payload.length);
      },
      onUnreadable: (byteLength) => {
        this.dropOnKeeper(byteLength);
      },
      onRejected: () => undefined,
      onDrain: () => undefined,
    };
  }

  private dropOnKeeper(bytes: number): void {
    const reason = 'no client is on this connection';
    this.parts.publish({
      kind: 'message-dropped',
      session: KEEPER_LANE,
      direction: 'from-gateway',
      reason,
      bytes,
    });
  }

  private connectionHandlers(
    lane: string,
  ): Pick<ConnectionHandlers, 'onChange' | 'onCredential' | 'onFailure' | 'onFailOver'> {
    const { publish } = this.parts;
    return {
      onChange: (from, to) => {
        // Going on at another endpoint is an event of its own.
        if (from.name === to.name) return;
        const endpoint = to.name === 'connected' ? to.endpoint : undefined;
        const at = endpoint === undefined ? {} : { endpoint: new URL(endpoint).host };
        publish({ kind: 'connection-changed', lane, from: from.name, to: to.name, ...at });
      },
      onCredential: ({ inUse }) => {
        publish({ kind: 'credential-used', lane, credential: inUse });
      },
      onFailure: ({ code, detail }) => {
        publish({ kind: failureKind(code), lane, code, detail });
      },
      onFailOver: (from, to) => {
        publish({ kind: 'failed-over', lane, from: new URL(from).host, to: new URL(to).host });
      },
    };
  }
}

/** What is wrong with our side's proof of who we are. */
const AUTH_CODES = /^(auth-failed|oauth-refused|sign-in-needed)$|^(credential|keychain|client-certificate)-/;
const TRUST_CODES: ReadonlySet<RouterError['code']> = new Set<RouterError['code']>([
  'certificate-rejected',
  'pin-mismatch',
  'oauth-untrusted',
]);

function failureKind(
  code: RouterError['code'],
): 'auth-failed' | 'certificate-rejected' | 'connection-failed' {
  if (AUTH_CODES.test(code)) return 'auth-failed';
  return TRUST_CODES.has(code) ? 'certificate-rejected' : 'connection-failed';
}
