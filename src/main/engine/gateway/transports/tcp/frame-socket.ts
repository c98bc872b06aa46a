import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectEncrypted, TLSSocket } from 'node:tls';

import type { GatewayConfig } from '../../../../../shared/model/config';
import { RouterError } from '../../../../../shared/model/errors';
import type { FailureCause, TlsFacts } from '../../../../../shared/model/status';
import { tlsFacts, tlsOptions } from '../../../auth/tls';
import type { CredentialFiles } from '../../../ports';
import { dialFailure } from '../../dial-failure';

import type { TcpAddress } from './address';
import { encodeFrame, FrameDecoder, type Frame, type FrameLayout, type FrameProblem } from './frame';

/** What the owner of a socket is told. After `onClosed` nothing follows. */
export interface FrameHandlers {
  onFrame(frame: Frame): void;
  onClosed(cause: FailureCause): void;
  /** Something that was written has left. */
  onWritten(): void;
}

/** What it takes to connect. */
export interface SocketRequest {
  readonly address: TcpAddress;
  readonly tls: GatewayConfig['tls'];
  readonly files: CredentialFiles;
  readonly signal: AbortSignal;
}

/**
 * Connects, and with TLS finishes the handshake.
 *
 * @throws a system error, or RouterError trust-file-unreadable
 */
export async function connectSocket({ address, tls, files, signal }: SocketRequest): Promise<Socket> {
  const { host, port, isEncrypted } = address;
  const options = isEncrypted ? await tlsOptions(tls, host, files) : undefined;
  signal.throwIfAborted();
  const socket =
    options === undefined ? connectPlain({ host, port }) : connectEncrypted({ host, port, ...options });
  socket.setNoDelay(true);
  await opened(socket, signal);
  return socket;
}

function opened(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy();
      reject(new RouterError('gateway-unreachable', 'no answer in time'));
    };
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', abort);
      finish();
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      socket.pause();
      settle(resolve);
    });
    // Stays for the socket's whole life: an error event without a listener would end the process.
    socket.on('error', (error) => {
      settle(() => {
        reject(error);
      });
    });
    socket.once('close', () => {
      settle(() => {
        reject(new RouterError('gateway-unreachable', 'the connection was closed'));
      });
    });
  });
}

/** A socket that speaks in frames. It reads only once it has handlers. */
export class FrameSocket {
  readonly tls: TlsFacts | null;
  private readonly decoder: FrameDecoder;
  private handlers: FrameHandlers | undefined;
  private closeCause: FailureCause | undefined;
  private isEnding = false;
  private readonly closed: Promise<void>;

  constructor(
    private readonly socket: Socket,
    private readonly layout: FrameLayout,
    maxPayloadBytes: number,
  ) {
    this.tls = socket instanceof TLSSocket ? tlsFacts(socket) : null;
    this.decoder = new FrameDecoder(layout, maxPayloadBytes);
    socket.on('data', (chunk: Buffer) => {
      this.take(chunk);
    });
    socket.on('error', (error) => {
      this.closeCause ??= lossCause(error);
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
        this.handlers?.onClosed(this.closeCause ?? LOST);
      });
    });
    // Adding a data listener makes a socket flow.
    socket.pause();
  }

  /** Bytes that were written and have not left yet. */
  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  /** Whoever listens from now on; frames that are complete already come with the next piece of the stream. */
  listen(handlers: FrameHandlers): void {
    this.handlers = handlers;
    this.socket.resume();
  }

  send(type: number, payload: Buffer): void {
    if (this.isEnding || this.socket.destroyed) return;
    this.socket.write(encodeFrame(this.layout, type, payload), () => {
      this.handlers?.onWritten();
    });
  }

  /** Lets the kernel look for a host that has vanished. */
  keepAlive(intervalMs: number): void {
    this.socket.setKeepAlive(true, intervalMs);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Ends the connection at once, for this reason. */
  destroy(cause: FailureCause): void {
    this.closeCause ??= cause;
    this.socket.destroy();
  }

  /** Sends what is buffered, then the end of the stream; resolves when the socket is gone. */
  end(): Promise<void> {
    this.isEnding = true;
    // A paused socket would never see the other side's end.
    this.socket.resume();
    this.socket.end();
    return this.closed;
  }

  private take(chunk: Buffer): void {
    const { frames, problem } = this.decoder.push(chunk);
    for (const frame of frames) {
      // A frame may have ended the connection; what follows it then means nothing.
      if (this.socket.destroyed) return;
      this.handlers?.onFrame(frame);
    }
    if (problem !== null) this.destroy(problemCause(problem));
  }
}

const LOST: FailureCause = { code: 'gateway-lost', detail: 'the other side closed the connection' };

function problemCause({ kind, detail }: FrameProblem): FailureCause {
  if (kind === 'not-a-frame') return { code: 'gateway-misbehaved', detail };
  return { code: 'gateway-lost', detail: `a message was larger than the other side or we allow: ${detail}` };
}

/** A TLS alert may come only after our side of the handshake is done (TLS 1.3, a client certificate that is missing). */
function lossCause(error: Error): FailureCause {
  const cause = dialFailure(error);
  return cause.code === 'gateway-unreachable' ? { code: 'gateway-lost', detail: cause.detail } : cause;
}
