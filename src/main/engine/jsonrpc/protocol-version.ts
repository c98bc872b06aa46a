import { decodeHeaderText, isHeaderText } from './header-text';
import { decodeString, insideQuotes, isString, memberOf, type Range } from './members';
import type { Message, RequestMessage } from './scan';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const VERSION_BYTES = Buffer.from(VERSION_KEY);

/** Revisions of MCP that open a session with `initialize`, the newest first. */
export const sessionVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** The first revision without sessions. */
export const FIRST_STATELESS = '2026-07-28';
const REVISION = /^\d{4}-\d{2}-\d{2}$/;

/** True for the name of a revision without sessions. */
export const isStateless = (version: string): boolean => REVISION.test(version) && version >= FIRST_STATELESS;

/** Which member of `params` the `Mcp-Name` header repeats (MCP 2026-07-28, and its tasks extension). */
const NAME_SOURCES: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The protocol version that the message itself names in `params._meta`; undefined in the 2025 era. */
export function modernVersion(message: Message): string | undefined {
  if (message.kind === 'response' || !message.bytes.includes(VERSION_BYTES)) return undefined;
  const { bytes, params } = message;
  const text = stringAt(bytes, memberOf(bytes, memberOf(bytes, params, '_meta'), VERSION_KEY));
  return text !== undefined && isHeaderText(text) ? text : undefined;
}

/** What the `Mcp-Name` header of this request repeats; undefined for most methods. */
export function routingName({ bytes, method, params }: RequestMessage): string | undefined {
  const source = NAME_SOURCES.get(method);
  return source === undefined ? undefined : stringAt(bytes, memberOf(bytes, params, source));
}

/** True when the header says what the message says. */
export const isSameText = (header: string | undefined, text: string): boolean =>
  header !== undefined && decodeHeaderText(header) === text;

/** The revision on which both sides agreed, from the reply to `initialize`. */
export function negotiatedVersion(reply: Buffer): string | undefined {
  const whole = { start: reply.indexOf('{'), end: reply.length };
  const text = stringAt(reply, memberOf(reply, memberOf(reply, whole, 'result'), 'protocolVersion'));
  return text !== undefined && isHeaderText(text) ? text : undefined;
}

const stringAt = (bytes: Buffer, value: Range | undefined): string | undefined =>
  value !== undefined && isString(bytes, value) ? decodeString(bytes, insideQuotes(value)) : undefined;
