import type { RouterConfig } from '../../../shared/model/config';
import { assertNever } from '../../../shared/model/errors';
import type { ConnectionState, FailureCause } from '../../../shared/model/status';
import { shownUrl } from '../../../shared/model/shown-url';
import type { Credential } from '../auth/credentials';
import type { Message } from '../jsonrpc/scan';
import type { EnginePorts, Timer } from '../ports';

import { retryDelayMs } from './backoff';
import {
  hasLasted,
  initialLink,
  transition,
  type LinkEffect,
  type LinkEvent,
  type LinkState,
} from './connection-state';
import { dialEndpoint } from './dial';
import { dialFailure } from './dial-failure';
import type { Endpoints, EndpointUse } from './endpoints';
import type { Inbound, OpenTransport, Rejection, Transport, TransportHandlers } from './transports/transport';

/** What a connection tells its owner. */
export interface ConnectionHandlers {
  /** Runs on every new transport before it counts as connected; a rejection counts as a failed dial. */
  prepare(send: Transport['send'], signal: AbortSignal): Promise<void>;
  onMessage(inbound: Inbound): void;
  onUnreadable(byteLength: number): void;
  /** After the state has changed. `from` lets the owner see a loss. */
  onChange(from: ConnectionState, to: ConnectionState): void;
  onCredential(credential: Credential): void;
  onFailure(cause: FailureCause): void;
  /** It goes on at another endpoint; both are addresses. */
  onFailOver(from: string, to: string): void;
  /** The other side said that it did not process this message. */
  onRejected(message: Message, rejection: Rejection): void;
  onDrain(): void;
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly ports: EnginePorts;
  /** Shared by all connections of the engine. */
  readonly endpoints: Endpoints;
  readonly open: OpenTransport;
  /** Read on every dial, so that a reload takes effect with the next one. */
  readonly config: () => RouterConfig;
}

/** One dial or open transport; an outdated one is told apart by identity. */
interface Attempt {
  readonly abort: AbortController;
  transport: Transport | undefined;
  use: EndpointUse | undefined;
  /** Runs until an open connection has lasted long enough to be a good one. */
  proof: Timer | undefined;
}

/** One connection to the gateway that keeps itself alive: performs what `transition` decides. */
export class Connection {
  private link: LinkState = initialLink;
  private attempt: Attempt | undefined;
  private retryTimer: Timer | undefined;
  private farewell: Promise<void> = Promise.resolve();
  /** Endpoints, by address, that failed since this connection last waited. */
  private readonly tried = new Set<string>();
  private failedAt: string | undefined;

  constructor(
    private readonly parts: ConnectionParts,
    private readonly handlers: ConnectionHandlers,
  ) {}

  get state(): ConnectionState {
    return this.link.connection;
  }

  /** True when the client should not be read, because the wire is slower than it. */
  get isCongested(): boolean {
    return this.attempt?.transport?.isCongested ?? false;
  }

  /** Connects, and keeps trying until {@link close}. */
  open(): void {
    this.apply({ kind: 'switched-on', now: this.now() });
  }

  /** Connects if it is idle, and tries at once if it waits or has failed. */
  openOrRetry(): void {
    const { name } = this.state;
    if (name === 'idle' || name === 'closing') this.open();
    else if (name === 'waiting' || name === 'failed') this.reconsider();
  }

  /** Drops what is there and dials anew, with the configuration and credential of this moment. */
  reconsider(): void {
    this.apply({ kind: 'reconsidered', now: this.now() });
  }

  /** Says goodbye and stays idle; resolves when the transport is gone. */
  async close(): Promise<void> {
    this.apply({ kind: 'switched-off' });
    await this.farewell;
  }

  /** True while {@link send} reaches the wire. */
  get isReady(): boolean {
    return this.link.connection.name === 'connected' && this.openTransportOfNow !== undefined;
  }

  /** Sends on a connected transport. Nothing is sent in any other state. */
  send(message: Message): 'sent' | 'too-large' | 'not-connected' {
    return this.link.connection.name === 'connected' ? this.respond(message) : 'not-connected';
  }

  /**
   * Answers the other side. Unlike requests, answers may go while the connection is still being prepared: whoever asked
   * waits at the other end of this transport and of no other.
   */
  respond(message: Message): 'sent' | 'too-large' | 'not-connected' {
    return this.openTransportOfNow?.send(message) ?? 'not-connected';
  }

  /** Nobody waits for the reply to the request with this key any more. */
  abandon(key: string): void {
    this.attempt?.transport?.abandon?.(key);
  }

  pause(): void {
    this.attempt?.transport?.pause();
  }

  resume(): void {
    this.attempt?.transport?.resume();
  }

  private get openTransportOfNow(): Transport | undefined {
    const transport = this.attempt?.transport;
    return transport?.isOpen === true ? transport : undefined;
  }

  private now(): number {
    return this.parts.ports.clock.now();
  }

  private apply(event: LinkEvent): void {
    const from = this.link.connection;
    const { state, effects } = transition(this.link, event);
    this.link = state;
    for (const effect of effects) this.perform(effect);
    if (state.connection !== from) this.handlers.onChange(from, state.connection);
  }

  private perform(effect: LinkEffect): void {
    switch (effect) {
      case 'dial':
        this.dial();
        return;
      case 'abandon-dial':
      case 'close-transport':
        this.leave();
        return;
      case 'start-retry-timer':
        this.startRetryTimer();
        return;
      case 'stop-retry-timer':
        this.retryTimer?.cancel();
        return;
      default:
        assertNever(effect);
    }
  }

  /** Gives up the current attempt; what it still does is ignored from here on. */
  private leave(): void {
    const left = this.attempt;
    this.attempt = undefined;
    this.tried.clear();
    this.failedAt = undefined;
    left?.abort.abort();
    left?.proof?.cancel();
    left?.use?.release();
    this.farewell = Promise.all([this.farewell, left?.transport?.close()]).then(() => {
      this.apply({ kind: 'closed' });
    });
  }

  private startRetryTimer(): void {
    const { connection } = this.link;
    if (connection.name !== 'waiting') return;
    this.retryTimer = this.parts.ports.clock.after(connection.retryAt - this.now(), () => {
      this.apply({ kind: 'retry-due', now: this.now() });
    });
  }

  private dial(): void {
    const abort = new AbortController();
    const attempt: Attempt = { abort, transport: undefined, use: undefined, proof: undefined };
    this.attempt = attempt;
    void this.openTransport(attempt).catch((error: unknown) => {
      const cause = dialFailure(error);
      if (cause.code === 'internal' && error instanceof Error) {
        this.parts.ports.logger.error('connecting failed by a mistake of ours', { error: error.stack });
      }
      // What fails on an open transport is the client's session, not the endpoint.
      if (attempt.transport?.isOpen === true) attempt.use?.release();
      this.breakDown(attempt, cause);
    });
  }

  private async openTransport(attempt: Attempt): Promise<void> {
    const { ports, open, config, endpoints } = this.parts;
    const { signal } = attempt.abort;
    const isWanted = (): boolean => this.attempt === attempt;
    const use = await endpoints.pick(this.tried, signal);
    if (!isWanted()) {
      use.release();
      return;
    }
    attempt.use = use;
    this.tellFailOver(use);
    const { onCredential } = this.handlers;
    const transport = await dialEndpoint(
      { ports, open, config, use, signal, isWanted, onCredential },
      this.transportHandlers(attempt),
    );
    if (!isWanted()) {
      await transport?.close();
      return;
    }
    if (transport === undefined) return;
    attempt.transport = transport;
    use.accepted();
    await this.handlers.prepare((message) => transport.send(message), signal);
    if (!isWanted()) return;
    this.tried.clear();
    attempt.proof = ports.clock.after(config().gateway.connection.reconnect.initial_delay_ms, () => {
      use.lasted();
    });
    const endpoint = shownUrl(use.endpoint.url);
    this.apply({ kind: 'opened', now: this.now(), tls: transport.tls, endpoint });
  }

  private tellFailOver({ endpoint: { url } }: EndpointUse): void {
    const from = this.failedAt;
    this.failedAt = undefined;
    if (from !== undefined && from !== url) this.handlers.onFailOver(from, url);
  }

  private transportHandlers(attempt: Attempt): TransportHandlers {
    const ifCurrent = (act: () => void): void => {
      if (this.attempt === attempt) act();
    };
    return {
      onMessage: (inbound) => {
        ifCurrent(() => {
          this.handlers.onMessage(inbound);
        });
      },
      onUnreadable: (byteLength) => {
        ifCurrent(() => {
          this.handlers.onUnreadable(byteLength);
        });
      },
      onRejected: (message, rejection) => {
        ifCurrent(() => {
          this.handlers.onRejected(message, rejection);
        });
      },
      onDrain: () => {
        ifCurrent(this.handlers.onDrain);
      },
      onClose: (cause) => {
        this.breakDown(attempt, cause);
      },
    };
  }

  /** The dial failed or the transport broke; an attempt that was given up changes nothing any more. */
  private breakDown(attempt: Attempt, cause: FailureCause): void {
    if (this.attempt !== attempt) return;
    this.attempt = undefined;
    attempt.abort.abort();
    attempt.proof?.cancel();
    void attempt.transport?.close();
    attempt.use?.failed(cause);
    const { reconnect } = this.parts.config().gateway.connection;
    const { initial_delay_ms: stableAfterMs, max_attempts: maxAttempts } = reconnect;
    const now = this.now();
    const wasGood = hasLasted(this.link, now, stableAfterMs);
    const failures = wasGood ? 1 : this.link.failures + 1;
    // A session that the other side forgot is opened anew at once: nothing is wrong with the way there.
    const isForgotten = cause.code === 'session-ended' && wasGood;
    const backOffMs = isForgotten ? 0 : retryDelayMs(failures, reconnect, this.parts.ports.random());
    const delayMs = Math.max(backOffMs, cause.retryAfterMs ?? 0);
    const { verdict, because } = isForgotten
      ? ({ verdict: 'wait', because: cause } as const)
      : this.judge(attempt.use?.endpoint.url, cause, wasGood);
    this.handlers.onFailure(cause);
    this.apply({ kind: 'broke', now, cause: because, verdict, delayMs, maxAttempts, stableAfterMs });
  }

  /** What comes next: another endpoint at once, a rest, or nothing. */
  private judge(
    url: string | undefined,
    cause: FailureCause,
    wasGood: boolean,
  ): { readonly verdict: 'wait' | 'fail-over' | 'give-up'; readonly because: FailureCause } {
    const { endpoints } = this.parts;
    if (url !== undefined) this.tried.add(url);
    const outlook = endpoints.outlook(this.tried);
    // One that was good until now may be tried again at once, too: a gateway that restarts is soon back.
    if (outlook.kind !== 'use' || wasGood) this.tried.clear();
    if (outlook.kind === 'all-refused') return { verdict: 'give-up', because: outlook.cause };
    if (outlook.kind === 'wait') return { verdict: 'wait', because: cause };
    this.failedAt = url;
    return { verdict: 'fail-over', because: cause };
  }
}
