import { createServer, type Server } from 'node:http';

import { endpointText, type MetricsEndpoint } from '../../../../shared/model/metrics-endpoint';

import { HttpFront, type HttpServices } from './http-front';

/** An open address for clients of this user. */
export interface HttpListener {
  /** With the port that was bound. */
  readonly address: string;
  /** Sessions that are open. */
  readonly sessionCount: number;
  /** Takes no new connection; what is open goes on. */
  stopAccepting(): void;
  /** Ends all connections; idempotent. */
  close(): Promise<void>;
}

const HEAD_TIMEOUT_MS = 10_000;
const BODY_TIMEOUT_MS = 60_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** For each session that there may be: some requests at once, and a stream. */
const CONNECTIONS_PER_SESSION = 8;

/**
 * Serves MCP over Streamable HTTP, both eras, to programs that show a token of their own.
 *
 * @throws the system's error when the address cannot be bound
 */
export function listenForClients(endpoint: MetricsEndpoint, services: HttpServices): Promise<HttpListener> {
  const door = new HttpFront(services);
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: BODY_TIMEOUT_MS,
      headersTimeout: HEAD_TIMEOUT_MS,
      connectionsCheckingInterval: HEAD_TIMEOUT_MS / 5,
    },
    (request, response) => {
      void door.serve(request, response);
    },
  );
  server.maxConnections = services.local().max_sessions * CONNECTIONS_PER_SESSION;
  server.setTimeout(HEAD_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: endpoint.host, port: endpoint.port, exclusive: true }, () => {
      server.removeListener('error', reject);
      server.on('error', (error) => {
        services.logger.error('a local client could not be accepted', { error: error.message });
      });
      resolve(listenerOf(server, door, endpoint));
    });
  });
}

function listenerOf(server: Server, door: HttpFront, endpoint: MetricsEndpoint): HttpListener {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  let closed: Promise<void> | undefined;
  const stopAccepting = (): void => {
    closed ??= new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  };
  return {
    address: endpointText(endpoint.host, port),
    get sessionCount() {
      return door.sessions.size;
    },
    stopAccepting,
    close: async () => {
      stopAccepting();
      door.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
