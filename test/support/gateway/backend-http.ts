import type { BackendSession, SessionContext } from './backend';
import { BackendFailure } from './backend';
import { errorTexts } from './error-texts';
import { eventData } from './event-stream';
import { isJsonObject, parseJson } from './json';

/** A Streamable HTTP server (revisions 2025-03-26 to 2025-11-25). */
export interface HttpBackend {
  readonly kind: 'streamable-http';
  readonly url: string;
  /** The real gateway's are 3,000 and 5,000 (gateway-protocol 1.10); none by default. */
  readonly limits?: HttpLimits;
  /** Opens the GET stream after the handshake, for messages that belong to no request. */
  readonly listens?: boolean;
}

export interface HttpLimits {
  readonly headersMs: number;
  readonly totalMs: number;
}

interface Exchange {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly text?: string;
  readonly signal: AbortSignal;
}

const CLOSE_LIMIT_MS = 500;

/** Opens a session; nothing is sent before the first message. */
export function openHttpSession(backend: HttpBackend, context: SessionContext): BackendSession {
  return new HttpSession(backend, context);
}

class HttpSession implements BackendSession {
  readonly #backend: HttpBackend;
  readonly #context: SessionContext;
  readonly #ended = new AbortController();
  #sessionId: string | null = null;
  #protocolVersion: string | null = null;
  /** A request must not overtake a notification that was sent before it. */
  #delivered: Promise<void> = Promise.resolve();

  constructor(backend: HttpBackend, context: SessionContext) {
    this.#backend = backend;
    this.#context = context;
  }

  async request(text: string): Promise<string> {
    await this.#delivered;
    const deadline = startDeadline(this.#backend.limits);
    try {
      const signal = AbortSignal.any([this.#ended.signal, deadline.signal]);
      const response = await this.#fetch({ method: 'POST', text, signal });
      deadline.headersArrived();
      if (response.status !== 200)
        throw new BackendFailure(errorTexts.backendStatus(response.status, await response.text()));
      const reply = await this.#readReply(response);
      if (methodOf(text) === 'initialize') this.#rememberSession(response, reply);
      return reply;
    } catch (error) {
      throw this.#failure(error);
    } finally {
      deadline.clear();
    }
  }

  deliver(text: string): Promise<void> {
    const sent = this.#post(text, this.#delivered);
    this.#delivered = sent.catch(() => undefined);
    return sent;
  }

  async close(haste: 'gently' | 'now'): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(new Error('backend session closed'));
    if (haste === 'now' || this.#sessionId === null) return;
    const farewell = this.#fetch({ method: 'DELETE', signal: AbortSignal.timeout(CLOSE_LIMIT_MS) });
    await farewell.then((response) => response.body?.cancel()).catch(() => undefined);
  }

  async #post(text: string, earlier: Promise<void>): Promise<void> {
    await earlier;
    try {
      const response = await this.#fetch({ method: 'POST', text, signal: this.#ended.signal });
      const body = await response.text();
      if (response.status !== 202 && response.status !== 200)
        throw new BackendFailure(errorTexts.backendStatus(response.status, body));
    } catch (error) {
      throw this.#failure(error);
    }
    if (this.#backend.listens === true && methodOf(text) === 'notifications/initialized') void this.#listen();
  }

  async #fetch({ method, text, signal }: Exchange): Promise<Response> {
    return fetch(this.#backend.url, {
      method,
      signal,
      headers: {
        accept: method === 'GET' ? 'text/event-stream' : 'text/event-stream, application/json',
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#sessionId === null ? {} : { 'mcp-session-id': this.#sessionId }),
        ...(this.#protocolVersion === null ? {} : { 'mcp-protocol-version': this.#protocolVersion }),
      },
      ...(text === undefined ? {} : { body: text }),
    });
  }

  async #readReply(response: Response): Promise<string> {
    if (!isEventStream(response)) return (await response.text()).trim();
    for await (const text of eventData(response.body ?? emptyBody())) {
      if (methodOf(text) === null) return text;
      this.#context.fromServer(text);
    }
    throw new Error('EOF');
  }

  /** Ends with the session; a server may refuse this stream with 405. */
  async #listen(): Promise<void> {
    try {
      const response = await this.#fetch({ method: 'GET', signal: this.#ended.signal });
      if (!isEventStream(response)) return await response.body?.cancel();
      for await (const text of eventData(response.body ?? emptyBody()))
        if (methodOf(text) !== null) this.#context.fromServer(text);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }

  #rememberSession(response: Response, reply: string): void {
    this.#sessionId = response.headers.get('mcp-session-id');
    const message = parseJson(reply);
    const result = isJsonObject(message) ? message['result'] : undefined;
    const version = isJsonObject(result) ? result['protocolVersion'] : undefined;
    this.#protocolVersion = typeof version === 'string' ? version : null;
  }

  #failure(error: unknown): BackendFailure {
    if (error instanceof BackendFailure) return error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const { host } = new URL(this.#backend.url);
    const isRefused = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
    const text = cause instanceof Error ? cause.message : String(cause);
    const goText = isRefused ? `dial tcp ${host}: connect: connection refused` : text;
    return new BackendFailure(errorTexts.httpFailed(`Post "${this.#backend.url}": ${goText}`));
  }
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

function methodOf(text: string): string | null {
  const message = parseJson(text);
  return isJsonObject(message) && typeof message['method'] === 'string' ? message['method'] : null;
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {
  yield* [];
  return Promise.resolve();
}

interface Deadline {
  readonly signal: AbortSignal;
  headersArrived(): void;
  clear(): void;
}

function startDeadline(limits: HttpLimits | undefined): Deadline {
  const controller = new AbortController();
  const abortAfter = (limitMs: number, text: string): NodeJS.Timeout =>
    setTimeout(() => {
      controller.abort(new Error(text));
    }, limitMs);
  const total = limits && abortAfter(limits.totalMs, 'context deadline exceeded (Client.Timeout exceeded)');
  const headers = limits && abortAfter(limits.headersMs, 'net/http: timeout awaiting response headers');
  return {
    signal: controller.signal,
    headersArrived: () => {
      clearTimeout(headers);
    },
    clear: () => {
      clearTimeout(headers);
      clearTimeout(total);
    },
  };
}
