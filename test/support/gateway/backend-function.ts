import type { BackendSession, SessionContext } from './backend';
import { BackendFailure } from './backend';
import { errorTexts } from './error-texts';
import { isJsonObject, parseJson } from './json';
import { ReplyWaiters } from './reply-waiters';

/** A server as a function in the test's own process. */
export interface FunctionBackend {
  readonly kind: 'function';
  /** Called for each message in order; a request is answered through `reply`, at any later time. */
  readonly handle: (message: FunctionMessage, reply: FunctionReply, session: FunctionSession) => void;
}

/** A request, a notification (`id` undefined) or an answer (`method` empty). */
export interface FunctionMessage {
  readonly text: string;
  readonly id: unknown;
  readonly method: string;
  readonly params: unknown;
  readonly result: unknown;
  readonly error: unknown;
}

/** Answers one request. Does nothing for notifications. */
export interface FunctionReply {
  result(value: unknown): void;
  error(code: number, message: string, data?: unknown): void;
  /** The complete reply as it goes out, to test fidelity of bytes. */
  text(reply: string): void;
}

/** One session; a router's connection has its own. */
export interface FunctionSession {
  readonly connection: number;
  /** Free for the function's own state. */
  readonly memory: Map<string, unknown>;
  /** Sends a request or notification to the router. */
  send(message: Readonly<Record<string, unknown>>): void;
}

/** Opens a session with an empty memory. */
export function openFunctionSession(backend: FunctionBackend, context: SessionContext): BackendSession {
  const waiters = new ReplyWaiters();
  const session: FunctionSession = {
    connection: context.connection,
    memory: new Map(),
    send: (message) => {
      context.fromServer(JSON.stringify({ jsonrpc: '2.0', ...message }));
    },
  };
  const handle = (text: string): void => {
    const message = readMessage(text);
    backend.handle(message, replyTo(message, waiters), session);
  };
  return {
    request: (text) => {
      const reply = waiters.register(text);
      handle(text);
      return reply;
    },
    deliver: (text) => {
      handle(text);
      return Promise.resolve();
    },
    close: () => {
      waiters.failAll(new BackendFailure(errorTexts.backendProcess('backend session closed')));
      return Promise.resolve();
    },
  };
}

/** Answers each request with its own method and params, and `initialize` as a minimal MCP server does. */
export function echoBackend(): FunctionBackend {
  return {
    kind: 'function',
    handle: ({ method, params }, reply) => {
      if (method === 'initialize') reply.result(minimalInitializeResult(params));
      else reply.result({ method, params });
    },
  };
}

/** A valid answer to `initialize` that accepts the client's protocol version. */
export function minimalInitializeResult(params: unknown): Readonly<Record<string, unknown>> {
  const asked = isJsonObject(params) ? params['protocolVersion'] : undefined;
  return {
    protocolVersion: typeof asked === 'string' ? asked : '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'function', version: '1.0.0' },
  };
}

function readMessage(text: string): FunctionMessage {
  const value = parseJson(text);
  const { id, method, params, result, error } = isJsonObject(value) ? value : {};
  return { text, id, method: typeof method === 'string' ? method : '', params, result, error };
}

function replyTo(message: FunctionMessage, waiters: ReplyWaiters): FunctionReply {
  const settle = (outcome: Readonly<Record<string, unknown>>): void => {
    waiters.settle(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...outcome }));
  };
  return {
    result: (value) => {
      settle({ result: value });
    },
    error: (code, text, data) => {
      settle({ error: { code, message: text, data } });
    },
    text: (reply) => {
      waiters.settle(reply);
    },
  };
}
