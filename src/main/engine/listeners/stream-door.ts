import type { Readable, Writable } from 'node:stream';

import type { LocalConfig } from '../../../shared/model/config';
import { LineFramer } from '../jsonrpc/framing';
import { GatheredWrites } from '../jsonrpc/gathered-writes';
import type { Clock, Logger } from '../ports';
import type { Router } from '../router/router';
import type { Session } from '../router/session';
import type { ClientDoor } from '../router/session-context';

/** A client that speaks newline-delimited JSON-RPC (MCP stdio transport). */
export interface StreamClient {
  readonly kind: 'stdio' | 'socket';
  readonly input: Readable;
  readonly output: Writable;
}

/** What serving a client needs. */
export interface StreamServices {
  readonly router: Router;
  /** As it is now: a reload takes effect on clients that are attached. */
  readonly local: () => LocalConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long the last bytes may take to leave when the client no longer reads. */
const FLUSH_TIMEOUT_MS = 1000;
/**
 * A client that does not read makes the gateway wait. Our own errors need no gateway: above this much unread output
 * the client is not listened to either.
 */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

class StreamDoor implements ClientDoor {
  readonly kind: StreamClient['kind'];
  private isGone = false;
  private readonly writes: GatheredWrites;
  /** Why the client is not listened to; it is when nothing is in here. */
  private readonly holds = new Set<'gateway' | 'unread'>();

  constructor(
    private readonly client: StreamClient,
    private readonly clock: Clock,
  ) {
    this.kind = client.kind;
    this.writes = new GatheredWrites(client.output);
  }

  get isCongested(): boolean {
    return !this.isGone && this.client.output.writableNeedDrain;
  }

  deliver(message: Buffer): void {
    if (this.isGone) return;
    const { output } = this.client;
    this.writes.gather();
    output.write(message);
    output.write('\n');
    this.writes.flushIfFull();
    if (output.writableLength > MAX_UNREAD_BYTES) this.hold('unread');
  }

  pauseInput(): void {
    this.hold('gateway');
  }

  resumeInput(): void {
    this.release('gateway');
  }

  /** The client has read what was delivered. */
  drained(): void {
    this.release('unread');
  }

  /** Nothing can be delivered any more. */
  clientLeft(): void {
    this.isGone = true;
  }

  async end(): Promise<void> {
    const { input, output } = this.client;
    input.removeAllListeners('data');
    this.writes.flush();
    if (!this.isGone && output.writableLength > 0) {
      await this.atMost((done) => {
        output.write('', done);
      });
    }
    if (this.kind === 'socket') await this.letGo();
    else input.pause();
  }

  /** Half of the way a client may still hold open; it must not keep us. */
  private async letGo(): Promise<void> {
    const { input, output } = this.client;
    if (output.destroyed) return;
    // What the client still says is thrown away: closing with unread input would destroy our last reply on its way.
    input.resume();
    await this.atMost((done) => {
      output.once('close', done);
      output.end();
    });
    output.destroy();
  }

  private atMost(act: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(FLUSH_TIMEOUT_MS, resolve);
      act(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  private hold(reason: 'gateway' | 'unread'): void {
    this.holds.add(reason);
    this.client.input.pause();
  }

  private release(reason: 'gateway' | 'unread'): void {
    if (this.holds.delete(reason) && this.holds.size === 0) this.client.input.resume();
  }
}

/**
 * Serves one client until it closes its input, goes away or is dismissed; resolves when its session is closed.
 *
 * @throws RouterError session-limit, shutting-down
 */
export async function serveStream(client: StreamClient, services: StreamServices): Promise<void> {
  const door = new StreamDoor(client, services.clock);
  const session = services.router.openSession(door);
  const left = ended(client, door, { session, maxLineBytes: () => services.local().max_line_bytes });
  await Promise.race([left, session.dismissed]);
  await services.router.closeSession(session);
}

/** Resolves when the client has said all it will say, or is gone. */
function ended(
  { input, output }: StreamClient,
  door: StreamDoor,
  { session, maxLineBytes }: { readonly session: Session; readonly maxLineBytes: () => number },
): Promise<void> {
  const framer = new LineFramer(maxLineBytes, {
    onLine: (line) => {
      session.takeLine(line);
    },
    onOversize: (message) => {
      session.takeOversize(message);
    },
  });
  return new Promise((resolve) => {
    const leave = (): void => {
      door.clientLeft();
      // Nobody is left to be waited for: replies may come and be thrown away.
      session.clientDrained();
      resolve();
    };
    input.on('data', (chunk: Buffer) => {
      framer.push(chunk);
    });
    input.once('end', () => {
      framer.end();
      resolve();
    });
    input.once('close', resolve);
    output.on('drain', () => {
      door.drained();
      session.clientDrained();
    });
    // Listened to for ever: an error event without a listener would end the process. A broken pipe says that the client
    // is gone.
    input.on('error', leave);
    output.on('error', leave);
  });
}
