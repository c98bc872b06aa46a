import { headerText } from '../../jsonrpc/header-text';
import { modernVersion, negotiatedVersion, routingName } from '../../jsonrpc/protocol-version';
import type { Message, RequestMessage } from '../../jsonrpc/scan';

import type { ExchangeParts } from './http-exchange';
import { ParamHeaders } from './param-headers';

/** Visible ASCII (MCP 2025: transports); a longer one is not a session id. */
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;

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
        ...(message.paramHeaders ?? this.params.headersFor(message)),
        'mcp-protocol-version': modern,
        ...methodHeaders(message),
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
    if (isInitialize(message)) this.version = negotiatedVersion(payload);
    if (message.kind === 'request' && message.method === 'tools/list') this.params.learn(payload);
  }
}

/** True for the request that opens a session of the 2025 era. */
export const isInitialize = (message: Message): boolean =>
  message.kind === 'request' && message.method === 'initialize';

/** True for what nothing may overtake: the session is known only after it. */
export const opensSession = (message: Message): boolean =>
  isInitialize(message) ||
  (message.kind === 'notification' && message.method === 'notifications/initialized');

function methodHeaders(message: RequestMessage): Readonly<Record<string, string>> {
  const name = routingName(message);
  return {
    'mcp-method': headerText(message.method),
    ...(name === undefined ? {} : { 'mcp-name': headerText(name) }),
  };
}
