import { randomUUID } from 'node:crypto';

import { RouterError, type ErrorCode } from '../../../shared/model/errors';
import type { Transport } from '../gateway/transports/transport';
import { splice } from '../jsonrpc/message';
import { scanMessage, type Message, type NotificationMessage, type RequestMessage } from '../jsonrpc/scan';
import type { Clock } from '../ports';

type Settle = (outcome: 'result' | 'error') => void;

/** How the client opened its session. */
interface Opening {
  readonly key: string;
  readonly initialize: Buffer;
  initialized: Buffer | undefined;
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
  /** Sent, and not answered yet. */
  private candidate: Opening | undefined;
  /** The one that is repeated. */
  private opening: Opening | undefined;
  private isInitializedAwaited = false;
  /** By the key of the repeated request; each connection has its own. */
  private readonly running = new Map<string, Settle>();

  /** True while the client's `initialize` waits for its reply. */
  get isOpening(): boolean {
    return this.candidate !== undefined;
  }

  /** False while the client opens its session, and another connection could not be opened in the same way. */
  get isSettled(): boolean {
    return this.candidate === undefined && !this.isInitializedAwaited;
  }

  /** A request of the client was accepted; it may wait in the queue. */
  noteAccepted(message: RequestMessage): void {
    if (message.method === 'initialize') this.isInitializedAwaited = true;
  }

  /** The client's `initialize` was sent. */
  noteRequest(message: RequestMessage): void {
    if (message.method !== 'initialize') return;
    this.candidate = {
      key: message.id.key,
      initialize: Buffer.from(message.bytes),
      initialized: undefined,
    };
  }

  /** A request is no longer owed a reply; a result for `initialize` makes the session one that can be opened again. */
  noteReply(key: string, outcome: 'result' | 'error' | 'empty'): void {
    if (key !== this.candidate?.key) return;
    if (outcome === 'result') this.opening = this.candidate;
    this.candidate = undefined;
  }

  /** The client's `notifications/initialized` was sent, perhaps before the reply to its `initialize` came. */
  noteNotification(message: NotificationMessage): void {
    const opening = this.candidate ?? this.opening;
    if (message.method !== 'notifications/initialized' || opening === undefined) return;
    opening.initialized = Buffer.from(message.bytes);
  }

  /** True once after each `initialize`, for the message without which the session never opens: no limit may swallow it. */
  awaits(message: NotificationMessage): boolean {
    if (message.method !== 'notifications/initialized') return false;
    const isAwaited = this.isInitializedAwaited;
    this.isInitializedAwaited = false;
    return isAwaited;
  }

  /**
   * Opens the session on a new connection.
   *
   * @returns false when there is nothing to repeat
   * @throws RouterError handshake-refused, gateway-unreachable (no answer in time)
   */
  async replay(send: Transport['send'], options: ReplayOptions): Promise<boolean> {
    const { opening } = this;
    if (opening === undefined) return false;
    this.replays += 1;
    const id = `${this.idPrefix}-${String(this.replays)}`;
    if (send(withId(opening.initialize, id)) === 'too-large') {
      throw new RouterError('handshake-refused', 'initialize is larger than gateway.max_message_bytes');
    }
    if ((await this.outcomeOf(`s${id}`, options)) === 'error') throw new RouterError('handshake-refused');
    if (opening.initialized !== undefined) send(scanned(opening.initialized));
    return true;
  }

  /** True when the reply belongs to a replay, and no client must see it. */
  swallows(key: string, outcome: 'result' | 'error' | 'empty'): boolean {
    if (!key.startsWith(`s${this.idPrefix}`)) return false;
    this.running.get(key)?.(outcome === 'result' ? 'result' : 'error');
    return true;
  }

  private outcomeOf(key: string, options: ReplayOptions): Promise<'result' | 'error'> {
    const { clock, timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        timer.cancel();
        signal.removeEventListener('abort', abandon);
        this.running.delete(key);
        act();
      };
      const fail = (code: ErrorCode, detail: string): void => {
        finish(() => {
          reject(new RouterError(code, detail));
        });
      };
      const abandon = (): void => {
        fail('gateway-lost', 'while repeating initialize');
      };
      const timer = clock.after(timeoutMs, () => {
        fail('gateway-unreachable', 'no answer to the repeated initialize');
      });
      signal.addEventListener('abort', abandon);
      this.running.set(key, (outcome) => {
        finish(() => {
          resolve(outcome);
        });
      });
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
