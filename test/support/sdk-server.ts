import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  StreamableHTTPServerTransport,
  type EventStore,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
  SubscribeRequestSchema,
  type CallToolResult,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';

import { ChangeSignal } from './change-signal';
import { RecordedHttpServer, type RecordedRequest, type ServerCertificate } from './recorded-http-server';

/** How an MCP server of the official SDK (2025 era) is set up. */
export interface SdkServerOptions {
  readonly hasSessions: boolean;
  readonly answersJson: boolean;
  /** Streams can be resumed, and are polled with this `retry:` when a tool closes them. */
  readonly retryMs?: number;
  readonly certificate?: ServerCertificate;
  /** Requests without this bearer token are refused. */
  readonly token?: () => string;
  /** The stream of a session is opened only after it. */
  readonly streamGate?: Promise<unknown>;
  /** Why a request is refused before the server sees it; null lets it through. */
  readonly refuse?: (request: RecordedRequest) => Promise<Refusal | null>;
  /** What anybody may read, by path. */
  readonly documents?: () => Readonly<Record<string, object>>;
}

/** An answer to a request that may not be made. */
export interface Refusal {
  readonly status: 401 | 403;
  /** `WWW-Authenticate`. */
  readonly challenge: string;
}

const TOOLS = ['echo', 'progress', 'elicit', 'sample', 'roots', 'tell', 'touch', 'hang', 'cut'];

/** A real MCP server over Streamable HTTP, with one tool for each thing that a transport must carry. */
export class SdkServer {
  readonly cancelled: string[] = [];
  readonly closedSessions: string[] = [];
  private readonly changes = new ChangeSignal();
  private readonly transports = new Map<string, StreamableHTTPServerTransport>();
  private listening: RecordedHttpServer | undefined;

  private constructor(private readonly options: SdkServerOptions) {}

  static async start(options: SdkServerOptions): Promise<SdkServer> {
    const server = new SdkServer(options);
    server.listening = await RecordedHttpServer.start(
      (request, response, incoming) => server.answer(request, response, incoming),
      options.certificate,
    );
    return server;
  }

  get http(): RecordedHttpServer {
    if (this.listening === undefined) throw new Error('not started');
    return this.listening;
  }

  /** Forgets every session, as a restart does. */
  forgetSessions(): void {
    this.transports.clear();
  }

  async until(name: string, condition: () => boolean): Promise<void> {
    await this.changes.until(name, condition);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.transports.values()].map((transport) => transport.close()));
    await this.http.stop();
  }

  private async answer(
    request: RecordedRequest,
    response: ServerResponse,
    incoming: IncomingMessage,
  ): Promise<void> {
    const { token, refuse, documents } = this.options;
    const document = documents?.()[request.path];
    if (document !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
      return;
    }
    const refusal = (await refuse?.(request)) ?? null;
    if (refusal !== null) {
      response.writeHead(refusal.status, { 'www-authenticate': refusal.challenge }).end();
      return;
    }
    if (token !== undefined && request.headers.authorization !== `Bearer ${token()}`) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      return;
    }
    const transport = await this.transportFor(request);
    if (transport === undefined) {
      response.writeHead(request.headers['mcp-session-id'] === undefined ? 400 : 404).end('no session');
      return;
    }
    if (request.method === 'GET') await this.options.streamGate;
    const body: unknown = request.body === '' ? undefined : JSON.parse(request.body);
    await transport.handleRequest(incoming, response, body);
  }

  private async transportFor(request: RecordedRequest): Promise<StreamableHTTPServerTransport | undefined> {
    const { hasSessions } = this.options;
    const id = request.headers['mcp-session-id'];
    if (hasSessions && typeof id === 'string') return this.transports.get(id);
    if (hasSessions && !request.body.includes('"initialize"')) return undefined;
    const { answersJson, retryMs } = this.options;
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      enableJsonResponse: answersJson,
      ...(retryMs === undefined ? {} : { eventStore: new OrderedEventStore(), retryInterval: retryMs }),
      ...(hasSessions
        ? {
            sessionIdGenerator: () => randomUUID(),
            onsessioninitialized: (session: string) => {
              this.transports.set(session, transport);
            },
            onsessionclosed: (session: string) => {
              this.transports.delete(session);
              this.closedSessions.push(session);
              this.changes.changed();
            },
          }
        : {}),
    });
    await this.mcpServer(transport).connect(transport);
    return transport;
  }

  private mcpServer(transport: StreamableHTTPServerTransport): McpServer {
    const mcp = new McpServer(
      { name: 'sdk server', version: '1' },
      { capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} } },
    );
    const { server } = mcp;
    const followed = new Set<string>();
    server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
      followed.add(params.uri);
      return {};
    });
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: TOOLS.map((name) => ({ name, inputSchema: { type: 'object' as const } })),
    }));
    server.setRequestHandler(CallToolRequestSchema, async (call, extra): Promise<CallToolResult> => {
      const { name, arguments: args, _meta } = call.params;
      const related = { relatedRequestId: extra.requestId };
      switch (name) {
        case 'echo':
          return text(JSON.stringify(args ?? {}));
        case 'progress': {
          const progressToken = _meta?.progressToken ?? 'none';
          for (let progress = 1; progress <= 3; progress += 1) {
            await extra.sendNotification({
              method: 'notifications/progress',
              params: { progressToken, progress, total: 3 },
            });
          }
          return text('progressed');
        }
        case 'elicit': {
          const params = {
            message: 'your name?',
            requestedSchema: { type: 'object' as const, properties: {} },
          };
          return text(
            JSON.stringify(
              await server.request({ method: 'elicitation/create', params }, ElicitResultSchema, related),
            ),
          );
        }
        case 'sample': {
          const params = { messages: [], maxTokens: 5 };
          return text(
            JSON.stringify(
              await server.request(
                { method: 'sampling/createMessage', params },
                CreateMessageResultSchema,
                related,
              ),
            ),
          );
        }
        case 'roots':
          // Without a related request it goes out on the GET stream.
          return text(JSON.stringify(await server.request({ method: 'roots/list' }, ListRootsResultSchema)));
        case 'tell':
          await server.sendToolListChanged();
          return text('told');
        case 'touch':
          for (const uri of followed) await server.sendResourceUpdated({ uri });
          return text('touched');
        case 'cut':
          transport.closeSSEStream(extra.requestId);
          return text('after the cut');
        case 'hang':
          return new Promise((resolve) => {
            extra.signal.addEventListener('abort', () => {
              this.cancelled.push(String(extra.requestId));
              this.changes.changed();
              resolve(text('too late'));
            });
          });
        default:
          throw new Error(`no tool ${name}`);
      }
    });
    return mcp;
  }
}

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });

/** Remembers events in the order in which they came; the SDK's example orders them by time, which may be equal. */
class OrderedEventStore implements EventStore {
  private readonly events: { readonly streamId: string; readonly message: JSONRPCMessage }[] = [];

  storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    this.events.push({ streamId, message });
    return Promise.resolve(String(this.events.length));
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const from = Number(lastEventId);
    const streamId = this.events[from - 1]?.streamId ?? '';
    for (const [index, event] of this.events.entries()) {
      const isPriming = Object.keys(event.message).length === 0;
      if (index >= from && event.streamId === streamId && !isPriming)
        await send(String(index + 1), event.message);
    }
    return streamId;
  }
}
