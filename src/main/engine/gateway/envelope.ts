import type { GatewayConfig } from '../../../shared/model/config';
import type { Credential } from '../auth/credentials';
import { visitMembers, type Range } from '../jsonrpc/members';
import { readId, type Message, type MessageId } from '../jsonrpc/scan';
import { skipSpace } from '../jsonrpc/skip-value';

const CLOSING_BRACE = Buffer.from('}');
const LEFT_BRACE = 0x7b;

/** What the gateway's envelope adds around a message (gateway-protocol 1.5). */
export interface EnvelopeFields {
  readonly namespace: string | undefined;
  /** The raw token, for gateways that look at each message; undefined leaves the member out. */
  readonly authToken: string | undefined;
  /** Epoch milliseconds; written in whole seconds as the real gateway's peers do. */
  readonly now: number;
}

/** The token that goes beside each message: bearer tokens only, and where the configuration wants it (1.5). */
export const envelopeToken = (
  auth: GatewayConfig['auth'],
  credential: Credential | null,
): string | undefined =>
  auth.per_message_auth && auth.type === 'bearer' ? credential?.secret.reveal() : undefined;

/** Puts a message into the gateway's envelope; its own bytes are copied, never rewritten. */
export function wrapEnvelope(message: Message, fields: EnvelopeFields): Buffer {
  const timestamp = `${new Date(fields.now).toISOString().slice(0, 19)}Z`;
  const namespace =
    fields.namespace === undefined ? '' : `,"target_namespace":${JSON.stringify(fields.namespace)}`;
  const token = fields.authToken === undefined ? '' : `,"auth_token":${JSON.stringify(fields.authToken)}`;
  const head = `,"timestamp":"${timestamp}","source":"local-router"${namespace}${token},"mcp_payload":`;
  return Buffer.concat([
    Buffer.from('{"id":'),
    idText(message),
    Buffer.from(head),
    message.bytes,
    CLOSING_BRACE,
  ]);
}

const NULL_ID = Buffer.from('null');

function idText(message: Message): Buffer {
  if (message.kind === 'notification' || message.id === null) return NULL_ID;
  return message.bytes.subarray(message.id.text.start, message.id.text.end);
}

/** A frame of the gateway: its payload, and the id on the envelope where the payload has none. */
export interface Unwrapped {
  readonly payload: Buffer;
  readonly envelopeId: MessageId | null;
}

/** Takes the payload out of a frame. A bare JSON-RPC object is its own payload. Undefined: not a JSON object. */
export function unwrapEnvelope(frame: Buffer): Unwrapped | undefined {
  let payload: Range | undefined;
  let id: Range | undefined;
  const start = skipSpace(frame, 0);
  const end = visitMembers(frame, start, (key, value) => {
    const name = frame.toString('latin1', key.start, key.end);
    if (name === 'mcp_payload') payload = value;
    if (name === 'id') id = value;
  });
  if (end < 0 || skipSpace(frame, end) !== frame.length) return undefined;
  if (payload === undefined) return { payload: frame, envelopeId: null };
  if (frame[payload.start] !== LEFT_BRACE) return undefined;
  const envelopeId = id === undefined ? null : readId(frame, id);
  return {
    payload: frame.subarray(payload.start, payload.end),
    envelopeId: envelopeId === 'invalid' ? null : envelopeId,
  };
}
