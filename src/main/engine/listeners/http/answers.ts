import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../../ports';

import type { ProtocolError } from './post-route';

type Headers = Readonly<Record<string, string>>;

/** Sends one JSON text and ends the response. */
export function sendJson(
  response: ServerResponse,
  httpStatus: number,
  body: Buffer,
  headers: Headers = {},
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(httpStatus, { ...headers, ...jsonHeaders(body) });
  response.end(body);
}

/** An answer without a body. */
export function sendEmpty(response: ServerResponse, httpStatus: 200 | 202, headers: Headers = {}): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(httpStatus, { ...headers, 'Content-Length': 0 });
  response.end();
}

/** An error of JSON-RPC; `id` is the exact text of the request's id, or null. */
export function protocolError(id: Buffer | null, error: ProtocolError): Buffer {
  return Buffer.concat([
    Buffer.from('{"jsonrpc":"2.0","id":'),
    id ?? Buffer.from('null'),
    Buffer.from(`,"error":${JSON.stringify(error)}}`),
  ]);
}

/** Why HTTP refuses something that is no matter of JSON-RPC. */
export const httpError = (message: string): Buffer => protocolError(null, { code: -32000, message });

/** How long what a refused client still sends is read and thrown away: a reset would destroy our answer on its way. */
const LINGER_MS = 1000;

/** A refusal, after which the connection ends. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { httpStatus, body, headers = {}, clock }: Refusal,
): void {
  if (response.destroyed || response.headersSent) return;
  response.shouldKeepAlive = false;
  response.writeHead(httpStatus, { ...headers, ...jsonHeaders(body) });
  response.write(body);
  if (request.complete) {
    response.end();
    return;
  }
  const finish = (): void => {
    timer.cancel();
    response.end();
  };
  const timer = clock.after(LINGER_MS, finish);
  request.once('end', finish);
  request.once('close', finish);
  request.resume();
}

/** What is answered, and why. */
export interface Refusal {
  readonly httpStatus: number;
  readonly body: Buffer;
  readonly headers?: Headers;
  readonly clock: Clock;
}

const jsonHeaders = (body: Buffer): Readonly<Record<string, string | number>> => ({
  'Content-Type': 'application/json',
  'Content-Length': body.length,
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
});
