import type { FailureCause } from '../../../../shared/model/status';
import { RouterError } from '../../../../shared/model/errors';
import { createHttpClient, NotSentError, type HttpClient } from '../../auth/http-client';
import { dialFailure } from '../dial-failure';

import { openingRefusal } from './http-answer';
import { gatewayDialect, streamableDialect, type HttpDialect } from './http-dialect';
import { HttpLink } from './http-link';
import { HttpTransport } from './http-transport';
import { SseFallback } from './sse-fallback';
import type { DialRequest, OpenTransport, TransportHandlers } from './transport';

/** Any remote MCP server: Streamable HTTP of 2025 and 2026, and HTTP+SSE of 2024 where that is what is spoken. */
export const openStreamableHttp: OpenTransport = (request, handlers) =>
  openHttp(request, handlers, streamableDialect);

/** The HTTP frontend of the real gateway. */
export const openGatewayHttp: OpenTransport = (request, handlers) =>
  openHttp(
    request,
    handlers,
    gatewayDialect(request.gateway, () => request.credential),
  );

/**
 * HTTP has no connection to open. What is proven instead is what a connection would prove: a socket, TLS, and an answer
 * to a question that asks nothing (a GET for a stream, which every MCP server must answer, with 405 if it has none).
 * No MCP message is made up for it.
 */
async function openHttp(
  request: DialRequest,
  handlers: TransportHandlers,
  dialect: HttpDialect,
): Promise<HttpTransport> {
  const { gateway, credential, credentials, tlsSettings, clock, signal } = request;
  const url = dialect.addressOf(gateway.url);
  const timeoutMs = gateway.connection.timeout_ms;
  const client = createHttpClient({ tls: tlsSettings, timeoutMs, clock });
  const link = new HttpLink({ client, credentials, credential, clock });
  const probe = (until: AbortSignal): Promise<FailureCause | undefined> =>
    askOpening({ link, url, dialect, clock, timeoutMs }, until);
  try {
    signal.throwIfAborted();
    const cause = await probe(signal);
    if (cause !== undefined) throw new RouterError(cause.code, cause.detail);
    const fallback = new SseFallback({ link, url, gateway, clock });
    return new HttpTransport({ gateway, dialect, client, link, url, clock, probe, fallback }, handlers);
  } catch (error) {
    await leave(client);
    throw error;
  }
}

const leave = (client: HttpClient): Promise<void> => client.close();

interface Opening extends Pick<DialRequest, 'clock'> {
  readonly link: HttpLink;
  readonly url: URL;
  readonly dialect: HttpDialect;
  readonly timeoutMs: number;
}

/** @returns why the other side cannot be used; undefined when it can */
async function askOpening(
  { link, url, dialect, clock, timeoutMs }: Opening,
  signal: AbortSignal,
): Promise<FailureCause | undefined> {
  const limit = new AbortController();
  const giveUp = (): void => {
    limit.abort();
  };
  signal.addEventListener('abort', giveUp, { once: true });
  const timer = clock.after(timeoutMs, giveUp);
  const { method, body } = dialect.opening;
  try {
    const response = await link.request(url, {
      method,
      headers: {
        accept: method === 'GET' ? 'text/event-stream' : 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: limit.signal,
    });
    // A server that opens a stream here would hold it; the head is all that was asked for.
    response.body.destroy();
    return openingRefusal(response.status, response.headers['retry-after'] !== undefined);
  } catch (error) {
    if (limit.signal.aborted) return { code: 'gateway-unreachable', detail: 'no answer in time' };
    return dialFailure(error instanceof NotSentError ? error.cause : error);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', giveUp);
  }
}
