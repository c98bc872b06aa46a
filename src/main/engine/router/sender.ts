import { tooLarge } from '../guard/guard';
import { memberOf } from '../jsonrpc/members';
import { readId, type Message, type NotificationMessage, type RequestMessage } from '../jsonrpc/scan';

import { auditedRequest } from './audited-request';
import type { Handshake } from './handshake';
import { destinationOf } from './lane-choice';
import type { Lane } from './lanes';
import type { PendingRequests } from './pending';
import type { ServerQuestions } from './server-questions';
import { refuse, type SessionContext } from './session-context';

/** What sending needs beside the shared context. */
export interface SenderParts {
  readonly handshake: Handshake;
  readonly pending: PendingRequests<Lane>;
  readonly questions: ServerQuestions<Lane>;
  readonly drop: (reason: string, bytes: number) => void;
}

/** Puts messages of the client on the wire, each on the connection where it belongs. */
export class Sender {
  constructor(
    private readonly context: SessionContext,
    private readonly parts: SenderParts,
  ) {}

  send(message: Message): void {
    if (message.kind === 'request') this.sendRequest(message);
    else if (message.kind === 'notification') this.sendNotification(message);
    if (this.context.lanes.isCongested) this.context.door.pauseInput();
  }

  /** True for what concerns a connection that is being left: it need not wait for the one in its place. */
  isForLeft(message: NotificationMessage): boolean {
    const destination = destinationOf(message);
    if (destination !== 'request' && destination !== 'question') return false;
    return this.lanesFor(message).some(({ isRetiring }) => isRetiring);
  }

  private sendRequest(message: RequestMessage): void {
    const { pending, handshake } = this.parts;
    const { lanes, config } = this.context;
    const lane = lanes.laneFor(message);
    // Before the wire: a reply can only follow, and what was handed over may have been carried out.
    pending.markSent(message.id.key, lane);
    handshake.noteRequest(message);
    const outcome = lane.connection.send(message);
    if (message.method === 'initialize') lanes.retireOthers();
    if (outcome === 'sent') return;
    const request = pending.take(message.id.key);
    if (request === undefined) return;
    handshake.noteReply(request.key, 'error');
    const limit = config().gateway.max_message_bytes;
    const refusal = outcome === 'too-large' ? tooLarge(message.bytes.length, limit) : { code: outcome };
    refuse(this.context, request.idText, refusal, auditedRequest(request, this.context));
  }

  private sendNotification(message: NotificationMessage): void {
    this.parts.handshake.noteNotification(message);
    for (const lane of this.lanesFor(message)) {
      const outcome = lane.connection.send(message);
      if (outcome !== 'sent') this.parts.drop(outcome, message.bytes.length);
    }
  }

  private lanesFor(message: NotificationMessage): readonly Lane[] {
    const { lanes } = this.context;
    const { pending, questions } = this.parts;
    switch (destinationOf(message)) {
      case 'request':
        return [keyIn(message, 'requestId', (key) => pending.laneOf(key)) ?? lanes.first];
      case 'question':
        return [keyIn(message, 'progressToken', (key) => questions.laneOf(key)) ?? lanes.first];
      case 'all':
        return lanes.ready;
      case 'first':
      case 'any':
        return [lanes.first];
    }
  }
}

/** What is known under the id that a parameter holds. */
function keyIn<Value>(
  { bytes, params }: NotificationMessage,
  member: string,
  lookUp: (key: string) => Value | undefined,
): Value | undefined {
  const value = memberOf(bytes, params, member);
  const id = value === undefined ? null : readId(bytes, value);
  return id === null || id === 'invalid' ? undefined : lookUp(id.key);
}
