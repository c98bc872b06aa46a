import { assertNever } from '../../../shared/model/errors';
import { knownMethod } from '../../../shared/model/known-methods';
import { passedMs } from '../../../shared/model/passed-time';
import type { Inbound } from '../gateway/transports/transport';
import { tooLarge } from '../guard/guard';
import { errorReply, splice } from '../jsonrpc/message';
import { memberOf } from '../jsonrpc/members';
import {
  readId,
  scanMessage,
  type Message,
  type MessageId,
  type NotificationMessage,
  type RequestMessage,
  type ResponseMessage,
} from '../jsonrpc/scan';

import { auditedRequest } from './audited-request';
import type { Handshake } from './handshake';
import { deliver, refuse, type SessionContext } from './session-context';
import type { Lane } from './lanes';
import type { PendingRequests } from './pending';
import type { ServerQuestions } from './server-questions';

/** What the lane down needs beside the shared context. */
export interface DownLaneParts {
  readonly handshake: Handshake;
  readonly pending: PendingRequests<Lane>;
  /** Settled exactly once each. */
  readonly questions: ServerQuestions<Lane>;
  /** A reply was delivered: there may be room for what waits. */
  readonly onSettled: () => void;
}

type MessageDirection = 'from-client' | 'from-gateway';

const NULL_RESULT = Buffer.from(',"result":null');
const PROGRESS = 'notifications/progress';
const SUBSCRIPTION_KEY = 'io.modelcontextprotocol/subscriptionId';
const CANCELLED = 'notifications/cancelled';

/** From the gateway to the client: replies, and what servers ask and tell of their own accord. */
export class DownLane {
  constructor(
    private readonly context: SessionContext,
    private readonly parts: DownLaneParts,
  ) {}

  /** Takes one message of the gateway, and the connection that it came on. */
  take(inbound: Inbound, lane: Lane): void {
    const scanned = scanMessage(inbound.payload);
    if (scanned.kind !== 'message') {
      this.takeUnreadable(inbound, lane);
      return;
    }
    const { message } = scanned;
    switch (message.kind) {
      case 'response':
        this.takeReply(message, inbound, lane);
        return;
      case 'request':
        this.takeServerRequest(message, inbound, lane);
        return;
      case 'notification':
        this.takeNotification(message, inbound, lane);
        return;
      default:
        assertNever(message);
    }
  }

  /** The client answers. */
  takeAnswer(message: ResponseMessage): void {
    const question = message.id === null ? undefined : this.parts.questions.answer(message.id.key);
    if (question === undefined || question === 'gone' || message.id === null) {
      const reason = question === 'gone' ? 'who asked is gone' : 'the server asked nothing with this id';
      this.drop(reason, message.bytes.length, 'from-client');
      return;
    }
    const { serverId, lane } = question;
    const answer = serverId.equals(question.clientId)
      ? message
      : scanned(splice(message.bytes, message.id.text, serverId));
    if (lane.connection.respond(answer) !== 'too-large') return;
    // Without any answer the server would wait for ever.
    const refusal = tooLarge(message.bytes.length, this.context.config().gateway.max_message_bytes);
    lane.connection.respond(scanned(errorReply(serverId, refusal)));
    this.drop('larger than gateway.max_message_bytes', message.bytes.length, 'from-client');
  }

  /** The connection is gone, and with it whoever asked. */
  forgetQuestions(lane: Lane): void {
    this.parts.questions.forget(lane);
  }

  /** Tells about bytes that were no message at all. */
  drop(reason: string, bytes: number, direction: MessageDirection = 'from-gateway'): void {
    this.context.publish({ kind: 'message-dropped', session: this.context.id, direction, reason, bytes });
  }

  private takeReply(message: ResponseMessage, { envelopeId, status }: Inbound, lane: Lane): void {
    const id = message.id ?? envelopeId;
    if (id === null) {
      // The real gateway answers notifications like this; a client must not see it.
      this.drop('a reply to nothing', message.bytes.length);
      return;
    }
    if (this.parts.handshake.swallows(id.key, message.outcome)) return;
    const request = this.parts.pending.takeSent(id.key, lane);
    if (request === undefined) {
      this.drop('no request waits for this reply', message.bytes.length);
      return;
    }
    this.parts.handshake.noteReply(request.key, message.outcome);
    const isError = message.outcome === 'error';
    deliver(this.context, withExactId(message, request.idText), {
      kind: 'reply',
      request: request.key,
      isError,
      status,
    });
    this.context.publish({
      kind: 'request-settled',
      session: this.context.id,
      method: knownMethod(request.method),
      tool: request.toolMark,
      outcome: isError ? 'error' : 'result',
      durationMs: passedMs(request.acceptedAt, this.context.ports.clock.now()),
      requestBytes: request.requestBytes,
      replyBytes: message.bytes.length,
      ...auditedRequest(request, this.context),
    });
    this.parts.onSettled();
  }

  /** What cannot be read but names a request still settles that request. */
  private takeUnreadable({ payload, envelopeId }: Inbound, lane: Lane): void {
    if (envelopeId !== null && this.parts.handshake.swallows(envelopeId.key, 'error')) return;
    const request = envelopeId === null ? undefined : this.parts.pending.takeSent(envelopeId.key, lane);
    if (request === undefined) {
      this.drop('not a JSON-RPC message', payload.length);
      return;
    }
    this.parts.handshake.noteReply(request.key, 'error');
    const audited = auditedRequest(request, this.context);
    refuse(this.context, request.idText, { code: 'gateway-misbehaved' }, audited);
    this.parts.onSettled();
  }

  private takeServerRequest(message: RequestMessage, { about }: Inbound, lane: Lane): void {
    const limit = this.context.config().local.max_server_requests;
    if (this.parts.questions.size >= limit) {
      const { start, end } = message.id.text;
      const reply = errorReply(message.bytes.subarray(start, end), {
        code: 'concurrency-limited',
        limit: 'local.max_server_requests',
      });
      lane.connection.respond(scanned(reply));
      this.drop('more server requests than local.max_server_requests', message.bytes.length);
      return;
    }
    const { serverId, clientId } = this.parts.questions.ask(message, lane);
    const isSame = clientId.equals(serverId);
    const bytes = isSame ? message.bytes : splice(message.bytes, message.id.text, clientId);
    deliver(this.context, bytes, { kind: 'question', request: about });
  }

  private takeNotification(message: NotificationMessage, { about }: Inbound, lane: Lane): void {
    let request = about;
    if (message.method === PROGRESS) {
      const token = idIn(message, 'progressToken');
      const { request_timeout_ms: timeoutMs } = this.context.config().local;
      const extended = token && this.parts.pending.extend(token.key, timeoutMs);
      request ??= extended;
    }
    request ??= subscriptionOf(message);
    const bytes = message.method === CANCELLED ? this.withdrawal(message, lane) : message.bytes;
    deliver(this.context, bytes, { kind: 'notification', request });
  }

  /** The withdrawal of a question, under the id that the client knows. */
  private withdrawal(message: NotificationMessage, lane: Lane): Buffer {
    const id = idIn(message, 'requestId');
    const question = id === undefined ? undefined : this.parts.questions.withdraw(id.key, lane);
    if (id === undefined || question === undefined) return message.bytes;
    return splice(message.bytes, id.text, question.clientId);
  }
}

function scanned(bytes: Buffer): Message {
  const result = scanMessage(bytes);
  if (result.kind !== 'message') throw new Error('a message of ours does not scan');
  return result.message;
}

function idIn(message: NotificationMessage, member: string): MessageId | undefined {
  const value = memberOf(message.bytes, message.params, member);
  const id = value === undefined ? null : readId(message.bytes, value);
  return id === null || id === 'invalid' ? undefined : id;
}

/** The request whose subscription a notification belongs to (MCP 2026-07-28). */
function subscriptionOf({ bytes, params }: NotificationMessage): string | undefined {
  if (!bytes.includes(SUBSCRIPTION_KEY)) return undefined;
  const value = memberOf(bytes, memberOf(bytes, params, '_meta'), SUBSCRIPTION_KEY);
  const id = value === undefined ? null : readId(bytes, value);
  return id === null || id === 'invalid' ? undefined : id.key;
}

/**
 * The reply with the id as the client wrote it: a gateway may print 1e2 as 100, or put the id on the envelope only.
 * A reply without result and error is what the real gateway makes of `"result":null` (gateway-protocol 1.5).
 */
function withExactId(message: ResponseMessage, idText: Buffer): Buffer {
  const { bytes, id, outcome } = message;
  const replacement = outcome === 'empty' ? Buffer.concat([idText, NULL_RESULT]) : idText;
  if (id === null) return withNewId(bytes, replacement);
  const isSame = bytes.subarray(id.text.start, id.text.end).equals(idText);
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
