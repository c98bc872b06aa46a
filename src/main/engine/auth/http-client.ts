import type { IncomingHttpHeaders } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import type { Readable } from 'node:stream';

import { Agent, request as undiciRequest, type buildConnector } from 'undici';

import { RouterError } from '../../../shared/model/errors';
import type { TlsFacts } from '../../../shared/model/status';
import type { Clock } from '../ports';

import { openSocket } from './open-socket';
import type { ProxyFor } from './proxy-tunnel';
import type { TlsSettings } from './tls';
import { Turnstile } from './turnstile';

/** What a client is made with. */
export interface HttpClientOptions {
  /** Asked anew for each `https:` connection, so that renewed files are noticed. */
  readonly tls: (host: string) => Promise<TlsSettings>;
  /** Asked for each connection; not optional, so that nobody goes around a proxy by forgetting it. */
  readonly proxyFor: ProxyFor;
  /** Limit for address lookup, TCP, proxy and TLS together. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Looks names up in place of the system. */
  readonly lookup?: LookupFunction | undefined;
  /** Requests above it wait for a free one; without it each opens one of its own. */
  readonly maxConnections?: number;
  /** Largest body that the `fetch` face reads; 1 MiB unless said otherwise. */
  readonly maxFetchBytes?: number;
}

/** One request; redirects are answers like any other, so that no credential follows one. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal: AbortSignal;
}

/** The head of an answer, and its body to be read. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** An HTTP/1.1 client with connections of its own. */
export interface HttpClient {
  /**
   * Resolves with the head of the answer. The body must be read or destroyed.
   *
   * @throws NotSentError when no connection could be made; else the error of the broken exchange
   */
  request(url: URL, request: HttpRequest): Promise<HttpResponse>;
  /** The same for libraries that want `fetch`; the body is read whole, redirects are not followed. */
  fetch(url: string | URL, init?: FetchInit): Promise<Response>;
  /** What the latest TLS handshake proved; null before one. */
  readonly tls: TlsFacts | null;
  /** Drops every connection; idempotent. */
  close(): Promise<void>;
}

/** The part of `RequestInit` that libraries for OAuth use. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Headers | Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | Uint8Array<ArrayBuffer> | null;
  readonly signal?: AbortSignal | null;
}

/** No byte of the request was sent, because there was no connection. `cause` says why. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';

  constructor(cause: unknown) {
    super('no connection', { cause });
  }
}

const MIB = 1024 * 1024;
/** A server that promises a longer keep-alive is not believed: what sits between may forget the connection. */
const MAX_KEEP_ALIVE_MS = 30_000;

/**
 * Handshakes at a time. Each request that finds no free connection opens one; were all of them opened at once, as when
 * many requests have waited for a new credential, none would be ready for long, and all that come meanwhile would open more.
 */
const MAX_CONNECTING = 8;

/** Makes a client; the one place where undici is used. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  return new UndiciClient(options);
}

class UndiciClient implements HttpClient {
  tls: TlsFacts | null = null;
  private readonly agent: Agent;
  private readonly failedConnects = new WeakSet<Error>();
  private readonly closing = new AbortController();
  private readonly connecting = new Turnstile(MAX_CONNECTING);

  constructor(private readonly options: HttpClientOptions) {
    this.agent = new Agent({
      connect: (target, callback) => {
        this.connecting
          .pass(() => this.connect(target))
          .then(
            (socket) => {
              callback(null, socket);
            },
            (error: unknown) => {
              const failure = error instanceof Error ? error : new Error('no connection', { cause: error });
              this.failedConnects.add(failure);
              callback(failure, null);
            },
          );
      },
      keepAliveMaxTimeout: MAX_KEEP_ALIVE_MS,
      // Deadlines are the caller's: it knows the request's own, and a stream may be silent for long.
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      connections: options.maxConnections ?? null,
    });
  }

  async request(url: URL, { method, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    try {
      const answer = await undiciRequest(url, {
        dispatcher: this.agent,
        method,
        headers: { 'user-agent': 'mcp-router', ...headers },
        signal,
        ...(body === undefined ? {} : { body }),
      });
      // A body that is given up reports an error nobody waits for.
      answer.body.on('error', () => undefined);
      return { status: answer.statusCode, headers: joined(answer.headers), body: answer.body };
    } catch (error) {
      throw error instanceof Error && this.failedConnects.has(error) ? new NotSentError(error) : error;
    }
  }

  fetch = async (url: string | URL, init: FetchInit = {}): Promise<Response> => {
    const request = new Request(url, {
      method: init.method ?? 'GET',
      redirect: 'manual',
      ...(init.headers === undefined ? {} : { headers: init.headers }),
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    const { method } = request;
    if (method !== 'GET' && method !== 'POST' && method !== 'DELETE') {
      throw new TypeError(`no ${method} requests here`);
    }
    const body = new Uint8Array(await request.arrayBuffer());
    const answer = await this.request(new URL(request.url), {
      method,
      headers: Object.fromEntries(request.headers),
      signal: init.signal ?? this.closing.signal,
      ...(body.length === 0 ? {} : { body }),
    });
    const text = await readWhole(answer.body, this.options.maxFetchBytes ?? MIB);
    const hasBody = ![204, 205, 304].includes(answer.status);
    return new Response(hasBody ? text : null, {
      status: answer.status,
      headers: headerList(answer.headers),
    });
  };

  async close(): Promise<void> {
    this.closing.abort(new RouterError('gateway-lost', 'closed'));
    await this.agent.destroy();
  }

  private async connect({ protocol, hostname, port: given }: buildConnector.Options): Promise<Socket> {
    const isEncrypted = protocol === 'https:';
    const { tls, proxyFor, timeoutMs, clock, lookup } = this.options;
    const host = hostname.replace(/^\[|\]$/g, '');
    const usualPort = isEncrypted ? 443 : 80;
    const port = given === '' ? usualPort : Number(given);
    const proxy = await proxyFor({ host, port, isEncrypted });
    const { socket, facts } = await openSocket(
      { host, port, tls: isEncrypted ? await tls(host) : null, proxy, lookup, alpnProtocols: ['http/1.1'] },
      { clock, timeoutMs, signal: this.closing.signal },
    );
    this.tls = facts;
    return socket;
  }
}

/**
 * Reads a body to its end.
 *
 * @throws RouterError gateway-misbehaved when it is longer than `maxBytes`, or the error of the connection
 */
export function readWhole(body: Readable, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Listeners and no loop over the stream: each reply of a server passes here.
  return new Promise((resolve, reject) => {
    // It broke before we came, and will tell nobody any more.
    if (body.destroyed) reject(body.errored ?? new Error('the answer broke off'));
    body.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= maxBytes) return;
      body.destroy();
      reject(new RouterError('gateway-misbehaved', `an answer of more than ${String(maxBytes)} bytes`));
    });
    body.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    body.once('error', reject);
    body.once('close', () => {
      // After `end` or an error this changes nothing.
      reject(new Error('the answer broke off'));
    });
  });
}

/** The bytes of a body as they come; leaving the loop destroys the body. */
export async function* chunksOf(body: Readable): AsyncGenerator<Uint8Array, void> {
  const chunks: AsyncIterable<unknown> = body;
  for await (const chunk of chunks) if (chunk instanceof Uint8Array) yield chunk;
}

/** A header that came twice is a list at undici; one text, as in RFC 9110 section 5.3, is what everybody else reads. */
function joined(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const all: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    all[name] = Array.isArray(value) && name !== 'set-cookie' ? value.join(', ') : value;
  }
  return all;
}

function headerList(headers: IncomingHttpHeaders): Headers {
  const list = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) list.append(name, one);
  }
  return list;
}
