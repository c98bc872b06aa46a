import type { SecureVersion } from 'node:tls';

import { Agent, request } from 'undici';

/** TLS of one HTTP client; what is left out has Node's default. */
export interface HttpClientTls {
  readonly ca?: string;
  readonly minVersion?: SecureVersion;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/** What bounds a client. */
export interface HttpClientOptions {
  readonly tls?: HttpClientTls;
  /** For a whole exchange: address lookup, connect, TLS, headers and body. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** What is asked for; the part of fetch's `RequestInit` that is understood here. */
export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** HTTP with the shape of fetch: whole answers, no redirects, no cookies, no proxy variables. */
export interface HttpClient {
  /** Throws {@link HttpFailure}, or the reason of the signal. */
  fetch(url: string, init?: HttpRequest): Promise<Response>;
  close(): Promise<void>;
}

/** Why there is no answer; `cause` is the system's own error. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';

  constructor(
    readonly kind: 'failed' | 'timeout' | 'too-large',
    options?: ErrorOptions,
  ) {
    super(`HTTP exchange: ${kind}`, options);
  }
}

/** Statuses that have no body at all (fetch standard, null body status). */
const NULL_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** Opens nothing before the first request; connections end with `close`. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { tls = {}, timeoutMs, maxResponseBytes } = options;
  const agent = new Agent({ connect: { ...tls, timeout: timeoutMs }, pipelining: 1, maxHeaderSize: 16_384 });
  return {
    fetch: async (url, init = {}) => {
      const limit = AbortSignal.timeout(timeoutMs);
      const signal = init.signal === undefined ? limit : AbortSignal.any([limit, init.signal]);
      try {
        return await exchange(agent, url, { ...init, signal }, maxResponseBytes);
      } catch (error) {
        init.signal?.throwIfAborted();
        if (error instanceof HttpFailure) throw error;
        throw new HttpFailure(limit.aborted ? 'timeout' : 'failed', { cause: error });
      }
    },
    close: () => agent.destroy(),
  };
}

async function exchange(
  agent: Agent,
  url: string,
  init: HttpRequest & { readonly signal: AbortSignal },
  maxBytes: number,
): Promise<Response> {
  const { method = 'GET', headers = {}, body = null, signal } = init;
  const answer = await request(url, {
    dispatcher: agent,
    method: knownMethod(method),
    headers: { ...headers },
    body: body === null ? null : body.toString(),
    signal,
  });
  const bytes = await readWhole(answer.body, maxBytes);
  const head = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) head.append(name, one);
  }
  const content = NULL_BODY.has(answer.statusCode) ? null : bytes;
  return new Response(content, { status: answer.statusCode, headers: head });
}

function knownMethod(method: string): 'GET' | 'POST' | 'DELETE' {
  if (method === 'GET' || method === 'POST' || method === 'DELETE') return method;
  throw new Error(`method ${method} is not used here`);
}

/** Counts what arrives, so that the limit holds whatever the length header says. */
async function readWhole(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new HttpFailure('too-large');
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
