import {
  isSameText,
  isStateless,
  modernVersion,
  routingName,
  sessionVersions,
} from '../../jsonrpc/protocol-version';
import type { Message, RequestMessage } from '../../jsonrpc/scan';

/** Headers that MCP gives a meaning. */
export interface McpHeaders {
  /** `MCP-Protocol-Version` */
  readonly version: string | undefined;
  /** `Mcp-Method` and `Mcp-Name`, which repeat what is in the body (2026-07-28). */
  readonly method: string | undefined;
  readonly name: string | undefined;
  /** `Mcp-Session-Id` */
  readonly session: string | undefined;
}

/** An error of JSON-RPC. */
export interface ProtocolError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Where a posted message belongs: to a session (2025), or to itself (2026). */
export type PostRoute =
  | { readonly kind: 'session' }
  | { readonly kind: 'stateless'; readonly version: string }
  | { readonly kind: 'refused'; readonly error: ProtocolError };

const HEADER_MISMATCH = -32020;
const UNSUPPORTED_VERSION = -32022;
const INVALID_PARAMS = -32602;

/**
 * The body decides about the era, and headers must agree with it: servers behind us see headers that are made from the
 * body, so that nobody but this door can notice that the client's were others (MCP 2026-07-28: header validation).
 */
export function routePost(message: Message, headers: McpHeaders): PostRoute {
  if (message.kind === 'response') return { kind: 'session' };
  const claimed = modernVersion(message);
  const header = headers.version?.trim();
  if (claimed !== undefined) {
    const mismatch = message.kind === 'request' ? mismatchOf(message, claimed, headers) : undefined;
    return mismatch === undefined
      ? { kind: 'stateless', version: claimed }
      : refused(HEADER_MISMATCH, mismatch);
  }
  if (header === undefined || !isStateless(header)) return { kind: 'session' };
  if (message.kind === 'notification') return { kind: 'stateless', version: header };
  if (message.method === 'initialize') {
    return refused(HEADER_MISMATCH, `initialize does not belong to the version ${header} of the header`);
  }
  return refused(INVALID_PARAMS, `version ${header} needs the protocol version in params._meta`);
}

function mismatchOf(message: RequestMessage, claimed: string, headers: McpHeaders): string | undefined {
  if (headers.version?.trim() !== claimed) return 'MCP-Protocol-Version is not the version of the body';
  if (!isSameText(headers.method, message.method)) return 'Mcp-Method is not the method of the body';
  const name = routingName(message);
  if (name !== undefined && !isSameText(headers.name, name)) return 'Mcp-Name is not the name in the body';
  return undefined;
}

const refused = (code: number, message: string): PostRoute => ({ kind: 'refused', error: { code, message } });

/** True when a session may name this version: the agreed one, or one that we know. Absent is 2025-03-26. */
export const isSessionVersion = (header: string | undefined, agreed: string | undefined): boolean =>
  header === undefined || header === agreed || sessionVersions.some((known) => known === header);

/** What a client of the 2026 era is told when the server behind us knows sessions only. */
export const unsupportedVersion = (requested: string): ProtocolError => ({
  code: UNSUPPORTED_VERSION,
  message: `Unsupported protocol version: ${requested}`,
  data: { supported: sessionVersions, requested },
});

const STATUS_OF_CODE: ReadonlyMap<number, number> = new Map([
  [-32700, 400],
  [-32600, 400],
  [-32601, 404],
  [HEADER_MISMATCH, 400],
  [-32021, 400],
  [UNSUPPORTED_VERSION, 400],
]);

/**
 * The HTTP status of a reply in the 2026 era: the other side's own where it is an error's, and what MCP gives the code
 * where the other side does not speak HTTP.
 */
export function statelessStatus(code: number | undefined, status: number | undefined): number {
  if (code === undefined) return 200;
  if (status === undefined) return STATUS_OF_CODE.get(code) ?? 200;
  return status >= 400 && status < 500 ? status : 200;
}
