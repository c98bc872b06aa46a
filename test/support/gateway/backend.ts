import type { FunctionBackend } from './backend-function';
import type { HttpBackend } from './backend-http';
import type { StdioBackend } from './backend-stdio';

/** An MCP server behind the gateway. The same object under two namespaces means one session for both. */
export type Backend = StdioBackend | HttpBackend | FunctionBackend;

/** One MCP session with a server. Texts are single JSON-RPC messages. */
export interface BackendSession {
  /** Sends a request and resolves with the text of its reply. Rejects with a {@link BackendFailure}. */
  request(text: string): Promise<string>;
  /** Sends a notification, or the answer to a request of the server. */
  deliver(text: string): Promise<void>;
  /** Ends the session and everything that belongs to it; `now` does not wait for a polite end. */
  close(haste: 'gently' | 'now'): Promise<void>;
}

/** What a session is opened with. */
export interface SessionContext {
  /** Number of the router's connection. */
  readonly connection: number;
  /** Receives requests and notifications of the server. */
  readonly fromServer: (text: string) => void;
}

/** A backend could not answer. The message is the full error text for the router. */
export class BackendFailure extends Error {
  override readonly name = 'BackendFailure';
}
