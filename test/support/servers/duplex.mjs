/**
 * An MCP server over stdio that talks back: requests to the client, progress, log messages, changed lists.
 *
 *   node duplex.mjs
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';

/**
 * @typedef {import('@modelcontextprotocol/sdk/shared/protocol.js').RequestHandlerExtra<
 *   import('@modelcontextprotocol/sdk/types.js').ServerRequest,
 *   import('@modelcontextprotocol/sdk/types.js').ServerNotification>} Extra
 * @typedef {Readonly<Record<string, unknown>>} Arguments
 */

const server = new Server(
  { name: 'duplex', version: '1.0.0' },
  { capabilities: { tools: { listChanged: true }, logging: {} } },
);

/** @type {Readonly<Record<string, { description: string, run: (args: Arguments, extra: Extra) => Promise<unknown> }>>} */
const tools = {
  'ask-model': {
    description: 'Asks the client to sample a model with the given prompt.',
    run: async (args) =>
      server.createMessage({
        maxTokens: 100,
        messages: [{ role: 'user', content: { type: 'text', text: String(args['prompt'] ?? 'Hello?') } }],
      }),
  },
  'ask-person': {
    description: 'Asks the person at the client for a colour.',
    run: async () =>
      server.elicitInput({
        message: 'Which colour?',
        requestedSchema: { type: 'object', properties: { colour: { type: 'string' } }, required: ['colour'] },
      }),
  },
  'list-roots': {
    description: 'Asks the client for its roots.',
    run: async () => server.listRoots(),
  },
  'count-slowly': {
    description: 'Sends one progress notification for each of `steps`, `intervalMs` apart.',
    run: async (args, extra) => {
      const steps = Number(args['steps'] ?? 3);
      const progressToken = extra._meta?.progressToken;
      for (let progress = 1; progress <= steps; progress += 1) {
        await delay(Number(args['intervalMs'] ?? 1), undefined, { signal: extra.signal });
        if (progressToken === undefined) continue;
        const params = { progressToken, progress, total: steps };
        await extra.sendNotification({ method: 'notifications/progress', params });
      }
      return { steps };
    },
  },
  log: {
    description: 'Sends a log message to the client.',
    run: async (args) => {
      await server.sendLoggingMessage({ level: 'info', data: String(args['text'] ?? 'hello') });
      return {};
    },
  },
  'change-tools': {
    description: 'Tells the client that the list of tools has changed.',
    run: async () => {
      await server.sendToolListChanged();
      return {};
    },
  },
};

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: Object.entries(tools).map(([name, { description }]) => ({
    name,
    description,
    inputSchema: { type: 'object' },
  })),
}));

server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
  const tool = tools[params.name];
  if (tool === undefined) throw new McpError(-32602, `no tool ${params.name}`);
  const outcome = await tool.run(params.arguments ?? {}, extra);
  return { content: [{ type: 'text', text: JSON.stringify(outcome) }] };
});

process.stdin.once('end', () => process.exit(0));
await server.connect(new StdioServerTransport());
