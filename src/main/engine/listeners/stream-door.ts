import type { Readable, Writable } from 'node:stream';

import type { LocalConfig } from '../../../shared/model/config';
import { LineFramer } from '../jsonrpc/framing';
import type { Clock } from '../ports';
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
  readonly local: LocalConfig;
  readonly clock: Clock;
}

/** How long the last bytes may take to leave when the client no longer reads. */
const FLUSH_TIMEOUT_MS = 1000;

/** Above this much unread output the gateway is no longer read for this client. */
const isFull = (output: Writable): boolean => output.writableNeedDrain;

class StreamDoor implements ClientDoor {
  readonly kind: StreamClient['kind'];
  private isGone = false;

  constructor(
    private readonly client: StreamClient,
    private readonly clock: Clock,
  ) {
    this.kind = client.kind;
  }

  get isCongested(): boolean {
    return !this.isGone && isFull(this.client.output);
  }

  deliver(message: Buffer): void {
    if (this.isGone) return;
    this.client.output.cork();
    this.client.output.write(message);
    this.client.output.write('\n');
    this.client.output.uncork();
  }

  pauseInput(): void {
    this.client.input.pause();
  }

  resumeInput(): void {
    this.client.input.resume();
  }

  /** Nothing can be delivered any more. */
  clientLeft(): void {
    this.isGone = true;
  }

  async end(): Promise<void> {
    const { output, input } = this.client;
    input.pause();
    if (!this.isGone && output.writableLength > 0) await this.flushed();
    if (this.kind === 'socket') output.end();
  }

  private flushed(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(FLUSH_TIMEOUT_MS, resolve);
      this.client.output.write('', () => {
        timer.cancel();
        resolve();
      });
    });
  }
}

/**
 * Serves one client until it closes its input or goes away; resolves when its session is closed.
 *
 * @throws RouterError session-limit, shutting-down
 */
export async function serveStream(client: StreamClient, services: StreamServices): Promise<void> {
  const { input, output } = client;
  const door = new StreamDoor(client, services.clock);
  const session = services.router.openSession(door);
  const framer = new LineFramer(services.local.max_line_bytes, {
    onLine: (line) => {
      session.takeLine(line);
    },
    onOversize: (message) => {
      session.takeOversize(message);
    },
  });
  output.on('drain', () => {
    session.clientDrained();
  });
  await ended(input, output, door, framer);
  await closed(services.router, session);
}

const closed = (router: Router, session: Session): Promise<void> => router.closeSession(session);

/** Resolves when the client has said all it will say, or is gone. */
function ended(input: Readable, output: Writable, door: StreamDoor, framer: LineFramer): Promise<void> {
  return new Promise((resolve) => {
    input.on('data', (chunk: Buffer) => {
      framer.push(chunk);
    });
    input.once('end', () => {
      framer.end();
      resolve();
    });
    const leave = (): void => {
      door.clientLeft();
      resolve();
    };
    input.once('error', leave);
    input.once('close', resolve);
    // A broken pipe: the client is gone, and nobody is left to be answered.
    output.on('error', leave);
  });
}
