// @ts-check
import { randomUUID } from 'node:crypto';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { EventLog } from './event-log.mjs';

/** @typedef {import('./loopback.mjs').Incoming} Incoming */
/** @typedef {import('./loopback.mjs').Answer} Answer */

/** How long a client waits before it fetches the rest of a stream. */
const RETRY_MS = 300;

/** Sessions of the eras before 2026, as the SDK serves them over HTTP. */
export class Sessions {
  /** @type {Map<string, NodeStreamableHTTPServerTransport>} */
  #open = new Map();
  #begin;

  /** @param {(transport: NodeStreamableHTTPServerTransport) => Promise<void>} begin */
  constructor(begin) {
    this.#begin = begin;
  }

  /**
   * @param {Incoming} request
   * @param {Answer} response
   * @param {unknown} body
   */
  async serve(request, response, body) {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? this.#open.get(id) : undefined;
    if (known !== undefined) {
      await known.handleRequest(request, response, body);
      return;
    }
    if (id !== undefined) {
      const error = { code: -32001, message: 'Session not found' };
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
      return;
    }
    const transport = this.#transport();
    await this.#begin(transport);
    await transport.handleRequest(request, response, body);
    if (transport.sessionId === undefined) await transport.close();
  }

  async stop() {
    await Promise.all([...this.#open.values()].map((transport) => transport.close()));
  }

  #transport() {
    /** @type {NodeStreamableHTTPServerTransport} */
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      eventStore: new EventLog(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => {
        this.#open.set(id, transport);
      },
      onsessionclosed: (id) => {
        this.#open.delete(id);
      },
    });
    return transport;
  }
}
