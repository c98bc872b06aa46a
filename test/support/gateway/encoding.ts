import { goJson } from './go-json';
import { isJsonObject, parseJson, rawMembers } from './json';

/** How messages are written on either side of the gateway. Texts in, texts out; every text is valid JSON. */
export interface Encoding {
  id(text: string): string;
  /** A request or notification for a backend; notifications have no `id` member. */
  toBackend(text: string): string;
  /** A reply, request or notification of a backend for the router. */
  toRouter(text: string): string;
}

/** Only what the gateway must change is changed. */
export const rawEncoding: Encoding = {
  id: (text) => text,
  toBackend: (text) => (rawMembers(text).get('id') === 'null' ? goMessage(text) : text),
  toRouter: (text) => text,
};

/** Everything is decoded and written again, as the real gateway does. */
export const goEncoding: Encoding = {
  id: (text) => goJson(parseJson(text)),
  toBackend: goMessage,
  toRouter: goMessage,
};

/** Only the known members survive, in the order of the Go structs. */
function goMessage(text: string): string {
  const message = parseJson(text);
  if (!isJsonObject(message)) return text;
  const isReply = !('method' in message);
  const members = [`"jsonrpc":${goJson(message['jsonrpc'] ?? '')}`];
  if (!isReply) members.push(`"method":${goJson(message['method'])}`);
  if (!isReply && isPresent(message['params'])) members.push(`"params":${goJson(message['params'])}`);
  if (isReply && isPresent(message['result'])) members.push(`"result":${goJson(message['result'])}`);
  if (isReply && isPresent(message['error'])) members.push(`"error":${goError(message['error'])}`);
  if (isReply || isPresent(message['id'])) members.push(`"id":${goJson(message['id'] ?? null)}`);
  return `{${members.join(',')}}`;
}

function goError(error: unknown): string {
  if (!isJsonObject(error)) return goJson(error);
  const data = isPresent(error['data']) ? `,"data":${goJson(error['data'])}` : '';
  return `{"code":${goJson(error['code'] ?? 0)},"message":${goJson(error['message'] ?? '')}${data}}`;
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;
