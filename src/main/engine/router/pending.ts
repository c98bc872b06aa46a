import type { RequestMessage } from '../jsonrpc/scan';
import type { Clock, Timer } from '../ports';

/** A request that is still owed its one reply. */
export interface PendingRequest {
  readonly key: string;
  /** The id exactly as the client wrote it. */
  readonly idText: Buffer;
  readonly acceptedAt: number;
  readonly requestBytes: number;
  /** Where progress notifications name this request (MCP: progress); null when it asked for none. */
  readonly progressKey: string | null;
  /** `queued`: never handed to the wire. `sent`: the other side may have carried it out. */
  phase: 'queued' | 'sent';
}

interface Entry {
  readonly request: PendingRequest;
  timer: Timer;
}

/** What {@link PendingRequests} tells. */
export interface PendingHandlers {
  /** A deadline passed; the request is no longer pending then. */
  onExpired(request: PendingRequest): void;
  /** The other side works on one request less. */
  onReleased(): void;
}

/** The requests that are owed a reply. An entry leaves exactly once, and whoever takes it answers it. */
export class PendingRequests {
  private readonly entries = new Map<string, Entry>();
  private readonly byProgress = new Map<string, string>();
  private sent = 0;

  constructor(
    private readonly clock: Clock,
    private readonly handlers: PendingHandlers,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** How many may be worked on by the other side right now. */
  get sentCount(): number {
    return this.sent;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  add(message: RequestMessage, progressKey: string | null, timeoutMs: number): PendingRequest {
    const { start, end } = message.id.text;
    const request: PendingRequest = {
      key: message.id.key,
      idText: Buffer.from(message.bytes.subarray(start, end)),
      acceptedAt: this.clock.now(),
      requestBytes: message.bytes.length,
      progressKey,
      phase: 'queued',
    };
    this.entries.set(request.key, { request, timer: this.startTimer(request.key, timeoutMs) });
    if (progressKey !== null) this.byProgress.set(progressKey, request.key);
    return request;
  }

  markSent(key: string): void {
    const request = this.entries.get(key)?.request;
    if (request?.phase !== 'queued') return;
    request.phase = 'sent';
    this.sent += 1;
  }

  /** It was not processed after all, and may be sent again. */
  markQueued(key: string): void {
    const request = this.entries.get(key)?.request;
    if (request?.phase !== 'sent') return;
    request.phase = 'queued';
    this.sent -= 1;
  }

  /** Removes and returns the request, or undefined when nothing is owed (any more). */
  take(key: string): PendingRequest | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    entry.timer.cancel();
    this.entries.delete(key);
    const { request } = entry;
    const { progressKey } = request;
    // Another request may have taken over the token.
    if (progressKey !== null && this.byProgress.get(progressKey) === key) this.byProgress.delete(progressKey);
    if (request.phase === 'sent') {
      this.sent -= 1;
      this.handlers.onReleased();
    }
    return request;
  }

  /** Like {@link take}, for a reply: nothing can answer a request that was never sent. */
  takeSent(key: string): PendingRequest | undefined {
    return this.entries.get(key)?.request.phase === 'sent' ? this.take(key) : undefined;
  }

  /** Removes all requests that `matches` chooses, oldest first. */
  takeAll(matches: (request: PendingRequest) => boolean): PendingRequest[] {
    const chosen = [...this.entries.values()].map((entry) => entry.request).filter(matches);
    return chosen.filter((request) => this.take(request.key) !== undefined);
  }

  /** Progress was reported: the deadline starts anew. */
  extend(progressKey: string, timeoutMs: number): void {
    const entry = this.entries.get(this.byProgress.get(progressKey) ?? '');
    if (entry === undefined) return;
    entry.timer.cancel();
    entry.timer = this.startTimer(entry.request.key, timeoutMs);
  }

  private startTimer(key: string, timeoutMs: number): Timer {
    return this.clock.after(timeoutMs, () => {
      const request = this.take(key);
      if (request !== undefined) this.handlers.onExpired(request);
    });
  }
}
