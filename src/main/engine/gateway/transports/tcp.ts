import type { GatewayConfig } from '../../../../shared/model/config';
import { RouterError } from '../../../../shared/model/errors';
import type { FailureCause, TlsFacts } from '../../../../shared/model/status';
import { openSocket } from '../../auth/open-socket';
import type { Message } from '../../jsonrpc/scan';
import type { Clock, Timer } from '../../ports';

import { tcpAddress } from './tcp/address';
import { gatewayDialect, goRouterDialect, type Dialect } from './tcp/dialect';
import { frameTypes, MAX_PAYLOAD_BYTES, type Frame } from './tcp/frame';
import { FrameSocket } from './tcp/frame-socket';
import { Greeting, negotiationRefusal, type GreetingStep } from './tcp/greeting';
import type { DialRequest, OpenTransport, Rejection, Transport, TransportHandlers } from './transport';

/** Above this much unsent data the client is no longer read; below the half of it, it is read again. */
const CONGESTED_BYTES = 1024 * 1024;
const CLOSE_TIMEOUT_MS = 1000;

/** Opens the gateway's binary protocol (gateway-protocol 2); resolves when the greeting is done. */
export const openTcp: OpenTransport = async (request, handlers) => {
  const { gateway, credential, credentials, clock, tlsSettings, proxyFor } = request;
  const dialect = gateway.tcp.dialect === 'gateway' ? gatewayDialect : goRouterDialect;
  const address = tcpAddress(gateway.url, dialect);
  const { host, port, isEncrypted } = address;
  const timeout = new AbortController();
  const timeoutMs = gateway.connection.timeout_ms;
  const timer = clock.after(timeoutMs, () => {
    timeout.abort(new RouterError('gateway-unreachable', 'no answer in time'));
  });
  const signal = AbortSignal.any([request.signal, timeout.signal]);
  try {
    const proxy = await proxyFor(address);
    const { socket, facts: tls } = await openSocket(
      { host, port, tls: isEncrypted ? await tlsSettings(host) : null, proxy },
      { clock, timeoutMs, signal },
    );
    const limit = Math.min(gateway.max_message_bytes, MAX_PAYLOAD_BYTES);
    const frames = new FrameSocket(socket, dialect.layout, limit);
    const link = { frames, tls, dialect, gateway, credential, clock, limit };
    const renewal = { credentials, signal: request.signal };
    const transport = new TcpTransport({ ...link, ...renewal }, handlers);
    await transport.greet(signal);
    return transport;
  } finally {
    timer.cancel();
  }
};

interface OpenSocket {
  readonly frames: FrameSocket;
  readonly tls: TlsFacts | null;
  readonly dialect: Dialect;
  readonly gateway: GatewayConfig;
  readonly credential: DialRequest['credential'];
  readonly credentials: DialRequest['credentials'];
  /** Ends with the connection. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Largest payload in either direction. */
  readonly limit: number;
}

/** Where the connection stands. Frames before `open` belong to the greeting. */
type Phase =
  | {
      readonly name: 'greeting';
      readonly greeting: Greeting;
      readonly settle: (failure: FailureCause | null) => void;
    }
  | { readonly name: 'open' };

const UNSENT_NOTIFICATION: Rejection = {
  cause: { code: 'gateway-refused', detail: 'notifications are not sent (gateway.tcp.notifications)' },
  retryAfterMs: null,
};

class TcpTransport implements Transport {
  readonly tls: TlsFacts | null;
  /** For the wrapper, where it goes beside each message. */
  private credential: DialRequest['credential'];
  private phase: Phase = { name: 'open' };
  /** From the upper mark until the lower one, so that `onDrain` follows for certain. */
  isCongested = false;
  private isPaused = false;
  /** The other side has answered a negotiation or a health check, so that it must answer the next one as well. */
  private answersChecks = false;
  private keepalive: Timer | undefined;
  /** Runs while a health check waits for anything to arrive. A timer, because the clock may be set. */
  private answerLimit: Timer | undefined;
  private closeLimit: Timer | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly link: OpenSocket,
    private readonly handlers: TransportHandlers,
  ) {
    this.tls = link.tls;
    this.credential = link.credential;
  }

  get isOpen(): boolean {
    return this.phase.name === 'open' && this.link.frames.isOpen;
  }

  /** Performs the greeting; throws RouterError when the other side refuses, is silent or leaves. */
  greet(signal: AbortSignal): Promise<void> {
    const { frames, gateway, credential, dialect } = this.link;
    const greeting = new Greeting({
      negotiate: gateway.tcp.negotiate,
      negotiation: dialect.negotiation,
      token: gateway.tcp.token_in === 'initialize' ? credential?.secret : undefined,
    });
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        frames.destroy({ code: 'gateway-unreachable', detail: greeting.missing });
      };
      const settle = (failure: FailureCause | null): void => {
        signal.removeEventListener('abort', abort);
        if (failure === null) resolve();
        else reject(new RouterError(failure.code, failure.detail));
      };
      signal.addEventListener('abort', abort, { once: true });
      this.phase = { name: 'greeting', greeting, settle };
      this.listen();
      if (signal.aborted) abort();
      this.follow(greeting.start());
    });
  }

  send(message: Message): 'sent' | 'too-large' {
    const { frames, dialect, gateway, clock, limit } = this.link;
    if (message.kind === 'notification' && gateway.tcp.notifications === 'drop') {
      this.handlers.onRejected(message, UNSENT_NOTIFICATION);
      return 'sent';
    }
    const payload = dialect.wrap(message, {
      authToken: gateway.tcp.token_in === 'wrapper' ? this.credential?.secret.reveal() : undefined,
      defaultNamespace: gateway.default_namespace,
      now: clock.now(),
    });
    if (payload.length > limit) return 'too-large';
    frames.send(message.kind === 'response' ? frameTypes.response : frameTypes.request, payload);
    if (frames.unsentBytes > CONGESTED_BYTES) this.isCongested = true;
    return 'sent';
  }

  pause(): void {
    this.isPaused = true;
    // While we do not read, nothing can be judged.
    this.noteArrival();
    this.link.frames.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.link.frames.resume();
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    this.stopTimers();
    this.limitGoodbye();
    await this.link.frames.end();
  }

  /** A goodbye is bounded, whoever began it. */
  private limitGoodbye(): void {
    const { frames, clock } = this.link;
    this.closeLimit ??= clock.after(CLOSE_TIMEOUT_MS, () => {
      frames.destroy({ code: 'gateway-lost', detail: 'the other side did not close in time' });
    });
  }

  private listen(): void {
    const { frames, gateway } = this.link;
    frames.keepAlive(gateway.connection.keepalive_interval_ms);
    frames.listen({
      onArrival: () => {
        this.noteArrival();
      },
      onFrame: (frame) => {
        if (this.phase.name === 'greeting') this.takeGreeting(this.phase.greeting, frame);
        else this.takeFrame(frame);
      },
      onGoodbye: () => {
        this.stopTimers();
        this.limitGoodbye();
      },
      onClosed: (cause) => {
        this.stopTimers();
        this.closeLimit?.cancel();
        if (this.phase.name === 'greeting') this.phase.settle(beforeGreeting(cause));
        else this.handlers.onClose(cause);
      },
      onWritten: () => {
        this.afterWrite();
      },
    });
  }

  private takeGreeting(greeting: Greeting, frame: Frame): void {
    if (frame.type === frameTypes.agreement || frame.type === frameTypes.healthCheck)
      this.answersChecks = true;
    this.follow(greeting.take(frame));
  }

  private follow({ send, outcome }: GreetingStep): void {
    if (this.phase.name !== 'greeting') return;
    const { frames } = this.link;
    const { settle } = this.phase;
    for (const frame of send) frames.send(frame.type, frame.payload);
    if (outcome === 'go-on') return;
    if (outcome === 'done') {
      this.phase = { name: 'open' };
      this.keepalive = this.scheduleKeepalive();
      settle(null);
    } else {
      frames.destroy(outcome);
    }
  }

  private takeFrame(frame: Frame): void {
    const refusal = negotiationRefusal(frame);
    if (refusal !== undefined) {
      this.link.frames.destroy(refusal);
      return;
    }
    switch (frame.type) {
      case frameTypes.request:
      case frameTypes.response:
        this.takeMessage(frame.payload);
        return;
      case frameTypes.agreement:
      case frameTypes.healthCheck:
        // Never answered: it is the answer to ours, and two sides that answer answers never end.
        this.answersChecks = true;
        return;
      case frameTypes.control:
        // A sign of life; no control message has a meaning that both sides know.
        return;
      default:
        this.handlers.onUnreadable(frame.payload.length);
    }
  }

  private takeMessage(payload: Buffer): void {
    const inbound = this.link.dialect.unwrap(payload);
    if (inbound === undefined) this.handlers.onUnreadable(payload.length);
    else this.handlers.onMessage(inbound);
  }

  private afterWrite(): void {
    if (!this.isCongested || this.link.frames.unsentBytes > CONGESTED_BYTES / 2) return;
    this.isCongested = false;
    this.handlers.onDrain();
  }

  private scheduleKeepalive(): Timer {
    const { clock, gateway } = this.link;
    return clock.after(gateway.connection.keepalive_interval_ms, () => {
      this.checkLiveness();
    });
  }

  private checkLiveness(): void {
    const { frames, clock, gateway, dialect } = this.link;
    frames.send(frameTypes.healthCheck, dialect.healthCheck);
    // Silence is judged only where checks were answered before: the live gateway ignores them (gateway-protocol 2.4).
    if (this.answersChecks && !this.isPaused) {
      this.answerLimit ??= clock.after(gateway.connection.pong_timeout_ms, () => {
        frames.destroy({ code: 'gateway-lost', detail: 'no answer to a health check' });
      });
    }
    this.keepalive = this.scheduleKeepalive();
    if (gateway.tcp.token_in === 'wrapper') void this.renewCredential();
  }

  /** A token that goes beside each message may expire while the connection lasts. */
  private async renewCredential(): Promise<void> {
    try {
      this.credential = await this.link.credentials.current(this.link.signal);
    } catch (error) {
      // The old one is used for as long as the other side takes it; the next check asks again.
      if (!(error instanceof Error)) throw error;
    }
  }

  /** Whatever arrives proves that the other side lives. */
  private noteArrival(): void {
    this.answerLimit?.cancel();
    this.answerLimit = undefined;
  }

  private stopTimers(): void {
    this.keepalive?.cancel();
    this.noteArrival();
  }
}

/** Before the greeting is done no request can have been lost. */
function beforeGreeting(cause: FailureCause): FailureCause {
  return cause.code === 'gateway-lost' ? { code: 'gateway-unreachable', detail: cause.detail } : cause;
}
