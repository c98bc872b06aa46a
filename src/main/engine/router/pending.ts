import type { RequestMessage } from '../jsonrpc/scan';
import { toolMark } from '../jsonrpc/tool-mark';
import type { Clock, Timer } from '../ports';

import type { TimeLimits } from './time-limits';

/** The connection that a request was sent on. */
export interface PendingLane {
  /** Requests that were sent on it and are owed a reply. */
  inFlight: number;
}

/** A request that is still owed its one reply. */
export interface PendingRequest<Lane extends PendingLane = PendingLane> {
  /** Grows with each request that was accepted. */
  readonly serial: number;
  readonly key: string;
  readonly method: string;
  /** The id exactly as the client wrote it. */
  readonly idText: Buffer;
  readonly acceptedAt: number;
  readonly requestBytes: number;
  /** A hash of the tool's name; null where no tool is called. */
  readonly toolMark: number | null;
  /** Where progress notifications name this request (MCP: progress); null when it asked for none. */
  readonly progressKey: string | null;
  /** For the audit trail: the tool that it calls, or null; undefined when requests are not recorded. */
  readonly toolName: string | null | undefined;
  /** `queued`: never handed to the wire. `sent`: the other side may have carried it out. */
  phase: 'queued' | 'sent';
  /** Undefined until it is sent. */
  lane: Lane | undefined;
}

interface Entry<Lane extends PendingLane> {
  readonly request: PendingRequest<Lane>;
  readonly timeoutMs: number;
  timer: Timer;
  /** Ends it whatever progress is reported; only where progress can be. */
  readonly longest: Timer | undefined;
}

/** Which deadline passed: no news for too long, or too long altogether. */
export type Deadline = 'local.request_timeout_ms' | 'local.max_request_duration_ms';

/** What {@link PendingRequests} tells. */
export interface PendingHandlers<Lane extends PendingLane> {
  /** A deadline passed; the request is no longer pending then. */
  onExpired(request: PendingRequest<Lane>, deadline: Deadline): void;
  /** The other side works on one request less. */
  onReleased(): void;
}

/** Replies that come after we gave up are told apart as long as no more than this many are missing. */
const MAX_LATE = 1000;

/** The requests that are owed a reply. An entry leaves exactly once, and whoever takes it answers it. */
export class PendingRequests<Lane extends PendingLane = PendingLane> {
  private readonly entries = new Map<string, Entry<Lane>>();
  private readonly byProgress = new Map<string, string>();
  /** Sent and given up: until its reply has come, nothing else may bear the id. */
  private readonly late = new Map<string, Lane | undefined>();
  private sent = 0;
  private accepted = 0;

  constructor(
    private readonly clock: Clock,
    private readonly handlers: PendingHandlers<Lane>,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** How many may be worked on by the other side right now. */
  get sentCount(): number {
    return this.sent;
  }

  get(key: string): PendingRequest<Lane> | undefined {
    return this.entries.get(key)?.request;
  }

  add(
    message: RequestMessage,
    progressKey: string | null,
    { timeoutMs, longestMs }: TimeLimits,
    toolName?: string | null,
  ): PendingRequest<Lane> {
    const { start, end } = message.id.text;
    this.accepted += 1;
    const request: PendingRequest<Lane> = {
      serial: this.accepted,
      key: message.id.key,
      method: message.method,
      idText: Buffer.from(message.bytes.subarray(start, end)),
      acceptedAt: this.clock.now(),
      requestBytes: message.bytes.length,
      toolMark: toolMark(message),
      progressKey,
      toolName,
      phase: 'queued',
      lane: undefined,
    };
    this.entries.set(request.key, {
      request,
      timeoutMs,
      timer: this.startTimer(request.key, timeoutMs),
      longest:
        progressKey === null
          ? undefined
          : this.startTimer(request.key, longestMs, 'local.max_request_duration_ms'),
    });
    if (progressKey !== null) this.byProgress.set(progressKey, request.key);
    return request;
  }

  markSent(key: string, lane: Lane): void {
    const request = this.get(key);
    if (request?.phase !== 'queued') return;
    request.phase = 'sent';
    request.lane = lane;
    lane.inFlight += 1;
    this.sent += 1;
  }

  /** It was not processed after all, and may be sent again. */
  markQueued(request: PendingRequest<Lane>): void {
    if (request.phase !== 'sent') return;
    request.phase = 'queued';
    this.release(request);
  }

  /** Removes and returns the request, or undefined when nothing is owed (any more). */
  take(key: string): PendingRequest<Lane> | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    entry.timer.cancel();
    entry.longest?.cancel();
    this.entries.delete(key);
    const { request } = entry;
    const { progressKey } = request;
    // Another request may have taken over the token.
    if (progressKey !== null && this.byProgress.get(progressKey) === key) this.byProgress.delete(progressKey);
    if (request.phase === 'sent') this.release(request);
    return request;
  }

  /** Like {@link take}, for a reply on a connection: nothing can answer a request that was not sent there. */
  takeSent(key: string, lane: Lane): PendingRequest<Lane> | undefined {
    if (this.late.get(key) === lane) this.late.delete(key);
    const request = this.get(key);
    return request?.phase === 'sent' && request.lane === lane ? this.take(key) : undefined;
  }

  /** Where a request was sent, also after it was given up. */
  laneOf(key: string): Lane | undefined {
    return this.get(key)?.lane ?? this.late.get(key);
  }

  /** Like {@link take}, for a request whose reply may still come and is not wanted any more. */
  giveUp(key: string): PendingRequest<Lane> | undefined {
    const request = this.take(key);
    if (request?.phase !== 'sent') return request;
    this.late.set(key, request.lane);
    const [oldest] = this.late.keys();
    if (this.late.size > MAX_LATE && oldest !== undefined) this.late.delete(oldest);
    return request;
  }

  /** True while a reply to an earlier request with this id may still come: it would be taken for the reply to a new one. */
  isTaken(key: string): boolean {
    return this.entries.has(key) || this.late.has(key);
  }

  /** The connection is gone, and every reply that was to come on it. */
  forgetLate(lane: Lane): void {
    for (const [key, other] of this.late) if (other === lane) this.late.delete(key);
  }

  /** Removes all requests that `matches` chooses, oldest first. */
  takeAll(matches: (request: PendingRequest<Lane>) => boolean): PendingRequest<Lane>[] {
    const chosen = [...this.entries.values()].map((entry) => entry.request).filter(matches);
    return chosen.filter((request) => this.take(request.key) !== undefined);
  }

  /** Progress was reported: the deadline starts anew, and is never nearer than the first one was. The longest stays. Returns the request's key. */
  extend(progressKey: string, timeoutMs: number): string | undefined {
    const entry = this.entries.get(this.byProgress.get(progressKey) ?? '');
    if (entry === undefined) return undefined;
    entry.timer.cancel();
    entry.timer = this.startTimer(entry.request.key, Math.max(timeoutMs, entry.timeoutMs));
    return entry.request.key;
  }

  private release(request: PendingRequest<Lane>): void {
    if (request.lane !== undefined) request.lane.inFlight -= 1;
    this.sent -= 1;
    this.handlers.onReleased();
  }

  private startTimer(key: string, timeoutMs: number, deadline: Deadline = 'local.request_timeout_ms'): Timer {
    return this.clock.after(timeoutMs, () => {
      const request = this.giveUp(key);
      if (request !== undefined) this.handlers.onExpired(request, deadline);
    });
  }
}
