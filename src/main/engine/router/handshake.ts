import { randomUUID } from 'node:crypto';

import { RouterError } from '../../../shared/model/errors';
import { splice } from '../jsonrpc/message';
import { scanMessage, type Message, type NotificationMessage, type RequestMessage } from '../jsonrpc/scan';
import type { Clock } from '../ports';

interface Replay {
  readonly key: string;
  readonly settle: (outcome: 'result' | 'error') => void;
}

/** What a replay needs. */
export interface ReplayOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Remembers how the client opened its MCP session, and opens it again on a new connection, because every connection
 * is a session of its own on the gateway (design section 3). Before the client's first `initialize` nothing is made up.
 */
export class Handshake {
  private readonly idPrefix = `mcp-router-${randomUUID()}`;
  private replays = 0;
  private candidate: Buffer | undefined;
  private candidateKey = '';
  private initialize: Buffer | undefined;
  private initialized: Buffer | undefined;
  private running: Replay | undefined;

  /** The client's `initialize` was sent. */
  noteRequest(message: RequestMessage): void {
    if (message.method !== 'initialize') return;
    this.candidate = Buffer.from(message.bytes);
    this.candidateKey = message.id.key;
  }

  /** A reply reached the client; a result for `initialize` makes the session one that can be opened again. */
  noteReply(key: string, outcome: 'result' | 'error' | 'empty'): void {
    if (this.candidate === undefined || key !== this.candidateKey) return;
    if (outcome === 'result') {
      this.initialize = this.candidate;
      this.initialized = undefined;
    }
    this.candidate = undefined;
  }

  /** The client's `notifications/initialized` was sent. */
  noteNotification(message: NotificationMessage): void {
    if (message.method === 'notifications/initialized') this.initialized = Buffer.from(message.bytes);
  }

  /** True for a message that the rate limit must not swallow: without it the session never opens. */
  awaits(message: NotificationMessage): boolean {
    return message.method === 'notifications/initialized' && this.initialized === undefined;
  }

  /**
   * Opens the session on a new connection.
   *
   * @returns false when there is nothing to repeat
   * @throws RouterError handshake-refused, gateway-unreachable (no answer in time)
   */
  async replay(send: (message: Message) => void, options: ReplayOptions): Promise<boolean> {
    if (this.initialize === undefined) return false;
    this.replays += 1;
    const id = `${this.idPrefix}-${String(this.replays)}`;
    const outcome = this.outcomeOf(`s${id}`, options);
    send(withId(this.initialize, id));
    if ((await outcome) === 'error') throw new RouterError('handshake-refused');
    if (this.initialized !== undefined) send(scanned(this.initialized));
    return true;
  }

  /** True when the reply belongs to a replay, and no client must see it. */
  swallows(key: string, outcome: 'result' | 'error' | 'empty'): boolean {
    if (!key.startsWith(`s${this.idPrefix}`)) return false;
    if (this.running?.key === key) this.running.settle(outcome === 'result' ? 'result' : 'error');
    return true;
  }

  private outcomeOf(key: string, options: ReplayOptions): Promise<'result' | 'error'> {
    return new Promise((resolve, reject) => {
      const give = (error: RouterError): void => {
        timer.cancel();
        this.running = undefined;
        reject(error);
      };
      const timer = options.clock.after(options.timeoutMs, () => {
        give(new RouterError('gateway-unreachable', 'no answer to the repeated initialize'));
      });
      options.signal.addEventListener('abort', () => {
        give(new RouterError('gateway-lost', 'while repeating initialize'));
      });
      this.running = {
        key,
        settle: (outcome) => {
          timer.cancel();
          this.running = undefined;
          resolve(outcome);
        },
      };
    });
  }
}

/** The same message under another id; every other byte stays. */
function withId(bytes: Buffer, id: string): Message {
  const { id: previous } = scanned(bytes);
  if (previous === undefined || previous === null) throw new Error('a remembered request lost its id');
  return scanned(splice(bytes, previous.text, Buffer.from(JSON.stringify(id))));
}

function scanned(bytes: Buffer): Message & { id?: RequestMessage['id'] | null } {
  const result = scanMessage(bytes);
  if (result.kind !== 'message') throw new Error('a remembered message no longer scans');
  return result.message;
}
