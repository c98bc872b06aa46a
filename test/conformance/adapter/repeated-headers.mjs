// @ts-check
/** @typedef {import('node:http').IncomingHttpHeaders} Headers */
/** @typedef {{ method: string, params?: Record<string, unknown> | undefined }} Message */

/** Where each method has the name that `Mcp-Name` repeats. */
const NAMED = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The headers that repeat what the body says (MCP 2026-07-28), checked as a server does. */
export class RepeatedHeaders {
  /** Which argument of a tool is in which header. @type {Map<string, readonly { key: string, header: string }[]>} */
  #tools = new Map();

  /** Learns from a list of tools. @param {unknown} result */
  learn(result) {
    const { tools = [] } =
      /** @type {{ tools?: { name: string, inputSchema: { properties?: object } }[] }} */ (result);
    for (const { name, inputSchema } of tools) {
      const annotated = Object.entries(inputSchema.properties ?? {}).flatMap(([key, schema]) =>
        typeof schema?.['x-mcp-header'] === 'string'
          ? [{ key, header: `mcp-param-${schema['x-mcp-header'].toLowerCase()}` }]
          : [],
      );
      this.#tools.set(name, annotated);
    }
  }

  /**
   * Whether they are there and equal.
   * @param {Headers} headers
   * @param {Message} message
   */
  agree(headers, { method, params }) {
    if (headers['mcp-protocol-version'] === undefined || headers['mcp-method'] !== method) return false;
    const key = NAMED.get(method);
    if (key === undefined) return true;
    return (
      decoded(headers['mcp-name']) === params?.[key] &&
      (method !== 'tools/call' || this.#agreeOn(headers, params))
    );
  }

  /**
   * @param {Headers} headers
   * @param {Record<string, unknown> | undefined} params
   */
  #agreeOn(headers, params) {
    const given = /** @type {Record<string, unknown>} */ (params?.['arguments'] ?? {});
    return (this.#tools.get(String(params?.['name'])) ?? []).every(({ key, header }) => {
      const value = given[key];
      const expected = value === undefined || value === null ? undefined : String(value);
      return decoded(headers[header]) === expected;
    });
  }
}

/**
 * @param {string | readonly string[] | undefined} value
 * @returns {string | undefined} undefined when it is absent or wrongly packed
 */
function decoded(value) {
  if (typeof value !== 'string') return undefined;
  const packed = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  if (packed === undefined) return value;
  return BASE64.test(packed) ? Buffer.from(packed, 'base64').toString() : undefined;
}
