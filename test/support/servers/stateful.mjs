/**
 * An MCP server over stdio whose answers depend on its session: `increment` counts, and tells the session's own id.
 * Tools are refused until the handshake is complete, so a router that does not replay it is found out.
 *
 *   node stateful.mjs [--record FILE]
 *
 * With a file, each executed call appends one line {"session","key","count"}; a key that stands there twice was
 * executed twice.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';

const NOT_INITIALIZED = -32002;

const { values: options } = parseArgs({ options: { record: { type: 'string' } } });
const session = randomUUID();
const server = new Server({ name: 'stateful', version: '1.0.0' }, { capabilities: { tools: {} } });
let count = 0;

server.setRequestHandler(ListToolsRequestSchema, () => {
  return {
    tools: [
      {
        name: 'increment',
        description: 'Counts up by one and tells the count and the id of this session.',
        inputSchema: {
          type: 'object',
          properties: { key: { type: 'string', description: 'Names this call in the record.' } },
        },
      },
    ],
  };
});

server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
  if (params.name !== 'increment') throw new McpError(-32602, `no tool ${params.name}`);
  count += 1;
  const key = params.arguments?.['key'] ?? null;
  if (options.record !== undefined)
    appendFileSync(options.record, `${JSON.stringify({ session, key, count })}\n`);
  const state = { session, key, count };
  return { content: [{ type: 'text', text: JSON.stringify(state) }], structuredContent: state };
});

/** Refuses in order of arrival, before the SDK spreads messages over promises. */
function enforceHandshake(/** @type {StdioServerTransport} */ transport) {
  const pass = transport.onmessage;
  /** @type {'new' | 'initializing' | 'ready'} */
  let state = 'new';
  transport.onmessage = (message) => {
    const method = 'method' in message ? message.method : '';
    if (state === 'new' && method === 'initialize') state = 'initializing';
    if (state === 'initializing' && method === 'notifications/initialized') state = 'ready';
    if (state === 'ready' || !method.startsWith('tools/') || !('id' in message)) return pass?.(message);
    const error = { code: NOT_INITIALIZED, message: 'the handshake is not complete' };
    void transport.send({ jsonrpc: '2.0', id: message.id, error });
  };
}

process.stdin.once('end', () => process.exit(0));
const transport = new StdioServerTransport();
await server.connect(transport);
enforceHandshake(transport);
