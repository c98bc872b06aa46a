import type { RouterConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { ConnectionState, FailureCause } from '../../../shared/model/status';
import type { CredentialSource } from '../auth/credential-source';
import type { Credential } from '../auth/credentials';
import { requireFips } from '../auth/fips';
import { resolveProxy } from '../auth/proxy';
import type { ProxyFor } from '../auth/proxy-tunnel';
import { tlsSettings, type TlsSettings } from '../auth/tls';
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
import { dialFailure } from './dial-failure';
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
  /** The other side said that it did not process this message. */
  onRejected(message: Message, rejection: Rejection): void;
  onDrain(): void;
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly ports: EnginePorts;
  readonly credentials: CredentialSource;
  readonly open: OpenTransport;
  /** Read on every dial, so that a reload takes effect with the next one. */
  readonly config: () => RouterConfig;
}

/** One dial or open transport; an outdated one is told apart by identity. */
interface Attempt {
  readonly abort: AbortController;
  transport: Transport | undefined;
}

/** One connection to the gateway that keeps itself alive: performs what `transition` decides. */
export class Connection {
  private link: LinkState = initialLink;
  private attempt: Attempt | undefined;
  private retryTimer: Timer | undefined;
  private farewell: Promise<void> = Promise.resolve();

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
    left?.abort.abort();
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
    const attempt: Attempt = { abort: new AbortController(), transport: undefined };
    this.attempt = attempt;
    void this.openTransport(attempt).catch((error: unknown) => {
      const cause = dialFailure(error);
      if (cause.code === 'internal' && error instanceof Error) {
        this.parts.ports.logger.error('connecting failed by a mistake of ours', { error: error.stack });
      }
      this.breakDown(attempt, cause);
    });
  }

  private async openTransport(attempt: Attempt): Promise<void> {
    const { signal } = attempt.abort;
    if (this.parts.config().advanced.compliance.fips_mode) requireFips();
    const credential = await this.parts.credentials.current(signal);
    if (this.attempt !== attempt) return;
    const transport = await this.openRenewing(attempt, credential);
    if (this.attempt !== attempt) {
      await transport?.close();
      return;
    }
    if (transport === undefined) return;
    attempt.transport = transport;
    await this.handlers.prepare((message) => transport.send(message), signal);
    if (this.attempt === attempt) this.apply({ kind: 'opened', now: this.now(), tls: transport.tls });
  }

  /** Opens with this credential, and once more with a newer one if it is refused and there is a newer one. */
  private async openRenewing(
    attempt: Attempt,
    credential: Credential | null,
  ): Promise<Transport | undefined> {
    try {
      return await this.openWith(attempt, credential);
    } catch (error) {
      if (credential === null || dialFailure(error).code !== 'auth-failed') throw error;
      const renewed = await this.parts.credentials.renewed(credential, attempt.abort.signal);
      if (renewed === null) throw this.refusedForGood(error);
      return this.attempt === attempt ? await this.openRenewed(attempt, renewed) : undefined;
    }
  }

  private async openRenewed(attempt: Attempt, renewed: Credential): Promise<Transport> {
    try {
      return await this.openWith(attempt, renewed);
    } catch (error) {
      throw this.refusedForGood(error);
    }
  }

  /** The error of a dial whose credential cannot be renewed any more. */
  private refusedForGood(error: unknown): unknown {
    const cause = dialFailure(error);
    if (cause.code !== 'auth-failed') return error;
    const { code, detail } = this.parts.credentials.refusedForGood(cause);
    return new RouterError(code, detail, { cause: error });
  }

  private openWith(attempt: Attempt, credential: Credential | null): Promise<Transport> {
    const { ports, open, credentials } = this.parts;
    const config = this.parts.config();
    const { gateway } = config;
    if (credential !== null) this.handlers.onCredential(credential);
    const { signal } = attempt.abort;
    const { files, clock } = ports;
    const settings = (host: string): Promise<TlsSettings> => tlsSettings(config, host, ports);
    const proxyFor: ProxyFor = (target) => resolveProxy(config, target, ports);
    const request = {
      gateway,
      credential,
      credentials,
      files,
      tlsSettings: settings,
      proxyFor,
      clock,
      signal,
    };
    return open(request, this.transportHandlers(attempt));
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
    void attempt.transport?.close();
    const { reconnect } = this.parts.config().gateway.connection;
    const { initial_delay_ms: stableAfterMs, max_attempts: maxAttempts } = reconnect;
    const now = this.now();
    const wasGood = hasLasted(this.link, now, stableAfterMs);
    const failures = wasGood ? 1 : this.link.failures + 1;
    // A session that the other side forgot is opened anew at once: nothing is wrong with the way there.
    const isForgotten = cause.code === 'session-ended' && wasGood;
    const backOffMs = isForgotten ? 0 : retryDelayMs(failures, reconnect, this.parts.ports.random());
    const delayMs = Math.max(backOffMs, cause.retryAfterMs ?? 0);
    this.handlers.onFailure(cause);
    this.apply({ kind: 'broke', now, cause, delayMs, maxAttempts, stableAfterMs });
  }
}
