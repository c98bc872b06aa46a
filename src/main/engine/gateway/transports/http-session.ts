import { decodeString, insideQuotes, isString, memberOf, type Range } from '../../jsonrpc/members';
import type { Message } from '../../jsonrpc/scan';

import { headerText, isHeaderText } from './header-text';
import type { ExchangeParts } from './http-exchange';
import { ParamHeaders } from './param-headers';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const VERSION_BYTES = Buffer.from(VERSION_KEY);
/** Visible ASCII (MCP 2025: transports); a longer one is not a session id. */
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;

/** Which member of `params` the `Mcp-Name` header repeats (MCP 2026-07-28, and its tasks extension). */
const NAME_SOURCES: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/**
 * The headers that belong to a message. A message that names its protocol version itself is of the 2026 era, and its
 * headers are derived from its bytes; any other is of the 2025 era, whose session and version this object remembers.
 */
export class HttpSession {
  /** Undefined when the server gave none, and before `initialize`. */
  id: string | undefined;
  private version: string | undefined;
  private readonly params = new ParamHeaders();

  /** @returns header names in lower case */
  headersFor(message: Message): Readonly<Record<string, string>> {
    const modern = modernVersion(message);
    if (modern !== undefined && message.kind === 'request') {
      return {
        ...this.params.headersFor(message),
        'mcp-protocol-version': modern,
        ...methodHeaders(message.method, message),
      };
    }
    if (modern !== undefined) return { 'mcp-protocol-version': modern };
    return isInitialize(message) ? {} : this.standing();
  }

  /** What the exchange of a message carries; `unusable` where it must not be sent at all. */
  carrying(message: Message): Pick<ExchangeParts, 'headers' | 'unusable'> {
    // Before 2026 there are no such headers, and nothing is wrong with the tool.
    const isModern = message.kind === 'request' && modernVersion(message) !== undefined;
    return {
      headers: this.headersFor(message),
      unusable: isModern ? this.params.unusable(message) : undefined,
    };
  }

  /** The headers of requests that carry no message. */
  standing(): Readonly<Record<string, string>> {
    return {
      ...(this.id === undefined ? {} : { 'mcp-session-id': this.id }),
      ...(this.version === undefined ? {} : { 'mcp-protocol-version': this.version }),
    };
  }

  /** The server answered `initialize`: its session is the one from now on. */
  noteSessionHeader(value: string | string[] | undefined): void {
    this.id = typeof value === 'string' && SESSION_ID.test(value) ? value : undefined;
  }

  /** Learns from replies: the negotiated version from `initialize`, and headers of tools from `tools/list`. */
  noteReply(message: Message, payload: Buffer): void {
    if (isInitialize(message)) this.noteInitializeReply(payload);
    if (message.kind === 'request' && message.method === 'tools/list') this.params.learn(payload);
  }

  private noteInitializeReply(payload: Buffer): void {
    const whole = { start: payload.indexOf('{'), end: payload.length };
    const version = memberOf(payload, memberOf(payload, whole, 'result'), 'protocolVersion');
    const text = stringAt(payload, version);
    this.version = text !== undefined && isHeaderText(text) ? text : undefined;
  }
}

/** True for the request that opens a session of the 2025 era. */
export const isInitialize = (message: Message): boolean =>
  message.kind === 'request' && message.method === 'initialize';

/** True for what nothing may overtake: the session is known only after it. */
export const opensSession = (message: Message): boolean =>
  isInitialize(message) ||
  (message.kind === 'notification' && message.method === 'notifications/initialized');

/** The protocol version that the message itself names in `params._meta`; undefined in the 2025 era. */
export function modernVersion(message: Message): string | undefined {
  if (message.kind === 'response' || !message.bytes.includes(VERSION_BYTES)) return undefined;
  const { bytes, params } = message;
  const text = stringAt(bytes, memberOf(bytes, memberOf(bytes, params, '_meta'), VERSION_KEY));
  return text !== undefined && isHeaderText(text) ? text : undefined;
}

function methodHeaders(
  method: string,
  { bytes, params }: { readonly bytes: Buffer; readonly params: Range | undefined },
): Readonly<Record<string, string>> {
  const source = NAME_SOURCES.get(method);
  const name = source === undefined ? undefined : stringAt(bytes, memberOf(bytes, params, source));
  return {
    'mcp-method': headerText(method),
    ...(name === undefined ? {} : { 'mcp-name': headerText(name) }),
  };
}

const stringAt = (bytes: Buffer, value: Range | undefined): string | undefined =>
  value !== undefined && isString(bytes, value) ? decodeString(bytes, insideQuotes(value)) : undefined;
