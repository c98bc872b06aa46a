import { namespaceOf } from '../../namespace';
import { unwrapEnvelope, wrapEnvelope } from '../../envelope';
import { visitMembers, type Range } from '../../../jsonrpc/members';
import type { Message } from '../../../jsonrpc/scan';
import { skipSpace } from '../../../jsonrpc/skip-value';
import type { Inbound } from '../transport';

import { gatewayLayout, goRouterLayout, type FrameLayout } from './frame';

/** What a message needs beside its own bytes. */
export interface PayloadFields {
  /** The raw token that goes beside the message; undefined sends none. */
  readonly authToken: string | undefined;
  readonly defaultNamespace: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** How one side of the family talks: frame layout, payloads, and where it listens by default. */
export interface Dialect {
  readonly layout: FrameLayout;
  readonly defaultPort: { readonly plain: number; readonly encrypted: number };
  /** The offer of versions. */
  readonly negotiation: Buffer;
  readonly healthCheck: Buffer;
  wrap(message: Message, fields: PayloadFields): Buffer;
  /** Undefined: not a JSON object. */
  unwrap(payload: Buffer): Inbound | undefined;
}

const LEFT_BRACE = 0x7b;
const CLOSING_BRACE = Buffer.from('}');

/** The gateway's dialect: bare messages, with a token `{"auth_token","message"}` (gateway-protocol 2.3). */
export const gatewayDialect: Dialect = {
  layout: gatewayLayout,
  // Where the gateway's TCP frontend listens unless told otherwise (2.4); 8443 is its WebSocket frontend.
  defaultPort: { plain: 8444, encrypted: 8444 },
  negotiation: Buffer.from(
    '{"min_version":1,"max_version":1,"preferred_version":1,"supported_versions":[1]}',
  ),
  healthCheck: Buffer.alloc(0),
  wrap: (message, { authToken }) =>
    // Nobody asked for proof of who answers a request of the server.
    authToken === undefined || message.kind === 'response'
      ? message.bytes
      : Buffer.concat([
          Buffer.from(`{"auth_token":${JSON.stringify(authToken)},"message":`),
          message.bytes,
          CLOSING_BRACE,
        ]),
  unwrap: unwrapMessage,
};

/** The Go router's dialect: the envelope of the WebSocket frontend (gateway-protocol 2.6). */
export const goRouterDialect: Dialect = {
  layout: goRouterLayout,
  defaultPort: { plain: 8080, encrypted: 8443 },
  negotiation: Buffer.from(
    '{"max_version":1,"min_version":1,"preferred_version":1,"supported_versions":[1]}',
  ),
  healthCheck: Buffer.from('{}'),
  wrap: (message, { authToken, defaultNamespace, now }) => {
    const method = message.kind === 'response' ? undefined : message.method;
    return wrapEnvelope(message, { namespace: namespaceOf(method, defaultNamespace), authToken, now });
  },
  unwrap: unwrapEnvelope,
};

/** Takes the message out of a wrapper; what has no `message` beside `jsonrpc` is the message itself. */
function unwrapMessage(payload: Buffer): Inbound | undefined {
  let inner: Range | undefined;
  let version: Range | undefined;
  const end = visitMembers(payload, skipSpace(payload, 0), (key, value) => {
    const name = payload.toString('latin1', key.start, key.end);
    if (name === 'message') inner = value;
    if (name === 'jsonrpc') version = value;
  });
  if (end < 0 || skipSpace(payload, end) !== payload.length) return undefined;
  if (version !== undefined || inner === undefined) return { payload, envelopeId: null };
  if (payload[inner.start] !== LEFT_BRACE) return undefined;
  return { payload: payload.subarray(inner.start, inner.end), envelopeId: null };
}
