import type { LookupFunction } from 'node:net';

import { Agent, request } from 'undici';

import { RouterError } from '../../../shared/model/errors';
import type { Clock } from '../ports';

import type { TlsOptions } from './tls';

/** What a client is made with. */
export interface HttpClientOptions {
  /** For every `https:` address that this client asks. */
  readonly tls: TlsOptions;
  /** Limit for address lookup, TCP and TLS together. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Looks names up in place of the system. */
  readonly lookup?: LookupFunction;
  /** Largest body that the `fetch` face reads; 1 MiB unless said otherwise. */
  readonly maxFetchBytes?: number;
}

/** The part of `RequestInit` that libraries for OAuth use. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Headers | Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | Uint8Array<ArrayBuffer> | null;
  readonly signal?: AbortSignal | null;
}

/** An HTTP/1.1 client with connections of its own. */
export interface HttpClient {
  /** Whole answers for libraries that want `fetch`; redirects are not followed. Throws the error of the exchange. */
  fetch(url: string | URL, init?: FetchInit): Promise<Response>;
  /** Drops every connection; idempotent. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;

/** Makes a client; the one place where undici is used. */
export function createHttpClient({
  tls,
  timeoutMs,
  lookup,
  maxFetchBytes = MIB,
}: HttpClientOptions): HttpClient {
  const agent = new Agent({
    connect: { ...tls, timeout: timeoutMs, ...(lookup === undefined ? {} : { lookup }) },
    pipelining: 1,
  });
  return {
    fetch: async (url, { method = 'GET', headers = {}, body = null, signal = null } = {}) => {
      const isText = body === null || body instanceof Uint8Array || typeof body === 'string';
      const answer = await request(url, {
        dispatcher: agent,
        method: knownMethod(method),
        headers: Object.fromEntries(new Headers(headers).entries()),
        body: isText ? body : body.toString(),
        signal,
      });
      const head = new Headers();
      for (const [name, value] of Object.entries(answer.headers)) {
        for (const one of Array.isArray(value) ? value : [value ?? '']) head.append(name, one);
      }
      const whole = await readWhole(answer.body, maxFetchBytes);
      const hasBody = ![204, 205, 304].includes(answer.statusCode);
      return new Response(hasBody ? whole : null, { status: answer.statusCode, headers: head });
    },
    close: () => agent.destroy(),
  };
}

function knownMethod(method: string): 'GET' | 'POST' {
  if (method === 'GET' || method === 'POST') return method;
  throw new TypeError(`no ${method} requests here`);
}

/** Counts what arrives, so that the limit holds whatever the length header says. */
async function readWhole(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new RouterError('gateway-misbehaved', `an answer of more than ${String(maxBytes)} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
