import type { ErrorCode } from '../../shared/model/errors';
import { memberOf } from '../engine/jsonrpc/members';
import { splice } from '../engine/jsonrpc/message';
import {
  readId,
  scanMessage,
  type MessageId,
  type NotificationMessage,
  type ResponseMessage,
} from '../engine/jsonrpc/scan';
import type { Handshake } from '../engine/router/handshake';
import { ServerQuestions } from '../engine/router/server-questions';

import type { OwedReplies } from './owed-replies';

/** What is to be done with a line of the router. */
export type Relayed =
  | { readonly kind: 'deliver'; readonly line: Buffer }
  | { readonly kind: 'keep' }
  /** The router takes no more clients: whatever was sent on this connection was not processed. */
  | { readonly kind: 'turned-away'; readonly code: ErrorCode }
  /** A person wants this client gone: it must not come back by itself. */
  | { readonly kind: 'dismissed'; readonly code: ErrorCode };

const KEEP: Relayed = { kind: 'keep' };
const deliver = (line: Buffer): Relayed => ({ kind: 'deliver', line });

/** From the router to the client. Questions of servers that are gone with a router are told apart from new ones. */
export class DownRelay {
  private readonly questions = new ServerQuestions();
  /** The router of now: each is one lane. */
  private lane = { number: 0 };

  constructor(
    private readonly handshake: Handshake,
    private readonly owed: OwedReplies,
  ) {}

  take(line: Buffer): Relayed {
    const scanned = scanMessage(line);
    if (scanned.kind !== 'message') return deliver(line);
    const { message } = scanned;
    switch (message.kind) {
      case 'response':
        return this.takeReply(message);
      case 'request': {
        const { clientId, serverId } = this.questions.ask(message, this.lane);
        return deliver(clientId.equals(serverId) ? line : splice(line, message.id.text, clientId));
      }
      case 'notification':
        return deliver(message.method === 'notifications/cancelled' ? this.withdrawal(message) : line);
    }
  }

  /** The client's answer as the server knows it; undefined when who asked is gone. */
  answer({ bytes, id }: ResponseMessage): Buffer | undefined {
    const question = id === null ? undefined : this.questions.answer(id.key);
    if (question === undefined || question === 'gone' || id === null) return undefined;
    return question.serverId.equals(question.clientId) ? bytes : splice(bytes, id.text, question.serverId);
  }

  /** The router is gone, and with it whoever asked. */
  forgetQuestions(): void {
    this.questions.forget(this.lane);
    this.lane = { number: this.lane.number + 1 };
  }

  private takeReply(message: ResponseMessage): Relayed {
    const { id, bytes, outcome } = message;
    if (id === null) {
      return farewell(message) ?? deliver(bytes);
    }
    if (this.handshake.swallows(id.key, outcome)) return KEEP;
    this.owed.take(id.key);
    this.handshake.noteReply(id.key, outcome);
    return deliver(bytes);
  }

  private withdrawal(message: NotificationMessage): Buffer {
    const id = idIn(message, 'requestId');
    const question = id === undefined ? undefined : this.questions.withdraw(id.key, this.lane);
    if (id === undefined || question === undefined) return message.bytes;
    return splice(message.bytes, id.text, question.clientId);
  }
}

/** The id that a notification speaks of. */
export function idIn(message: NotificationMessage, member: string): MessageId | undefined {
  const value = memberOf(message.bytes, message.params, member);
  const id = value === undefined ? null : readId(message.bytes, value);
  return id === null || id === 'invalid' ? undefined : id;
}

const FAREWELLS = {
  'session-limit': 'turned-away',
  'shutting-down': 'turned-away',
  'client-disconnected': 'dismissed',
  'client-blocked': 'dismissed',
} as const satisfies Partial<Record<ErrorCode, Relayed['kind']>>;

/** The router says goodbye with an error to nothing: it has no session for this client. */
function farewell({ bytes, outcome }: ResponseMessage): Relayed | undefined {
  if (outcome !== 'error') return undefined;
  const whole = { start: bytes.indexOf(0x7b), end: bytes.length };
  const code = memberOf(bytes, memberOf(bytes, memberOf(bytes, whole, 'error'), 'data'), 'code');
  if (code === undefined) return undefined;
  const text = bytes.toString('utf8', code.start + 1, code.end - 1);
  return isFarewell(text) ? { kind: FAREWELLS[text], code: text } : undefined;
}

const isFarewell = (text: string): text is keyof typeof FAREWELLS => Object.hasOwn(FAREWELLS, text);
