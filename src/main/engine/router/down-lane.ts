import { assertNever } from '../../../shared/model/errors';
import type { Inbound } from '../gateway/transports/transport';
import { errorReply, splice } from '../jsonrpc/message';
import { memberOf } from '../jsonrpc/members';
import {
  readId,
  scanMessage,
  type MessageId,
  type NotificationMessage,
  type RequestMessage,
  type ResponseMessage,
} from '../jsonrpc/scan';

import type { Handshake } from './handshake';
import { deliver, refuse, type SessionContext } from './session-context';
import type { PendingRequests } from './pending';

/** What the lane down needs beside the shared context. */
export interface DownLaneParts {
  readonly handshake: Handshake;
  readonly pending: PendingRequests;
  /** A reply was delivered: there may be room for what waits. */
  readonly onSettled: () => void;
}

const NULL_RESULT = Buffer.from(',"result":null');
const PROGRESS = 'notifications/progress';
const CANCELLED = 'notifications/cancelled';

/** From the gateway to the client: replies, and what servers ask and tell of their own accord. */
export class DownLane {
  /** What the server has asked and the client has not answered; settled exactly once. */
  private readonly serverRequests = new Set<string>();

  constructor(
    private readonly context: SessionContext,
    private readonly parts: DownLaneParts,
  ) {}

  /** Takes one message of the gateway. */
  take(inbound: Inbound): void {
    const scanned = scanMessage(inbound.payload);
    if (scanned.kind !== 'message') {
      this.takeUnreadable(inbound);
      return;
    }
    const { message } = scanned;
    switch (message.kind) {
      case 'response':
        this.takeReply(message, inbound.envelopeId);
        return;
      case 'request':
        this.takeServerRequest(message);
        return;
      case 'notification':
        this.takeNotification(message);
        return;
      default:
        assertNever(message);
    }
  }

  /** The client answers: true when the server waits for it. */
  settleServerRequest(key: string): boolean {
    return this.serverRequests.delete(key);
  }

  /** The connection is gone, and with it whoever asked. */
  forgetServerRequests(): void {
    this.serverRequests.clear();
  }

  /** Tells about bytes that were no message at all. */
  drop(reason: string, bytes: number): void {
    this.context.publish({
      kind: 'message-dropped',
      session: this.context.id,
      direction: 'from-gateway',
      reason,
      bytes,
    });
  }

  private takeReply(message: ResponseMessage, envelopeId: MessageId | null): void {
    const id = message.id ?? envelopeId;
    if (id === null) {
      // The real gateway answers notifications like this; a client must not see it.
      this.drop('a reply to nothing', message.bytes.length);
      return;
    }
    if (this.parts.handshake.swallows(id.key, message.outcome)) return;
    const request = this.parts.pending.take(id.key);
    if (request === undefined) {
      this.drop('no request waits for this reply', message.bytes.length);
      return;
    }
    this.parts.handshake.noteReply(request.key, message.outcome);
    deliver(this.context, withExactId(message, request.idText));
    this.context.publish({
      kind: 'request-settled',
      session: this.context.id,
      outcome: message.outcome === 'error' ? 'error' : 'result',
      durationMs: this.context.ports.clock.now() - request.acceptedAt,
      requestBytes: request.requestBytes,
      replyBytes: message.bytes.length,
    });
    this.parts.onSettled();
  }

  /** What cannot be read but names a request still settles that request. */
  private takeUnreadable({ payload, envelopeId }: Inbound): void {
    const request = envelopeId === null ? undefined : this.parts.pending.take(envelopeId.key);
    if (request === undefined) {
      this.drop('not a JSON-RPC message', payload.length);
      return;
    }
    this.parts.handshake.noteReply(request.key, 'error');
    refuse(this.context, request.idText, { code: 'gateway-misbehaved' });
    this.parts.onSettled();
  }

  private takeServerRequest(message: RequestMessage): void {
    const limit = this.context.config().local.max_server_requests;
    if (this.serverRequests.size >= limit) {
      const { start, end } = message.id.text;
      const reply = errorReply(message.bytes.subarray(start, end), {
        code: 'concurrency-limited',
        limit: 'local.max_server_requests',
      });
      const scanned = scanMessage(reply);
      if (scanned.kind === 'message') this.context.connection.send(scanned.message);
      this.drop('more server requests than local.max_server_requests', message.bytes.length);
      return;
    }
    this.serverRequests.add(message.id.key);
    deliver(this.context, message.bytes);
  }

  private takeNotification(message: NotificationMessage): void {
    if (message.method === PROGRESS) {
      const token = idIn(message, 'progressToken');
      const { request_timeout_ms: timeoutMs } = this.context.config().local;
      if (token !== undefined) this.parts.pending.extend(token, timeoutMs);
    } else if (message.method === CANCELLED) {
      const key = idIn(message, 'requestId');
      if (key !== undefined) this.serverRequests.delete(key);
    }
    deliver(this.context, message.bytes);
  }
}

function idIn(message: NotificationMessage, member: string): string | undefined {
  const value = memberOf(message.bytes, message.params, member);
  const id = value === undefined ? null : readId(message.bytes, value);
  return id === null || id === 'invalid' ? undefined : id.key;
}

/**
 * The reply with the id as the client wrote it: a gateway may print 1e2 as 100, or put the id on the envelope only.
 * A reply without result and error is what the real gateway makes of `"result":null` (gateway-protocol 1.5).
 */
function withExactId(message: ResponseMessage, idText: Buffer): Buffer {
  const { bytes, id, outcome } = message;
  if (id === null) return withNewId(bytes, idText);
  const isSame = bytes.subarray(id.text.start, id.text.end).equals(idText);
  const replacement = outcome === 'empty' ? Buffer.concat([idText, NULL_RESULT]) : idText;
  return isSame && outcome !== 'empty' ? bytes : splice(bytes, id.text, replacement);
}

/** Puts an id into a reply whose own id is null or absent. */
function withNewId(bytes: Buffer, idText: Buffer): Buffer {
  const start = bytes.indexOf(0x7b);
  const own = memberOf(bytes, { start, end: bytes.length }, 'id');
  if (own !== undefined) return splice(bytes, own, idText);
  return splice(
    bytes,
    { start: start + 1, end: start + 1 },
    Buffer.concat([Buffer.from('"id":'), idText, Buffer.from(',')]),
  );
}
