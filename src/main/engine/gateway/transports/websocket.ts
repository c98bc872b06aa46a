import { TLSSocket } from 'node:tls';

import { WebSocket, type ClientOptions, type RawData } from 'ws';

import type { GatewayConfig } from '../../../../shared/model/config';
import { RouterError } from '../../../../shared/model/errors';
import type { FailureCause, TlsFacts } from '../../../../shared/model/status';
import type { Credential } from '../../auth/credentials';
import { tlsFacts, tlsOptions } from '../../auth/tls';
import type { Message } from '../../jsonrpc/scan';
import type { Clock, Timer } from '../../ports';
import { upgradeRefusal } from '../dial-failure';
import { unwrapEnvelope, wrapEnvelope } from '../envelope';
import { namespaceOf } from '../namespace';

import type { OpenTransport, Transport, TransportHandlers } from './transport';

/** RFC 6455 section 7.4.1. */
const NORMAL_CLOSURE = 1000;
const MESSAGE_TOO_BIG = 1009;
/** Above this much unsent data the client is no longer read; below the half of it, it is read again. */
const CONGESTED_BYTES = 1024 * 1024;
const CLOSE_TIMEOUT_MS = 1000;

/** Opens the WebSocket frontend of the gateway (gateway-protocol 1.2, 1.3). */
export const openWebSocket: OpenTransport = async (request, handlers) => {
  const { gateway, credential, signal } = request;
  const url = new URL(gateway.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const options: ClientOptions = {
    ...(url.protocol === 'wss:' ? await tlsOptions(gateway.tls, host, request.files) : {}),
    headers: authorization(credential),
    handshakeTimeout: gateway.connection.timeout_ms,
    maxPayload: gateway.max_message_bytes,
    perMessageDeflate: false,
    followRedirects: false,
    autoPong: true,
  };
  signal.throwIfAborted();
  const socket = new WebSocket(url, options);
  const tls = await opened(socket, signal);
  return new WebSocketTransport({ socket, tls, gateway, credential, clock: request.clock }, handlers);
};

/** The credential is revealed here for the upgrade, and in `send` for the envelope; nowhere else. */
const authorization = (credential: Credential | null): Record<string, string> =>
  credential === null ? {} : { Authorization: `Bearer ${credential.secret.reveal()}` };

/** The envelope carries bearer tokens only (gateway-protocol 1.5). */
const isInEnvelope = (auth: GatewayConfig['auth']): boolean =>
  auth.per_message_auth && auth.type === 'bearer';

/** Waits for the upgrade; whatever goes wrong before it is an error of the dial. */
function opened(socket: WebSocket, signal: AbortSignal): Promise<TlsFacts | null> {
  return new Promise((resolve, reject) => {
    let tls: TlsFacts | null = null;
    const abort = (): void => {
      socket.terminate();
    };
    signal.addEventListener('abort', abort, { once: true });
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', abort);
      finish();
    };
    socket.once('upgrade', (response) => {
      tls = response.socket instanceof TLSSocket ? tlsFacts(response.socket) : null;
    });
    socket.once('open', () => {
      settle(() => {
        socket.pause();
        resolve(tls);
      });
    });
    socket.once('unexpected-response', (outgoing, response) => {
      const { code, detail } = upgradeRefusal(response.statusCode ?? 0);
      response.resume();
      outgoing.destroy();
      settle(() => {
        reject(new RouterError(code, detail));
      });
    });
    // Stays for the socket's whole life: an error event without a listener would end the process.
    socket.on('error', (error) => {
      settle(() => {
        reject(
          isHandshakeTimeout(error) ? new RouterError('gateway-unreachable', 'no answer in time') : error,
        );
      });
    });
  });
}

const isHandshakeTimeout = (error: Error): boolean => error.message.includes('handshake has timed out');

interface OpenSocket {
  readonly socket: WebSocket;
  readonly tls: TlsFacts | null;
  readonly gateway: GatewayConfig;
  readonly credential: Credential | null;
  readonly clock: Clock;
}

class WebSocketTransport implements Transport {
  readonly tls: TlsFacts | null;
  private wasCongested = false;
  private isPaused = false;
  private lastArrival: number;
  private pingedAt: number | undefined;
  private keepalive: Timer;
  private closeCause: FailureCause | undefined;
  private readonly closed: Promise<void>;

  constructor(
    private readonly link: OpenSocket,
    private readonly handlers: TransportHandlers,
  ) {
    const { socket, clock } = link;
    this.tls = link.tls;
    this.lastArrival = clock.now();
    this.keepalive = this.scheduleKeepalive();
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => {
        this.keepalive.cancel();
        resolve();
        handlers.onClose(this.closeCause ?? lossCause(code));
      });
    });
    socket.on('message', (data, isBinary) => {
      this.receive(data, isBinary);
    });
    const noteArrival = (): void => {
      this.lastArrival = clock.now();
    };
    socket.on('ping', noteArrival);
    socket.on('pong', noteArrival);
    socket.resume();
  }

  get isCongested(): boolean {
    return this.link.socket.bufferedAmount > CONGESTED_BYTES;
  }

  send(message: Message): 'sent' | 'too-large' {
    const { socket, gateway, credential, clock } = this.link;
    const method = message.kind === 'response' ? undefined : message.method;
    const frame = wrapEnvelope(message, {
      namespace: namespaceOf(method, gateway.default_namespace),
      authToken: isInEnvelope(gateway.auth) ? credential?.secret.reveal() : undefined,
      now: clock.now(),
    });
    if (frame.length > gateway.max_message_bytes) return 'too-large';
    socket.send(frame, { binary: false }, () => {
      this.afterWrite();
    });
    if (this.isCongested) this.wasCongested = true;
    return 'sent';
  }

  pause(): void {
    this.isPaused = true;
    this.link.socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.lastArrival = this.link.clock.now();
    this.link.socket.resume();
  }

  async close(): Promise<void> {
    const { socket, clock } = this.link;
    this.keepalive.cancel();
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
    this.lastArrival = this.link.clock.now();
    const frame = wholeFrame(data);
    const inbound = isBinary ? undefined : unwrapEnvelope(frame);
    if (inbound === undefined) this.handlers.onUnreadable(frame.length);
    else this.handlers.onMessage(inbound);
  }

  private afterWrite(): void {
    if (!this.wasCongested || this.link.socket.bufferedAmount > CONGESTED_BYTES / 2) return;
    this.wasCongested = false;
    this.handlers.onDrain();
  }

  private scheduleKeepalive(): Timer {
    const { clock, gateway } = this.link;
    return clock.after(gateway.connection.keepalive_interval_ms, () => {
      this.checkLiveness();
    });
  }

  /** Whatever arrives proves that the other side lives; while we do not read, nothing can be judged. */
  private checkLiveness(): void {
    const { socket, clock, gateway } = this.link;
    const now = clock.now();
    const isAnswered = this.pingedAt === undefined || this.lastArrival >= this.pingedAt;
    if (isAnswered || this.isPaused) this.pingedAt = undefined;
    if (this.pingedAt !== undefined && now - this.pingedAt >= gateway.connection.pong_timeout_ms) {
      this.closeCause = { code: 'gateway-lost', detail: 'no answer to a ping' };
      socket.terminate();
      return;
    }
    if (socket.readyState === WebSocket.OPEN) socket.ping();
    this.pingedAt ??= now;
    this.keepalive = this.scheduleKeepalive();
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
