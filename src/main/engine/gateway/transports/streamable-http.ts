import type { FailureCause } from '../../../../shared/model/status';
import { createHttpClient, NotSentError, type HttpClient, type HttpRequest } from '../../auth/http-client';
import { DialError, dialFailure } from '../dial-failure';

import { busyCause, openingRefusal } from './http-answer';
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
  const { gateway, credential, credentials, tlsSettings, proxyFor, clock, signal } = request;
  const url = dialect.addressOf(gateway.url);
  const timeoutMs = gateway.connection.timeout_ms;
  const client = createHttpClient({
    tls: tlsSettings,
    proxyFor,
    timeoutMs,
    clock,
    maxConnections: gateway.connection.max_http_connections,
  });
  const link = new HttpLink({ client, credentials, credential, clock, signal });
  const opening = { link, url, dialect, clock, timeoutMs };
  const probe = (until: AbortSignal): Promise<FailureCause | undefined> =>
    askOpening({ ...opening, renews: true }, until);
  try {
    signal.throwIfAborted();
    // Whoever dials renews a refused credential, once for every transport.
    const cause = await askOpening({ ...opening, renews: false }, signal);
    if (cause !== undefined) throw new DialError(cause);
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
  readonly renews: boolean;
}

/** @returns why the other side cannot be used; undefined when it can */
async function askOpening(
  { link, url, dialect, clock, timeoutMs, renews }: Opening,
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
    const request: HttpRequest = {
      method,
      headers: {
        accept: method === 'GET' ? 'text/event-stream' : 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: limit.signal,
    };
    const response = await link.request(url, request, renews);
    // A server that opens a stream here would hold it; the head is all that was asked for.
    response.body.destroy();
    const { status, headers } = response;
    const refusal =
      busyCause(status, headers, clock.now()) ?? openingRefusal(status, headers['retry-after'] !== undefined);
    return renews && status === 401 && refusal !== undefined ? link.refusedForGood(refusal) : refusal;
  } catch (error) {
    if (limit.signal.aborted) return { code: 'gateway-unreachable', detail: 'no answer in time' };
    return dialFailure(error instanceof NotSentError ? error.cause : error);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', giveUp);
  }
}
