import { WebSocket, type ClientOptions, type RawData } from 'ws';

import type { GatewayConfig } from '../../../../shared/model/config';
import { RouterError } from '../../../../shared/model/errors';
import type { FailureCause, TlsFacts } from '../../../../shared/model/status';
import type { Credential } from '../../auth/credentials';
import { openSocket, type OpenSocket } from '../../auth/open-socket';
import { GatheredWrites } from '../../jsonrpc/gathered-writes';
import type { Message } from '../../jsonrpc/scan';
import type { Clock, Timer } from '../../ports';
import { DialError, upgradeRefusal } from '../dial-failure';
import { envelopeToken, unwrapEnvelope, wrapEnvelope } from '../envelope';
import { namespaceOf } from '../namespace';

import { busyCause } from './http-answer';
import type { DialRequest, OpenTransport, Transport, TransportHandlers } from './transport';

/** RFC 6455 section 7.4.1. */
const NORMAL_CLOSURE = 1000;
const MESSAGE_TOO_BIG = 1009;
/** Above this much unsent data the client is no longer read; below the half of it, it is read again. */
const CONGESTED_BYTES = 1024 * 1024;
const CLOSE_TIMEOUT_MS = 1000;
const WSS_PORT = 443;
const WS_PORT = 80;
/** Also for a goodbye of the other side; the type declarations do not know the option yet. */
const CLOSE_LIMIT = { closeTimeout: CLOSE_TIMEOUT_MS } as const;

/** Opens the WebSocket frontend of the gateway (gateway-protocol 1.2, 1.3). */
export const openWebSocket: OpenTransport = async (request, handlers) => {
  const { gateway, credential, clock, signal } = request;
  const url = new URL(gateway.url);
  // Monotonic, so that no change of the clock stretches the limit.
  const startedAt = performance.now();
  const link = await openLink(url, request);
  const options: ClientOptions = {
    // With TLS the handshake is over and was found good; only now does anything of ours go out.
    createConnection: () => link.socket,
    ...CLOSE_LIMIT,
    headers: authorization(credential),
    maxPayload: gateway.max_message_bytes,
    perMessageDeflate: false,
    followRedirects: false,
    autoPong: true,
  };
  if (signal.aborted) link.socket.destroy();
  signal.throwIfAborted();
  const limitMs = Math.max(1, gateway.connection.timeout_ms - (performance.now() - startedAt));
  const socket = new WebSocket(url, options);
  let writes: GatheredWrites | undefined;
  socket.once('upgrade', (response) => {
    writes = new GatheredWrites(response.socket);
  });
  try {
    await opened(socket, request, limitMs);
  } catch (error) {
    throw link.facts?.client !== undefined && isHangUp(error) ? afterCertificate(error) : error;
  }
  const parts = { socket, writes, tls: link.facts, gateway, credential, clock };
  return new WebSocketTransport(parts, handlers);
};

async function openLink(
  url: URL,
  { gateway, clock, signal, tlsSettings, proxyFor }: DialRequest,
): Promise<OpenSocket> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isEncrypted = url.protocol === 'wss:';
  const usualPort = isEncrypted ? WSS_PORT : WS_PORT;
  const port = url.port === '' ? usualPort : Number(url.port);
  const proxy = await proxyFor({ host, port, isEncrypted });
  const tls = isEncrypted ? await tlsSettings(host) : null;
  return openSocket({ host, port, tls, proxy }, { clock, timeoutMs: gateway.connection.timeout_ms, signal });
}

/** Some servers send no alert, but hang up when they have seen a client certificate that they do not accept. */
const afterCertificate = (cause: unknown): RouterError =>
  new RouterError('gateway-unreachable', 'it hung up on our client certificate, which it may not accept', {
    cause,
  });

const isHangUp = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

/** The credential is revealed here for the upgrade, and in `envelopeToken` for the envelope; nowhere else. */
const authorization = (credential: Credential | null): Record<string, string> =>
  credential === null ? {} : { Authorization: `Bearer ${credential.secret.reveal()}` };

/**
 * Waits for the upgrade; whatever goes wrong before it is an error of the dial. The limit is one for everything
 * together: a peer that lets its answer trickle must not hold the dial for ever.
 */
function opened(socket: WebSocket, { signal, clock }: DialRequest, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.terminate();
    };
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', abort);
      limit.cancel();
      finish();
    };
    const fail = (error: Error): void => {
      settle(() => {
        reject(error);
      });
    };
    const limit = clock.after(limitMs, () => {
      fail(new RouterError('gateway-unreachable', 'no answer in time'));
      socket.terminate();
    });
    signal.addEventListener('abort', abort, { once: true });
    socket.once('open', () => {
      settle(() => {
        socket.pause();
        resolve();
      });
    });
    socket.once('unexpected-response', (outgoing, response) => {
      const { statusCode = 0, headers } = response;
      const hasRetryAfter = headers['retry-after'] !== undefined;
      response.resume();
      outgoing.destroy();
      const busy = busyCause(statusCode, headers, clock.now());
      fail(new DialError(busy ?? upgradeRefusal(statusCode, hasRetryAfter)));
    });
    // Stays for the socket's whole life: an error event without a listener would end the process.
    socket.on('error', fail);
  });
}

interface OpenWebSocket {
  readonly socket: WebSocket;
  /** Of the connection below it. */
  readonly writes: GatheredWrites | undefined;
  readonly tls: TlsFacts | null;
  readonly gateway: GatewayConfig;
  readonly credential: Credential | null;
  readonly clock: Clock;
}

class WebSocketTransport implements Transport {
  readonly tls: TlsFacts | null;
  /** From the upper mark until the lower one, so that `onDrain` follows for certain. */
  isCongested = false;
  private isPaused = false;
  private keepalive: Timer;
  /** Runs while a ping waits for anything to arrive. A timer, because the clock may be set. */
  private pongLimit: Timer | undefined;
  private closeCause: FailureCause | undefined;
  private readonly closed: Promise<void>;

  constructor(
    private readonly link: OpenWebSocket,
    private readonly handlers: TransportHandlers,
  ) {
    const { socket } = link;
    this.tls = link.tls;
    this.keepalive = this.scheduleKeepalive();
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => {
        this.stopTimers();
        resolve();
        handlers.onClose(this.closeCause ?? lossCause(code));
      });
    });
    socket.on('message', (data, isBinary) => {
      this.receive(data, isBinary);
    });
    for (const event of ['ping', 'pong'] as const) {
      socket.on(event, () => {
        this.noteArrival();
      });
    }
    socket.resume();
  }

  get isOpen(): boolean {
    return this.link.socket.readyState === WebSocket.OPEN;
  }

  send(message: Message): 'sent' | 'too-large' {
    const { socket, writes, gateway, credential, clock } = this.link;
    const method = message.kind === 'response' ? undefined : message.method;
    const frame = wrapEnvelope(message, {
      namespace: namespaceOf(method, gateway.default_namespace),
      authToken: envelopeToken(gateway.auth, credential),
      now: clock.now(),
    });
    if (frame.length > gateway.max_message_bytes) return 'too-large';
    writes?.gather();
    socket.send(frame, { binary: false }, () => {
      this.afterWrite();
    });
    writes?.flushIfFull();
    if (socket.bufferedAmount > CONGESTED_BYTES) this.isCongested = true;
    return 'sent';
  }

  pause(): void {
    this.isPaused = true;
    // While we do not read, nothing can be judged.
    this.noteArrival();
    this.link.socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.link.socket.resume();
  }

  async close(): Promise<void> {
    const { socket, clock } = this.link;
    this.stopTimers();
    // A paused socket would never see the other side's goodbye.
    socket.resume();
    socket.close(NORMAL_CLOSURE);
    const limit = clock.after(CLOSE_TIMEOUT_MS, () => {
      socket.terminate();
    });
    await this.closed;
    limit.cancel();
  }

  private receive(data: RawData, isBinary: boolean): void {
    this.noteArrival();
    const frame = wholeFrame(data);
    const inbound = isBinary ? undefined : unwrapEnvelope(frame);
    if (inbound === undefined) this.handlers.onUnreadable(frame.length);
    else this.handlers.onMessage(inbound);
  }

  private afterWrite(): void {
    if (!this.isCongested || this.link.socket.bufferedAmount > CONGESTED_BYTES / 2) return;
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
    const { clock, gateway } = this.link;
    if (this.isOpen) this.link.socket.ping();
    if (!this.isPaused) {
      this.pongLimit ??= clock.after(gateway.connection.pong_timeout_ms, () => {
        this.closeCause = { code: 'gateway-lost', detail: 'no answer to a ping' };
        this.link.socket.terminate();
      });
    }
    this.keepalive = this.scheduleKeepalive();
  }

  /** Whatever arrives proves that the other side lives. */
  private noteArrival(): void {
    this.pongLimit?.cancel();
    this.pongLimit = undefined;
  }

  private stopTimers(): void {
    this.keepalive.cancel();
    this.noteArrival();
  }
}

function wholeFrame(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function lossCause(code: number): FailureCause {
  if (code === MESSAGE_TOO_BIG) {
    return { code: 'gateway-lost', detail: 'a message was larger than the other side or we allow' };
  }
  return { code: 'gateway-lost', detail: `close code ${String(code)}` };
}
