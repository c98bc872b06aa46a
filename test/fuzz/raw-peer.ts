import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import type { Clock } from '../../src/main/engine/ports';

/** What the peer does when it has said everything. */
export type Finale = 'end' | 'reset' | 'stay';

/** What the peer says, whatever it hears. */
export interface Script {
  /** One for each time that it is addressed, in chunks; the last one is said again and again. */
  readonly answers: readonly (readonly Buffer[])[];
  readonly finale: Finale;
  /** How it is addressed: by a connection alone, or by what comes on it. */
  readonly speaksAt: 'connection' | 'request';
  /** How long after it has ended there may still be something to come; undefined: the end is the end. */
  readonly patienceMs?: number;
  /** Said before the first answer on a connection. */
  readonly greeting?: (request: Buffer) => Buffer;
}

const REQUEST = /^(GET|POST|DELETE) /;
/** An exchange that starts again and again is broken off. */
const MAX_ANSWERS = 12;
/** Nobody can tell when bytes have been read; a moment is enough, and any moment is right. */
const QUIET_MS = 4;

/** A server on loopback that speaks raw bytes. It plays one script at a time. */
export class RawPeer {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private script: Script | undefined;
  private said = 0;
  private quiet: NodeJS.Timeout | undefined;
  private tellQuiet: () => void = () => undefined;

  constructor() {
    this.server = createServer((socket) => {
      this.welcome(socket);
    });
  }

  /** The port; opened when it is asked for the first time. */
  async port(): Promise<number> {
    if (!this.server.listening) {
      this.server.listen(0, '127.0.0.1');
      await once(this.server, 'listening');
    }
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the peer has no port');
    return address.port;
  }

  /** Begins a script; `onQuiet` is told when there is nothing more to come. */
  play(script: Script, onQuiet: () => void): void {
    this.script = script;
    this.said = 0;
    this.tellQuiet = onQuiet;
  }

  /** Ends a script, with what is left of its connections. */
  clear(): void {
    clearTimeout(this.quiet);
    this.tellQuiet = () => undefined;
    this.script = undefined;
    // Node 20 never closes a socket that is reset while its end is on the way.
    for (const socket of this.sockets) {
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
    this.sockets.clear();
  }

  async stop(): Promise<void> {
    this.clear();
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private welcome(socket: Socket): void {
    const { script } = this;
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.sockets.delete(socket));
    socket.setNoDelay(true);
    if (script === undefined) {
      socket.resetAndDestroy();
      return;
    }
    if (script.speaksAt === 'connection') void this.say(socket, script, Buffer.alloc(0));
    socket.on('data', (data: Buffer) => {
      if (script.speaksAt === 'request' && REQUEST.test(data.toString('latin1', 0, 8)))
        void this.say(socket, script, data);
    });
  }

  private async say(socket: Socket, script: Script, request: Buffer): Promise<void> {
    const number = (this.said += 1);
    // Whoever asks for ever does not put off the end.
    if (number <= MAX_ANSWERS) clearTimeout(this.quiet);
    const answer = script.answers[Math.min(number, script.answers.length) - 1] ?? [];
    const greeting = script.greeting?.(request);
    for (const chunk of greeting === undefined ? answer : [greeting, ...answer]) {
      if (socket.destroyed || script !== this.script) break;
      socket.write(chunk);
      await turn();
    }
    if (script !== this.script) return;
    if (script.finale === 'end') socket.end();
    if (script.finale === 'reset') socket.resetAndDestroy();
    const quietMs = script.finale === 'stay' || number === MAX_ANSWERS ? QUIET_MS : script.patienceMs;
    if (quietMs === undefined || number > MAX_ANSWERS) return;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(this.tellQuiet, quietMs);
  }
}

/** The time limit of a whole dial in these tests; no case may come near it. */
export const DIAL_LIMIT_MS = 60_000;
const HASTY_MS = 2;

/** A clock on which every wait is short but that for the limits above, so that a case ends at once. */
export const hastyClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs === DIAL_LIMIT_MS ? delayMs : Math.min(delayMs, HASTY_MS));
    timer.unref();
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};
