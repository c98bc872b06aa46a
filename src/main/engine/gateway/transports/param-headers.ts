import type { FailureCause } from '../../../../shared/model/status';
import { decodeString, insideQuotes, isString, memberOf, type Range } from '../../jsonrpc/members';
import type { RequestMessage } from '../../jsonrpc/scan';

import { headerText } from '../../jsonrpc/header-text';

import { headerAnnotations, type HeaderAnnotations } from './header-annotations';

const ANNOTATION_BYTES = Buffer.from('x-mcp-header');
const MAX_TOOLS = 1000;
const MAX_HEADERS = 32;

/**
 * Remembers which arguments of which tools go into `Mcp-Param-*` headers (MCP 2026-07-28): clients on stdio know nothing
 * of headers, so the router derives them from the tool lists that it has seen. Bounded; the oldest tools are forgotten.
 */
export class ParamHeaders {
  private readonly tools = new Map<string, HeaderAnnotations>();

  /** Learns from a reply to `tools/list`. */
  learn(payload: Buffer): void {
    if (this.tools.size === 0 && !payload.includes(ANNOTATION_BYTES)) return;
    const parsed: unknown = JSON.parse(payload.toString());
    const tools = field(field(parsed, 'result'), 'tools');
    for (const tool of Array.isArray(tools) ? tools : []) this.note(tool);
  }

  /** The headers of a call, in lower case; an argument that is absent or no scalar has none. */
  headersFor(message: RequestMessage): Readonly<Record<string, string>> {
    if (this.tools.size === 0 || message.method !== 'tools/call') return {};
    const { bytes, params } = message;
    const known = this.toolOf(message);
    const headers: Record<string, string> = {};
    for (const { path, header } of known?.kind === 'valid' ? known.headers : []) {
      let value = memberOf(bytes, params, 'arguments');
      for (const step of path) value = memberOf(bytes, value, step);
      const text = scalarText(bytes, value);
      if (text !== undefined) headers[`mcp-param-${header.toLowerCase()}`] = headerText(text);
    }
    return headers;
  }

  /** Why no client over HTTP may call the tool of this call; a client on stdio cannot know. */
  unusable(message: RequestMessage): FailureCause | undefined {
    if (this.tools.size === 0 || message.method !== 'tools/call') return undefined;
    const known = this.toolOf(message);
    return known?.kind === 'invalid' ? { code: 'tool-unusable', detail: known.reason } : undefined;
  }

  private toolOf({ bytes, params }: RequestMessage): HeaderAnnotations | undefined {
    const name = memberOf(bytes, params, 'name');
    if (name === undefined || !isString(bytes, name)) return undefined;
    return this.tools.get(decodeString(bytes, insideQuotes(name)));
  }

  private note(tool: unknown): void {
    const name = field(tool, 'name');
    if (typeof name !== 'string') return;
    this.tools.delete(name);
    const annotations = headerAnnotations(field(tool, 'inputSchema'));
    if (annotations.kind === 'valid' && annotations.headers.length === 0) return;
    this.tools.set(name, bounded(annotations));
    const oldest = this.tools.keys().next();
    if (this.tools.size > MAX_TOOLS && oldest.done !== true) this.tools.delete(oldest.value);
  }
}

const bounded = (annotations: HeaderAnnotations): HeaderAnnotations =>
  annotations.kind === 'valid'
    ? { kind: 'valid', headers: annotations.headers.slice(0, MAX_HEADERS) }
    : annotations;

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;

function scalarText(bytes: Buffer, value: Range | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (isString(bytes, value)) return decodeString(bytes, insideQuotes(value));
  const text = bytes.toString('latin1', value.start, value.end);
  if (text === 'true' || text === 'false') return text;
  const number = /^-?\d/.test(text) ? Number(text) : NaN;
  const isExact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isExact ? String(number) : undefined;
}
