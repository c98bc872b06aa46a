import type { Socket } from 'node:net';

import type { FailureCause } from '../../../../../shared/model/status';
import { dialFailure } from '../../dial-failure';

import { encodeFrame, FrameDecoder, type Frame, type FrameLayout, type FrameProblem } from './frame';

/** What the owner of a socket is told. After `onClosed` nothing follows. */
export interface FrameHandlers {
  /** Bytes came, be they a whole frame or not. */
  onArrival(): void;
  onFrame(frame: Frame): void;
  /** The other side said goodbye; `onClosed` follows. */
  onGoodbye(): void;
  onClosed(cause: FailureCause): void;
  /** Something that was written has left. */
  onWritten(): void;
}

/** A socket that speaks in frames. It reads only once it has handlers. */
export class FrameSocket {
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
    this.decoder = new FrameDecoder(layout, maxPayloadBytes);
    socket.on('data', (chunk: Buffer) => {
      this.take(chunk);
    });
    socket.on('error', (error) => {
      this.closeCause ??= lossCause(error);
    });
    socket.once('end', () => {
      this.isEnding = true;
      this.handlers?.onGoodbye();
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

  /** False once either side has begun to say goodbye. */
  get isOpen(): boolean {
    return !this.isEnding && !this.socket.destroyed;
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
    if (!this.isOpen) return;
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
    this.handlers?.onArrival();
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
