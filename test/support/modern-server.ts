import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  acceptedContent,
  createMcpHandler,
  fromJsonSchema,
  inputRequired,
  inputResponse,
  McpServer,
  type McpHttpHandler,
} from '@modelcontextprotocol/server';

import { RecordedHttpServer } from './recorded-http-server';

/** A real MCP server of the 2026 era, strict about its headers, with one tool for each thing to carry. */
export class ModernServer {
  private constructor(
    readonly http: RecordedHttpServer,
    readonly handler: McpHttpHandler,
  ) {}

  /** @param legacy `stateless` serves the 2025 era at the same address */
  static async start(legacy: 'reject' | 'stateless' = 'reject'): Promise<ModernServer> {
    const handler = createMcpHandler(mcpServer, { legacy });
    const serve = toNodeHandler(handler);
    const http = await RecordedHttpServer.start((request, response, incoming) => {
      const body: unknown = request.body === '' ? undefined : JSON.parse(request.body);
      return serve(Object.assign(incoming, { method: request.method, url: request.path }), response, body);
    });
    return new ModernServer(http, handler);
  }

  async stop(): Promise<void> {
    await this.handler.close();
    await this.http.stop();
  }
}

function mcpServer(): McpServer {
  const server = new McpServer(
    { name: 'modern server', version: '1' },
    { capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} } },
  );
  const anything = fromJsonSchema<Record<string, unknown>>({ type: 'object' });
  server.registerTool('echo', { description: 'says it again', inputSchema: anything }, (args) =>
    text(JSON.stringify(args)),
  );
  const annotated = {
    type: 'object',
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  } as const;
  const region = fromJsonSchema<{ region?: string }>(annotated);
  server.registerTool('routed', { description: 'by region', inputSchema: region }, (args) =>
    text(args.region ?? 'none'),
  );
  server.registerTool(
    'progress',
    { description: 'in steps', inputSchema: anything },
    async (_args, context) => {
      const token = context.mcpReq._meta?.progressToken;
      for (let progress = 1; token !== undefined && progress <= 3; progress += 1) {
        await context.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken: token, progress },
        });
      }
      return text('progressed');
    },
  );
  server.registerTool(
    'hang',
    { description: 'until cancelled', inputSchema: anything },
    (_args, context) =>
      new Promise((resolve) => {
        context.mcpReq.signal.addEventListener('abort', () => {
          resolve(text('too late'));
        });
      }),
  );
  registerQuestion(server);
  return server;
}

/** Asks in the way of the 2026 era: the call comes back with the answer. */
function registerQuestion(server: McpServer): void {
  const inputSchema = fromJsonSchema<Record<string, unknown>>({ type: 'object' });
  server.registerTool('question', { description: 'asks for a name', inputSchema }, (_args, context) => {
    const answer = acceptedContent(context.mcpReq.inputResponses, 'who');
    if (answer !== undefined) return text(JSON.stringify(answer));
    const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } } as const;
    return inputRequired({
      inputRequests: { who: inputRequired.elicit({ message: 'your name?', requestedSchema }) },
    });
  });
  server.registerTool('sample', { description: 'asks a model', inputSchema }, (_args, context) => {
    const answer = inputResponse(context.mcpReq.inputResponses, 'model');
    if (answer.kind !== 'missing') return text(JSON.stringify(answer));
    return inputRequired({
      inputRequests: { model: inputRequired.createMessage({ messages: [], maxTokens: 5 }) },
    });
  });
}

const text = (value: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: value }],
});
