import { assertNever, errorSentence, type ErrorCode } from '../../../shared/model/errors';
import type { Rejection } from '../gateway/transports/transport';
import type { ClientLoad } from '../guard/fair-slots';
import { memberOf } from '../jsonrpc/members';
import { errorReply, type Refusal } from '../jsonrpc/message';
import type { OversizeMessage } from '../jsonrpc/oversize';
import {
  readId,
  scanMessage,
  type Message,
  type NotificationMessage,
  type RequestMessage,
  type ResponseMessage,
  type ScanResult,
} from '../jsonrpc/scan';

import type { Timer } from '../ports';

import { auditedRequest, toolOf, turnAway } from './audited-request';
import { refuseBatch } from './batch-refusal';
import { expiryOf, whenBack } from './expiry';
import type { Handshake } from './handshake';
import { progressKeyOf } from './progress';
import type { Lane } from './lanes';
import { PendingRequests, type Deadline, type PendingRequest } from './pending';
import { MessageQueue } from './queue';
import { Sender } from './sender';
import type { ServerQuestions } from './server-questions';
import { publishLimit, refuse, type SessionContext } from './session-context';
import { isStanding, timeLimits } from './time-limits';

/** What the lane up needs beside the shared context. */
export interface UpLaneParts {
  readonly handshake: Handshake;
  readonly questions: ServerQuestions<Lane>;
  /** The client answers a question of the server. */
  readonly onAnswer: (message: ResponseMessage) => void;
  readonly onInitialize: (message: RequestMessage) => void;
  /** Something was settled or sent: whoever waits for the lane to be empty may look. */
  readonly onSettled: () => void;
}

/** From the client to the gateway: scan, guard, remember, and send or queue (design section 3). */
export class UpLane {
  readonly pending: PendingRequests<Lane>;
  readonly queue = new MessageQueue();
  /** `open`: as usual. `held`: queue, because the connection is about to be renewed. `closing`: refuse. */
  mode: 'open' | 'held' | 'closing' = 'open';
  /** Why this client gets nothing any more. */
  dismissal: ErrorCode | undefined;
  requests = 0;
  /** Runs of Retry-After; nothing is sent before the last one is over. */
  private readonly waits = new Set<Timer>();
  private readonly sender: Sender;

  constructor(
    private readonly context: SessionContext,
    private readonly parts: UpLaneParts,
  ) {
    this.pending = new PendingRequests(context.ports.clock, {
      onExpired: (request, deadline) => {
        this.expire(request, deadline);
      },
      onReleased: context.onReleased,
    });
    const { handshake, questions } = parts;
    const drop = (reason: string, bytes: number): void => {
      this.drop(reason, bytes);
    };
    this.sender = new Sender(context, { handshake, pending: this.pending, questions, drop });
  }

  /** What this lane has at the gateway, and what waits for a slot there. */
  get load(): ClientLoad {
    const next = this.queue.first;
    const isWaiting = next !== undefined && this.isSending(next) && !this.context.lanes.isCongested;
    return { inFlight: this.pending.sentCount, waiting: isWaiting ? this.queue.length : 0 };
  }

  /** Takes one line of the client, or what a scan found there. */
  take(line: Buffer | ScanResult): void {
    const scanned = Buffer.isBuffer(line) ? scanMessage(line) : line;
    switch (scanned.kind) {
      case 'message':
        this.route(scanned.message);
        return;
      case 'batch':
        if (Buffer.isBuffer(line)) refuseBatch(this.context, line);
        return;
      case 'parse-failed':
        refuse(this.context, null, { code: 'parse-failed', detail: scanned.detail });
        return;
      case 'invalid-request':
        refuse(this.context, scanned.id, { code: 'invalid-request', detail: scanned.detail });
        return;
      default:
        assertNever(scanned);
    }
  }

  /** A line above `local.max_line_bytes`, of which only the id was kept. */
  takeOversize(message: OversizeMessage): void {
    const limit = this.context.config().local.max_line_bytes;
    const detail = `${String(message.byteLength)} bytes, limit ${String(limit)}`;
    const refusal: Refusal = { code: 'line-too-large', detail, limit: 'local.max_line_bytes' };
    if (message.kind === 'request' || message.kind === 'unknown') {
      refuse(this.context, message.id, refusal);
      return;
    }
    this.drop('larger than local.max_line_bytes', message.byteLength);
    // A server whose question was answered too long hears of it; without any answer it would wait for ever.
    if (message.kind === 'response') this.take(errorReply(message.id, refusal));
  }

  /** Sends what waits, in order, as far as the limit on concurrent requests allows. */
  drain(): void {
    while (!this.context.lanes.isCongested) {
      const next = this.queue.first;
      if (next === undefined || !this.isSending(next)) break;
      if (next.kind === 'request' && !this.context.guard.maySend(this.load, this.context.others())) break;
      this.queue.shift();
      this.sender.send(next);
    }
    this.parts.onSettled();
  }

  /** Fails what the broken connection may or may not have carried out. */
  failSent(lane: Lane, code: ErrorCode, detail: string): void {
    this.pending.forgetLate(lane);
    this.fail((request) => request.phase === 'sent' && request.lane === lane, { code, detail });
  }

  /** Fails all of it, on whichever connection. */
  failAllSent(code: ErrorCode, detail: string): void {
    this.fail((request) => request.phase === 'sent', { code, detail });
  }

  /** Fails everything that is owed. */
  failAll(code: ErrorCode): void {
    this.failQueued(code, '');
    this.failAllSent(code, '');
  }

  /** Nobody waits for what stays open for as long as the client does: the client is leaving. */
  failStanding(): void {
    this.fail(({ method }) => isStanding(method), { code: 'shutting-down' });
  }

  /** Fails what cannot go on while connections change: what opens a session, or lasts as long as its connection. */
  failBound(): void {
    const isBound = (method: string): boolean => method === 'initialize' || isStanding(method);
    const refusal = { code: 'gateway-lost', detail: 'the connection was renewed' } as const;
    this.fail(({ phase, method }) => phase === 'sent' && isBound(method), refusal);
  }

  /** Fails everything that was never sent, and forgets the notifications that wait with it. */
  failQueued(code: ErrorCode, detail: string): void {
    this.queue.clear();
    this.fail((request) => request.phase === 'queued', { code, detail });
  }

  /** The other side did not process a message: it waits and is sent again, or fails with the other side's reason. */
  takeBack(message: Message, { cause, retryAfterMs }: Rejection): void {
    if (message.kind !== 'request') {
      this.drop(`the gateway refused it: ${cause.code}`, message.bytes.length);
      return;
    }
    // A replayed `initialize` that was refused is no request of the client's.
    if (this.parts.handshake.swallows(message.id.key, 'error')) return;
    const request = this.pending.get(message.id.key);
    if (request?.phase !== 'sent') return;
    const { request_timeout_ms: deadlineMs } = this.context.config().local;
    if (retryAfterMs === null || retryAfterMs > deadlineMs) {
      this.fail(({ key }) => key === request.key, retryAfterMs === null ? cause : { ...cause, retryAfterMs });
      return;
    }
    this.queue.putBack(message, (other) => this.isLater(other, request.serial));
    this.wait(retryAfterMs);
    this.pending.markQueued(request);
  }

  /** No timer of this lane fires any more. */
  close(): void {
    for (const timer of this.waits) timer.cancel();
    this.waits.clear();
  }

  /** What waits was accepted after everything that was sent, unless it was sent and came back itself. */
  private isLater(other: Message, serial: number): boolean {
    if (other.kind !== 'request') return true;
    return (this.pending.get(other.id.key)?.serial ?? Number.POSITIVE_INFINITY) > serial;
  }

  /** Sends nothing for a while, as the other side asked. */
  private wait(delayMs: number): void {
    const timer = this.context.ports.clock.after(delayMs, () => {
      this.waits.delete(timer);
      this.drain();
    });
    this.waits.add(timer);
  }

  private fail(matches: (request: PendingRequest<Lane>) => boolean, refusal: Refusal): void {
    for (const request of this.pending.takeAll(matches)) {
      if (request.phase === 'queued') this.queue.removeRequest(request.key);
      else request.lane?.connection.abandon(request.key);
      this.parts.handshake.noteReply(request.key, 'error');
      refuse(this.context, request.idText, refusal, auditedRequest(request, this.context));
    }
    this.parts.onSettled();
  }

  private route(message: Message): void {
    switch (message.kind) {
      case 'request':
        this.takeRequest(message);
        return;
      case 'notification':
        this.takeNotification(message);
        return;
      case 'response':
        this.parts.onAnswer(message);
        return;
      default:
        assertNever(message);
    }
  }

  private takeRequest(message: RequestMessage): void {
    this.requests += 1;
    if (message.method === 'initialize') this.parts.onInitialize(message);
    const { config, guard, ports } = this.context;
    const { local } = config();
    const closed = guard.denial(message) ?? this.closedCause(message);
    if (closed !== undefined) {
      turnAway(this.context, message, closed);
      return;
    }
    const admission = guard.admission({
      client: this.context.id,
      byteLength: message.bytes.length,
      load: this.load,
      others: this.context.others(),
      isSentAtOnce: this.isClear(message),
      now: ports.clock.now(),
    });
    if (typeof admission !== 'string') {
      turnAway(this.context, message, admission);
      return;
    }
    if (admission === 'queue' && !this.queue.add(message, local.max_queued_requests)) {
      turnAway(this.context, message, {
        code: 'queue-full',
        limit: 'local.max_queued_requests',
        ...whenBack(this.context),
      });
      return;
    }
    this.parts.handshake.noteAccepted(message);
    const tool = guard.audits ? toolOf(message) : undefined;
    this.pending.add(message, progressKeyOf(message), timeLimits(message.method, local), tool);
    if (admission === 'send') this.sender.send(message);
  }

  /** Why no request can be taken at all right now. */
  private closedCause(message: RequestMessage): { code: ErrorCode; detail?: string } | undefined {
    if (this.dismissal !== undefined) return { code: this.dismissal };
    if (this.mode === 'closing') return { code: 'shutting-down' };
    if (this.pending.isTaken(message.id.key)) {
      return { code: 'invalid-request', detail: 'the reply to a request with this id is still to come' };
    }
    const { state } = this.context.lanes;
    if (state.name === 'failed') return state.cause;
    return state.name === 'idle' || state.name === 'closing' ? { code: 'not-connected' } : undefined;
  }

  private takeNotification(message: NotificationMessage): void {
    if (message.method === 'notifications/cancelled' && this.cancel(message)) return;
    const { id, config, guard, ports, lanes } = this.context;
    const denial = guard.denial(message);
    if (denial !== undefined) {
      publishLimit(this.context, denial);
      this.drop(errorSentence(denial.code, denial.detail), message.bytes.length);
    } else if (message.bytes.length > config().gateway.max_message_bytes) {
      this.drop('larger than gateway.max_message_bytes', message.bytes.length);
    } else if (!this.parts.handshake.awaits(message) && !guard.admitsNotification(id, ports.clock.now())) {
      this.drop('rate limit exceeded', message.bytes.length);
    } else if (this.isClear(message) || (this.waits.size === 0 && this.sender.isForLeft(message))) {
      this.sender.send(message);
    } else if (lanes.state.name === 'failed' || lanes.state.name === 'idle') {
      this.drop('not connected', message.bytes.length);
    } else if (!this.queue.add(message, config().local.max_queued_requests)) {
      this.drop('the queue is full', message.bytes.length);
    }
  }

  /**
   * The client wants no reply any more (MCP: cancellation), and gets none.
   *
   * @returns true when the other side need not hear of it
   */
  private cancel(message: NotificationMessage): boolean {
    const value = memberOf(message.bytes, message.params, 'requestId');
    const id = value === undefined ? undefined : readId(message.bytes, value);
    if (id === undefined || id === null || id === 'invalid') return false;
    const request = this.pending.giveUp(id.key);
    if (request === undefined) return true;
    this.parts.handshake.noteReply(request.key, 'error');
    this.queue.removeRequest(request.key);
    this.context.publish({
      kind: 'request-cancelled',
      session: this.context.id,
      ...auditedRequest(request, this.context),
    });
    this.drain();
    return request.phase === 'queued';
  }

  /** True when a message may go to the wire at once, without overtaking one that waits. */
  private isClear(message: Message): boolean {
    return this.queue.length === 0 && this.isSending(message);
  }

  private isSending(message: Message): boolean {
    return this.mode !== 'held' && this.waits.size === 0 && this.context.lanes.isReadyFor(message);
  }

  private expire(request: PendingRequest<Lane>, deadline: Deadline): void {
    this.queue.removeRequest(request.key);
    request.lane?.connection.abandon(request.key);
    this.parts.handshake.noteReply(request.key, 'error');
    refuse(
      this.context,
      request.idText,
      expiryOf(request, deadline, { context: this.context, isAskedToWait: this.waits.size > 0 }),
      auditedRequest(request, this.context),
    );
    this.drain();
  }

  private drop(reason: string, bytes: number): void {
    this.context.publish({
      kind: 'message-dropped',
      session: this.context.id,
      direction: 'from-client',
      reason,
      bytes,
    });
  }
}
