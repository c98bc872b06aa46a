import type { GatewayConfig } from '../../../../shared/model/config';
import type { Credential } from '../../auth/credentials';
import type { Message } from '../../jsonrpc/scan';
import { envelopeToken, wrapEnvelope } from '../envelope';
import { namespaceOf } from '../namespace';

/** How messages are put into HTTP: as MCP has it, or in the envelope of the real gateway. */
export interface HttpDialect {
  readonly name: 'streamable-http' | 'gateway-http';
  /** The address to post to. */
  addressOf(url: string): URL;
  /** The body of the POST that carries the message. */
  bodyOf(message: Message, now: number): Buffer;
  /** The question that opens a connection: answered by every server, and changing nothing there. */
  readonly opening: { readonly method: 'GET' | 'POST'; readonly body?: string };
}

/** MCP's own transport: the client's exact bytes are the body. */
export const streamableDialect: HttpDialect = {
  name: 'streamable-http',
  addressOf: (url) => new URL(url),
  bodyOf: (message) => message.bytes,
  opening: { method: 'GET' },
};

/** Where the real gateway listens unless it is told otherwise (gateway-protocol 3.1). */
const DEFAULT_PATH = '/api/v1/mcp';

/** The HTTP frontend of the real gateway (gateway-protocol 3.1): an envelope out, a bare reply in. */
export function gatewayDialect(gateway: GatewayConfig, credential: () => Credential | null): HttpDialect {
  return {
    name: 'gateway-http',
    addressOf: (text) => {
      const url = new URL(text);
      if (url.pathname === '/') url.pathname = DEFAULT_PATH;
      return url;
    },
    bodyOf: (message, now) =>
      wrapEnvelope(message, {
        namespace: namespaceOf(
          message.kind === 'response' ? undefined : message.method,
          gateway.default_namespace,
        ),
        authToken: envelopeToken(gateway.auth, credential()),
        now,
      }),
    // A GET is refused before the credential is looked at; an empty envelope is refused after it.
    opening: { method: 'POST', body: '{}' },
  };
}
