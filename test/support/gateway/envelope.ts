import { errorTexts } from './error-texts';
import { goJson, goSyntaxError, goTypeName } from './go-json';
import { isJsonObject, parseJson, rawMembers } from './json';

/** A well-formed frame of a router. `...Text` members are the source text as it arrived. */
export interface Envelope {
  readonly kind: 'envelope';
  readonly idText: string;
  readonly timestamp: string | null;
  readonly source: string | null;
  readonly targetNamespace: string;
  readonly authToken: string | null;
  readonly payloadText: string;
  readonly payloadIdText: string | null;
  readonly payloadKind: 'request' | 'notification' | 'response';
  /** Empty when the payload has none. */
  readonly method: string;
  readonly params: unknown;
}

/** A frame that the real gateway answers with an error of its own. */
export interface RejectedFrame {
  readonly kind: 'rejected';
  readonly idText: string;
  readonly errorText: string;
}

const STRING_MEMBERS = ['timestamp', 'source', 'target_namespace', 'auth_token'] as const;

/** Reads one text frame by the rules of gateway-protocol 1.5. */
export function readEnvelope(frame: string): Envelope | RejectedFrame {
  const value = parseJson(frame);
  if (value === undefined) return rejected('null', errorTexts.invalidWireMessage(goSyntaxError(frame)));
  if (!isJsonObject(value)) {
    const decoder = `json: cannot unmarshal ${goTypeName(value)} into Go value of type websocket.WireMessage`;
    return rejected('null', errorTexts.invalidWireMessage(decoder));
  }
  const raw = rawMembers(frame);
  const idText = raw.get('id') ?? 'null';
  for (const name of STRING_MEMBERS) {
    const member = value[name] ?? '';
    if (typeof member !== 'string')
      return rejected(idText, errorTexts.invalidWireMessage(wrongField('WireMessage', name, member)));
  }
  const payloadText = raw.get('mcp_payload');
  if (payloadText === undefined || payloadText === 'null')
    return rejected(idText, errorTexts.missingPayload());
  return readPayload(value, idText, payloadText);
}

function readPayload(
  frame: Readonly<Record<string, unknown>>,
  idText: string,
  payloadText: string,
): Envelope | RejectedFrame {
  const payload = frame['mcp_payload'];
  if (!isJsonObject(payload)) {
    const decoder = `json: cannot unmarshal ${goTypeName(payload)} into Go value of type mcp.Request`;
    return rejected(idText, errorTexts.invalidRequest(decoder));
  }
  for (const name of ['jsonrpc', 'method'] as const) {
    const member = payload[name] ?? '';
    if (typeof member !== 'string')
      return rejected(idText, errorTexts.invalidRequest(wrongField('Request', name, member)));
  }
  const payloadIdText = rawMembers(payloadText).get('id') ?? null;
  const isResponse = !('method' in payload) && ('result' in payload || 'error' in payload);
  const hasId = payloadIdText !== null && payloadIdText !== 'null';
  return {
    kind: 'envelope',
    idText,
    timestamp: textOrNull(frame['timestamp']),
    source: textOrNull(frame['source']),
    targetNamespace: textOrNull(frame['target_namespace']) ?? '',
    authToken: textOrNull(frame['auth_token']),
    payloadText,
    payloadIdText,
    payloadKind: isResponse ? 'response' : hasId ? 'request' : 'notification',
    method: textOrNull(payload['method']) ?? '',
    params: payload['params'],
  };
}

/** Writes a frame for the router; both texts must be valid JSON. */
export function writeEnvelope(idText: string, payloadText: string, at: Date): string {
  const timestamp = at.toISOString().replace(/\.\d+Z$/, 'Z');
  return `{"id":${idText},"timestamp":"${timestamp}","source":"gateway","mcp_payload":${payloadText}}`;
}

/** The JSON-RPC error that the real gateway answers with: always -32603. */
export function errorPayload(idText: string, message: string): string {
  return `{"jsonrpc":"2.0","error":{"code":-32603,"message":${goJson(message)}},"id":${idText}}`;
}

function rejected(idText: string, errorText: string): RejectedFrame {
  return { kind: 'rejected', idText, errorText };
}

function wrongField(struct: string, name: string, value: unknown): string {
  return `json: cannot unmarshal ${goTypeName(value)} into Go struct field ${struct}.${name} of type string`;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
