import type { Envelope, RejectedFrame } from './envelope';
import { readEnvelope, writeEnvelope } from './envelope';
import type { MessageFault } from './faults';
import { goJson } from './go-json';
import { isJsonObject, parseJson, rawMembers } from './json';
import type { Reply } from './reply-faults';
import type { TcpDialect } from './tcp-codec';

/** Reads the payload of a request or response frame: bare or in the wrapper, or in the Go router's envelope. */
export function readTcpMessage(dialect: TcpDialect, text: string): Envelope | RejectedFrame {
  if (dialect === 'go-router' || !isJsonObject(parseJson(text))) return readEnvelope(text);
  const members = rawMembers(text);
  const message = members.get('message');
  const token = members.get('auth_token');
  if (message === undefined || members.has('jsonrpc')) return readEnvelope(enveloped(text, undefined));
  return readEnvelope(enveloped(message, token));
}

/** Gives a bare message the envelope that the rest of the double reads. */
function enveloped(text: string, token: string | undefined): string {
  const value = parseJson(text);
  const idText = isJsonObject(value) ? (rawMembers(text).get('id') ?? 'null') : 'null';
  const auth = token === undefined ? '' : `"auth_token":${token},`;
  return `{"id":${idText},${auth}"mcp_payload":${text}}`;
}

/** The payloads of the response frames that answer one message. */
export function tcpReplies(dialect: TcpDialect, fault: MessageFault | null, reply: Reply): readonly string[] {
  const written = (payloadText: string): string =>
    dialect === 'go-router' ? writeEnvelope(reply.idText, payloadText, new Date()) : payloadText;
  switch (fault?.kind) {
    case 'drop-reply':
      return [];
    case 'duplicate-reply':
      return [written(reply.payloadText), written(reply.payloadText)];
    case 'oversized-frame':
      return [written(padded(reply, fault.bytes))];
    case 'broken-envelope':
      return [fault.text ?? written(reply.payloadText).slice(0, -1)];
    default:
      return [written(reply.payloadText)];
  }
}

/** A result of this many bytes. */
function padded(reply: Reply, bytes: number): string {
  const withPadding = (padding: string): string =>
    `{"jsonrpc":"2.0","result":{"padding":${goJson(padding)}},"id":${reply.idText}}`;
  return withPadding('x'.repeat(Math.max(0, bytes - withPadding('').length)));
}

/** The unwired handler's rules for ids and methods (gateway-protocol 2.5); null when the message keeps them. */
export function handlerComplaint({ payloadIdText, method }: Envelope): string | null {
  const id = payloadIdText === null ? null : parseJson(payloadIdText);
  if (typeof id !== 'number' && !(typeof id === 'string' && /^[\w-]{1,255}$/.test(id)))
    return 'Invalid request ID: must be string or number';
  const isMethod = /^[\w./-]{1,255}$/.test(method) && !method.includes('..');
  return isMethod ? null : 'Invalid method: not allowed';
}
