import type { IncomingMessage } from 'node:http';

import type { McpHeaders } from './post-route';

/** Authorization and cookies end here: nothing but these goes further. */
export function mcpHeaders({ headers }: IncomingMessage): McpHeaders {
  const one = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    version: one('mcp-protocol-version'),
    method: one('mcp-method'),
    name: one('mcp-name'),
    session: one('mcp-session-id'),
  };
}

const MAX_PARAM_HEADERS = 32;

/** Those that a server of the 2026 era compares with the body; unknown ones pass (MCP 2026-07-28: intermediaries). */
export function paramHeadersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const found = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('mcp-param-') && typeof value === 'string' ? [[name, value] as const] : [],
  );
  return Object.fromEntries(found.slice(0, MAX_PARAM_HEADERS));
}

/** Why the body cannot be a message, whatever is in it; undefined: it can. */
export function wrongForm(
  request: IncomingMessage,
): { readonly httpStatus: number; readonly text: string } | undefined {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return { httpStatus: 415, text: 'the body must be application/json' };
  if (request.headers['content-encoding'] !== undefined) {
    return { httpStatus: 415, text: 'the body must not be compressed' };
  }
  if (accepts(request, 'application/json') && accepts(request, 'text/event-stream')) return undefined;
  return { httpStatus: 406, text: 'the client must accept application/json and text/event-stream' };
}

/** True when the client takes this media type. */
export function accepts({ headers }: IncomingMessage, type: string): boolean {
  const [group = ''] = type.split('/');
  const ranges = (headers.accept ?? '').split(',').map((range) => range.split(';')[0]?.trim().toLowerCase());
  return ranges.some((range) => range === type || range === `${group}/*` || range === '*/*');
}
