import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import type { Readable } from 'node:stream';

import { RouterError } from '../../../shared/model/errors';
import type { TlsFacts } from '../../../shared/model/status';
import type { Clock } from '../ports';

import { HttpAgent, type HttpTarget } from './http-agent';
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
const MAX_JOINED_BYTES = 16 * 1024;

/**
 * Handshakes at a time. Each request that finds no free connection opens one; were all of them opened at once, as when
 * many requests have waited for a new credential, none would be ready for long, and all that come meanwhile would open more.
 */
const MAX_CONNECTING = 8;

/** Makes a client; the one place where HTTP requests begin. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  return new PooledClient(options);
}

class PooledClient implements HttpClient {
  tls: TlsFacts | null = null;
  private readonly agents = {
    http: new HttpAgent('http:', (target) => this.open(target, false)),
    https: new HttpAgent('https:', (target) => this.open(target, true)),
  };
  private readonly failedConnects = new WeakSet<Error>();
  private readonly closing = new AbortController();
  private readonly connecting = new Turnstile(MAX_CONNECTING);
  /** A request in flight has a connection to itself, so this bounds the connections. */
  private readonly inFlight: Turnstile;

  constructor(private readonly options: HttpClientOptions) {
    this.inFlight = new Turnstile(options.maxConnections ?? Infinity);
  }

  async request(url: URL, request: HttpRequest): Promise<HttpResponse> {
    if (!this.inFlight.entersAtOnce()) await this.inFlight.enter(request.signal);
    try {
      const answer = await this.send(url, request);
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer };
    } catch (error) {
      throw error instanceof Error && this.failedConnects.has(error) ? new NotSentError(error) : error;
    }
  }

  /** Resolves with the head of the answer. The place in flight is free again when the whole exchange is over. */
  private send(url: URL, { method, headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
    const agent = url.protocol === 'https:' ? this.agents.https : this.agents.http;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', giveUp);
        this.inFlight.leave();
      };
      let answer: IncomingMessage | undefined;
      const giveUp = (): void => {
        const reason = signal.reason instanceof Error ? signal.reason : new Error('given up');
        // One that waits for its connection would tell only when that is there.
        reject(reason);
        (answer ?? outgoing).destroy(reason);
      };
      let outgoing: ClientRequest;
      try {
        signal.throwIfAborted();
        outgoing = httpRequest({
          agent,
          protocol: url.protocol,
          host: url.hostname.replace(/^\[|\]$/g, ''),
          port: url.port,
          path: `${url.pathname}${url.search}`,
          method,
          headers: { 'user-agent': 'mcp-router', ...headers },
          joinDuplicateHeaders: true,
        });
      } catch (error) {
        this.inFlight.leave();
        throw error;
      }
      signal.addEventListener('abort', giveUp, { once: true });
      outgoing.once('close', leave);
      outgoing.on('error', reject);
      outgoing.once('socket', (socket) => {
        // It was closed between being chosen and being used: nothing will be sent on it.
        if (socket.destroyed) reject(new NotSentError(new Error('the connection was closed')));
      });
      outgoing.once('response', (response) => {
        answer = response;
        agent.heed(response);
        // A body that is given up reports an error nobody waits for.
        response.on('error', () => undefined);
        resolve(response);
      });
      sendBody(outgoing, body);
    });
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

  close(): Promise<void> {
    this.closing.abort(new RouterError('gateway-lost', 'closed'));
    this.agents.http.destroy();
    this.agents.https.destroy();
    return Promise.resolve();
  }

  private async open(target: HttpTarget, isEncrypted: boolean): Promise<Socket> {
    try {
      return await this.connecting.pass(() => this.connect(target, isEncrypted));
    } catch (error) {
      const failure = error instanceof Error ? error : new Error('no connection', { cause: error });
      this.failedConnects.add(failure);
      throw failure;
    }
  }

  private async connect({ host, port }: HttpTarget, isEncrypted: boolean): Promise<Socket> {
    const { tls, proxyFor, timeoutMs, clock, lookup } = this.options;
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
 * A small body leaves in one write with the head, because Node joins strings and writes buffers apart. In Latin-1 each
 * byte is a character, so the bytes stay what they are.
 */
function sendBody(outgoing: ClientRequest, body: HttpRequest['body']): void {
  if (!Buffer.isBuffer(body) || body.length > MAX_JOINED_BYTES) outgoing.end(body);
  else outgoing.end(body.toString('latin1'), 'latin1');
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

function headerList(headers: IncomingHttpHeaders): Headers {
  const list = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) list.append(name, one);
  }
  return list;
}
