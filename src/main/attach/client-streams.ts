import type { Readable, Writable } from 'node:stream';

import { LineFramer } from '../engine/jsonrpc/framing';
import type { OversizeMessage } from '../engine/jsonrpc/oversize';

import { attachLimits } from './attach-limits';

/** Above this much output that the client has not read, it is not listened to either. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
const LINE_END = Buffer.from('\n');

/** What the client's streams tell. */
export interface ClientHandlers {
  onLine(line: Buffer): void;
  onOversize(message: OversizeMessage): void;
  /** The client has said all it will say. */
  onEnd(): void;
  /** The client reads again. */
  onDrain(): void;
  /** Nobody reads any more. */
  onGone(): void;
}

/** The client's side: lines in, lines out, and neither more than memory allows. */
export class ClientStreams {
  private readonly holds = new Set<'router' | 'unread'>();
  private isGone = false;

  constructor(
    private readonly input: Readable,
    private readonly output: Writable,
  ) {}

  listen(handlers: ClientHandlers): void {
    const { input, output } = this;
    const framer = new LineFramer(() => attachLimits.maxLineBytes, handlers);
    input.on('data', (chunk: Buffer) => {
      framer.push(chunk);
    });
    input.once('end', () => {
      framer.end();
      handlers.onEnd();
    });
    input.once('close', handlers.onEnd);
    output.on('drain', () => {
      this.release('unread');
      handlers.onDrain();
    });
    const gone = (): void => {
      this.isGone = true;
      handlers.onGone();
    };
    // For ever: stdout reports a broken pipe at each write, and an error without a listener would end the process.
    input.on('error', gone);
    output.on('error', gone);
  }

  get isCongested(): boolean {
    return this.output.writableNeedDrain;
  }

  write(line: Buffer): void {
    if (this.isGone) return;
    this.output.cork();
    this.output.write(line);
    this.output.write(LINE_END);
    this.output.uncork();
    if (this.output.writableLength > MAX_UNREAD_BYTES) this.hold('unread');
  }

  hold(reason: 'router' | 'unread'): void {
    this.holds.add(reason);
    this.input.pause();
  }

  release(reason: 'router' | 'unread'): void {
    if (this.holds.delete(reason) && this.holds.size === 0) this.input.resume();
  }

  /** Resolves when everything is written, or nobody reads. */
  async finish(): Promise<void> {
    this.input.removeAllListeners('data');
    this.input.pause();
    if (this.isGone) return;
    await new Promise<void>((resolve) => {
      this.output.once('error', () => {
        resolve();
      });
      this.output.write('', () => {
        resolve();
      });
    });
  }
}
