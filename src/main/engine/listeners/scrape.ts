import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { assertNever } from '../../../shared/model/errors';
import { endpointText, type MetricsEndpoint } from '../../../shared/model/metrics-endpoint';
import type { Health } from '../observe/health';
import type { Logger } from '../ports';

import { judgeScrape, type ScrapeVerdict } from './scrape-request';

/** What is served, and to whom. */
export interface ScrapeServices {
  readonly metrics: () => Promise<string>;
  readonly contentType: string;
  readonly health: () => Health;
  /** Judges the Authorization header. */
  readonly isAuthorized: (authorization: string | undefined) => boolean;
  /** Told of each request that was refused. */
  readonly onRefused: (httpStatus: number) => void;
  readonly logger: Logger;
}

/** How much one who asks may take. */
export interface ScrapeLimits {
  readonly maxConnections: number;
  readonly maxHeaderBytes: number;
  /** For a whole request, and for a connection on which nothing happens. */
  readonly timeoutMs: number;
}

/** Prometheus needs one connection, a probe another one. */
export const scrapeLimits: ScrapeLimits = { maxConnections: 16, maxHeaderBytes: 8192, timeoutMs: 5000 };

/** An open address that serves metrics. */
export interface ScrapeListener {
  /** With the port that was bound. */
  readonly address: string;
  /** Ends all connections; idempotent. */
  close(): Promise<void>;
}

/**
 * Serves `/metrics` and `/health` over plain HTTP.
 *
 * @throws the system's error when the address cannot be bound
 */
export function listenForScrapes(
  endpoint: MetricsEndpoint,
  services: ScrapeServices,
  limits: ScrapeLimits = scrapeLimits,
): Promise<ScrapeListener> {
  const { maxConnections, maxHeaderBytes, timeoutMs } = limits;
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      requestTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      keepAliveTimeout: timeoutMs,
      connectionsCheckingInterval: Math.max(10, Math.floor(timeoutMs / 5)),
    },
    (request, response) => {
      void answer(request, response, { services, isLocal: endpoint.isLocal });
    },
  );
  server.maxConnections = maxConnections;
  // Of the socket: also ends connections on which nobody ever asks, and those whose other side does not read.
  server.setTimeout(timeoutMs);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const host = endpoint.host === '' ? {} : { host: endpoint.host };
    server.listen({ ...host, port: endpoint.port, exclusive: true }, () => {
      server.removeListener('error', reject);
      server.on('error', (error) => {
        services.logger.error('a connection to the metrics could not be accepted', { error: error.message });
      });
      resolve({ address: endpointText(endpoint.host, portOf(server)), close: () => closed(server) });
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { services, isLocal }: { readonly services: ScrapeServices; readonly isLocal: boolean },
): Promise<void> {
  response.on('error', () => undefined);
  const verdict = judgeScrape(
    {
      method: request.method ?? '',
      target: request.url ?? '',
      host: request.headers.host,
      hasBody: hasBody(request),
    },
    { isLocal, isAuthorized: services.isAuthorized(request.headers.authorization) },
  );
  switch (verdict.kind) {
    case 'metrics':
      send(request, response, {
        httpStatus: 200,
        type: services.contentType,
        body: await services.metrics(),
      });
      return;
    case 'health': {
      const { httpStatus, body } = services.health();
      send(request, response, { httpStatus, type: 'application/json; charset=utf-8', body });
      return;
    }
    case 'refused':
      refuse(request, response, verdict);
      services.onRefused(verdict.httpStatus);
      return;
    default:
      assertNever(verdict);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = headers;
  return coding !== undefined || Number(length) !== 0;
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { httpStatus, text }: Extract<ScrapeVerdict, { kind: 'refused' }>,
): void {
  // What else comes on this connection is not read.
  response.shouldKeepAlive = false;
  if (httpStatus === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (httpStatus === 405) response.setHeader('Allow', 'GET, HEAD');
  response.once('finish', () => {
    request.socket.destroySoon();
  });
  send(request, response, { httpStatus, type: 'text/plain; charset=utf-8', body: `${text}\n` });
}

interface Answer {
  readonly httpStatus: number;
  readonly type: string;
  readonly body: string;
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { httpStatus, type, body }: Answer,
): void {
  response.writeHead(httpStatus, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
