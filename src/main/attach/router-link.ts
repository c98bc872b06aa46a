import type { Socket } from 'node:net';

import { LineFramer } from '../engine/jsonrpc/framing';

/** Larger than any message that `gateway.max_message_bytes` lets through. */
const MAX_DOWN_LINE_BYTES = 1025 * 1024 * 1024;
const LINE_END = Buffer.from('\n');

/** What a {@link RouterLink} tells. After `onGone` nothing follows. */
export interface LinkHandlers {
  onLine(line: Buffer): void;
  /** There is room again for what is written. */
  onDrain(): void;
  /** The router ended the connection, or it broke. */
  onGone(): void;
}

/** One connection to a running router: lines both ways. What the router said in full is told before it is gone. */
export class RouterLink {
  private isOver = false;

  constructor(
    private readonly socket: Socket,
    private readonly handlers: LinkHandlers,
  ) {
    const framer = new LineFramer(() => MAX_DOWN_LINE_BYTES, {
      onLine: (line) => {
        if (!this.isOver) handlers.onLine(line);
      },
      onOversize: () => {
        this.close();
      },
    });
    socket.on('data', (chunk: Buffer) => {
      framer.push(chunk);
    });
    socket.on('drain', () => {
      if (!this.isOver) handlers.onDrain();
    });
    // A line without its end is no message: a router that died in the middle of a reply has not replied.
    socket.once('end', () => {
      this.close();
    });
    socket.on('error', () => {
      this.close();
    });
    socket.once('close', () => {
      this.close();
    });
  }

  get isCongested(): boolean {
    return this.socket.writableNeedDrain;
  }

  write(line: Buffer): void {
    this.socket.cork();
    this.socket.write(line);
    this.socket.write(LINE_END);
    this.socket.uncork();
  }

  /** The client has said all it will say; the router answers what it owes and closes. */
  endInput(): void {
    this.socket.end();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.socket.destroy();
    this.handlers.onGone();
  }
}
