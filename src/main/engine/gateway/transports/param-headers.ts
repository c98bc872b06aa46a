import { decodeString, insideQuotes, isString, memberOf, type Range } from '../../jsonrpc/members';
import type { RequestMessage } from '../../jsonrpc/scan';

import { headerText } from '../../jsonrpc/header-text';

const ANNOTATION = 'x-mcp-header';
const ANNOTATION_BYTES = Buffer.from(ANNOTATION);
/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const MAX_TOOLS = 1000;
const MAX_HEADERS = 32;
const MAX_DEPTH = 8;

/** One argument that is repeated in a header: where it stands, and the header's name. */
interface ParamHeader {
  readonly path: readonly string[];
  readonly header: string;
}

/**
 * Remembers which arguments of which tools go into `Mcp-Param-*` headers (MCP 2026-07-28): clients on stdio know nothing
 * of headers, so the router derives them from the tool lists that it has seen. Bounded; the oldest tools are forgotten.
 */
export class ParamHeaders {
  private readonly tools = new Map<string, readonly ParamHeader[]>();

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
    const name = memberOf(bytes, params, 'name');
    const wanted =
      name && isString(bytes, name) ? this.tools.get(decodeString(bytes, insideQuotes(name))) : [];
    const headers: Record<string, string> = {};
    for (const { path, header } of wanted ?? []) {
      let value = memberOf(bytes, params, 'arguments');
      for (const step of path) value = memberOf(bytes, value, step);
      const text = scalarText(bytes, value);
      if (text !== undefined) headers[`mcp-param-${header.toLowerCase()}`] = headerText(text);
    }
    return headers;
  }

  private note(tool: unknown): void {
    const name = field(tool, 'name');
    if (typeof name !== 'string') return;
    this.tools.delete(name);
    const found: ParamHeader[] = [];
    collect(field(tool, 'inputSchema'), [], found);
    const distinct = new Set(found.map(({ header }) => header.toLowerCase()));
    if (found.length === 0 || distinct.size !== found.length) return;
    this.tools.set(name, found);
    const oldest = this.tools.keys().next();
    if (this.tools.size > MAX_TOOLS && oldest.done !== true) this.tools.delete(oldest.value);
  }
}

/** Only properties of properties can be repeated; what is annotated wrongly is left out. */
function collect(schema: unknown, path: readonly string[], found: ParamHeader[]): void {
  const properties = field(schema, 'properties');
  if (typeof properties !== 'object' || properties === null || path.length >= MAX_DEPTH) return;
  for (const [key, below] of Object.entries(properties)) {
    const header = field(below, ANNOTATION);
    if (typeof header === 'string' && TOKEN.test(header) && found.length < MAX_HEADERS) {
      found.push({ path: [...path, key], header });
    }
    collect(below, [...path, key], found);
  }
}

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
