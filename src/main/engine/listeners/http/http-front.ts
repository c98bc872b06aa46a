import type { IncomingMessage, ServerResponse } from 'node:http';

import type { LocalConfig } from '../../../../shared/model/config';
import { assertNever, errorTable, RouterError } from '../../../../shared/model/errors';
import type { RouterFact } from '../../../../shared/model/events';
import { errorReply } from '../../jsonrpc/message';
import { isStateless } from '../../jsonrpc/protocol-version';
import { scanMessage, type Message } from '../../jsonrpc/scan';
import type { Clock, Logger, TokenHolder, TokenHolders } from '../../ports';
import type { Router } from '../../router/router';
import { RefusalTally } from '../refusal-tally';

import { admit, type Refused } from './admission';
import { httpError, protocolError, refuse, sendEmpty, sendJson } from './answers';
import { HttpSessions, type HttpSession } from './http-sessions';
import { Pipelines } from './pipelines';
import { readBody } from './post-body';
import { isSessionVersion, routePost, type McpHeaders, type ProtocolError } from './post-route';
import { accepts, mcpHeaders, paramHeadersOf, wrongForm } from './request-form';
import { StatelessRequests } from './stateless-requests';

/** What serving clients over HTTP needs. */
export interface HttpServices {
  readonly router: Router;
  /** As it is now: a reload takes effect on clients that are attached. */
  readonly local: () => LocalConfig;
  readonly holders: TokenHolders;
  readonly publish: (fact: RouterFact) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A connection on which nothing moves for so many keep-alives belongs to somebody who does not read. */
const SILENT_KEEP_ALIVES = 4;
const LEAST_SILENCE_MS = 1000;

/** One request that was let in. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly holder: TokenHolder;
  readonly headers: McpHeaders;
}

/** Judges each request and takes it where it belongs. */
export class HttpFront {
  readonly sessions: HttpSessions;
  private readonly stateless: StatelessRequests;
  private readonly tally: RefusalTally;
  private readonly unfollow: () => void;
  private readonly pipelines = new Pipelines();

  constructor(private readonly services: HttpServices) {
    const { router, clock, local, publish, holders } = services;
    this.sessions = new HttpSessions({
      router,
      clock,
      local,
      onLost: (session, bytes) => {
        const reason = 'no stream of the client takes it';
        publish({ kind: 'message-dropped', session, direction: 'from-gateway', reason, bytes });
      },
    });
    this.stateless = new StatelessRequests(this.sessions, clock);
    this.tally = new RefusalTally('http', clock, publish);
    this.unfollow = holders.onChange(() => {
      this.sessions.revokeAllBut(holders.current());
    });
  }

  close(): void {
    this.unfollow();
    this.tally.close();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    if (!this.pipelines.follow(request, response)) return;
    const { local, holders, logger } = this.services;
    request.socket.setTimeout(Math.max(local().http.keep_alive_ms * SILENT_KEEP_ALIVES, LEAST_SILENCE_MS));
    const { host, origin, authorization } = request.headers;
    const head = { method: request.method ?? '', target: request.url ?? '', host, origin, authorization };
    const admission = admit(head, {
      allowedOrigins: local().http.allowed_origins,
      holders: holders.current(),
    });
    if (admission.kind === 'refused') {
      this.turnAway(request, response, admission);
      return;
    }
    const call = { request, response, holder: admission.holder, headers: mcpHeaders(request) };
    try {
      await this.take(admission.method, call);
    } catch (error) {
      if (!(error instanceof RouterError)) {
        const text = error instanceof Error ? error.stack : String(error);
        logger.error('serving a client over HTTP failed by a mistake of ours', { error: text });
      }
      this.fail(call, error instanceof RouterError ? error : new RouterError('internal'), null);
    }
  }

  private turnAway(
    request: IncomingMessage,
    response: ServerResponse,
    { httpStatus, reason, text }: Refused,
  ): void {
    const headers: Record<string, string> = {};
    if (httpStatus === 401) headers['WWW-Authenticate'] = 'Bearer';
    if (httpStatus === 405) headers['Allow'] = 'POST, GET, DELETE';
    if (reason !== undefined) this.tally.note(reason);
    const { clock } = this.services;
    refuse(request, response, { httpStatus, body: httpError(text), headers, clock });
  }

  private async take(method: 'POST' | 'GET' | 'DELETE', call: Call): Promise<void> {
    switch (method) {
      case 'POST':
        await this.post(call);
        return;
      case 'GET':
        this.get(call);
        return;
      case 'DELETE':
        this.end(call);
        return;
      default:
        assertNever(method);
    }
  }

  private async post(call: Call): Promise<void> {
    const { request, response, headers, holder } = call;
    const wrong = wrongForm(request);
    if (wrong !== undefined) {
      this.decline(call, wrong.httpStatus, httpError(wrong.text));
      return;
    }
    const known = headers.session === undefined ? undefined : this.sessions.find(headers.session, holder);
    // A client whose messages cannot go on is not read further.
    await known?.door.passed;
    const maxBytes = this.services.local().max_line_bytes;
    const body = await readBody(request, maxBytes);
    if (body.kind === 'gone') return;
    if (body.kind === 'too-large') {
      const detail = `limit ${String(maxBytes)}`;
      const limit = 'local.max_line_bytes';
      this.decline(call, 413, errorReply(null, { code: 'line-too-large', detail, limit }));
      return;
    }
    const scanned = scanMessage(body.bytes);
    if (scanned.kind === 'message') {
      await this.message(call, scanned.message);
    } else if (scanned.kind === 'parse-failed') {
      sendJson(response, 400, errorReply(null, { code: 'parse-failed', detail: scanned.detail }));
    } else {
      const id = scanned.kind === 'batch' ? null : scanned.id;
      const detail = scanned.kind === 'batch' ? 'batches are not accepted; send one message' : scanned.detail;
      sendJson(response, 400, errorReply(id, { code: 'invalid-request', detail }));
    }
  }

  private async message(call: Call, message: Message): Promise<void> {
    const { response, headers, holder } = call;
    const route = routePost(message, headers);
    switch (route.kind) {
      case 'refused':
        sendJson(response, 400, protocolError(idOf(message), route.error));
        return;
      case 'session':
        await this.inSession(call, message);
        return;
      case 'stateless':
        if (message.kind === 'request') {
          const paramHeaders = paramHeadersOf(call.request);
          await this.openingFor(call, message, () =>
            this.stateless.take(holder, { ...message, paramHeaders }, { version: route.version, response }),
          );
          return;
        }
        this.stateless.tell(holder, message);
        sendEmpty(response, 202);
        return;
      default:
        assertNever(route);
    }
  }

  private async inSession(call: Call, message: Message): Promise<void> {
    const { response, headers } = call;
    if (headers.session === undefined && message.kind === 'request' && message.method === 'initialize') {
      await this.openingFor(call, message, async () => {
        const { door } = await this.sessions.open(call.holder, 'session');
        door.request(message, response);
      });
      return;
    }
    const found = this.sessionOf(call, idOf(message));
    if (found === undefined) return;
    if (message.kind === 'request') {
      found.door.request(message, response);
    } else {
      found.door.tell(message);
      sendEmpty(response, 202);
    }
  }

  /** Answers the request itself where no session can be had for it. */
  private async openingFor(call: Call, message: Message, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      this.fail(call, error, idOf(message));
    }
  }

  /** The session that the headers name; undefined: the client was told what is wrong. */
  private sessionOf({ response, headers, holder }: Call, id: Buffer | null): HttpSession | undefined {
    const tell = (httpStatus: number, error: ProtocolError): void => {
      sendJson(response, httpStatus, protocolError(id, error));
    };
    if (headers.session === undefined) {
      tell(400, { code: -32000, message: 'Mcp-Session-Id is missing; begin with initialize' });
      return undefined;
    }
    const found = this.sessions.find(headers.session, holder);
    if (found === undefined) {
      tell(404, { code: -32001, message: 'Session not found; begin anew with initialize' });
    } else if (!isSessionVersion(headers.version, found.door.agreedVersion)) {
      tell(400, { code: -32000, message: `Unsupported protocol version: ${headers.version ?? ''}` });
      return undefined;
    }
    return found;
  }

  private get(call: Call): void {
    const { request, response } = call;
    if (!accepts(request, 'text/event-stream')) {
      this.decline(call, 406, httpError('the client must accept text/event-stream'));
      return;
    }
    if (isStatelessCall(call)) {
      this.noMethod(call);
      return;
    }
    const found = this.sessionOf(call, null);
    const last = request.headers['last-event-id'];
    const outcome = found?.door.listen(response, typeof last === 'string' ? last : undefined);
    if (outcome === 'unknown-event')
      sendJson(response, 400, httpError('Last-Event-ID is no event of this session'));
    if (outcome === 'too-many') sendJson(response, 409, httpError('the session has too many streams'));
  }

  private end(call: Call): void {
    if (isStatelessCall(call)) {
      this.noMethod(call);
      return;
    }
    const found = this.sessionOf(call, null);
    if (found === undefined) return;
    void this.sessions.close(found);
    sendEmpty(call.response, 200);
  }

  private noMethod(call: Call): void {
    const { clock } = this.services;
    const body = httpError('only POST');
    refuse(call.request, call.response, { httpStatus: 405, body, headers: { Allow: 'POST' }, clock });
  }

  private decline({ request, response }: Call, httpStatus: number, body: Buffer): void {
    refuse(request, response, { httpStatus, body, clock: this.services.clock });
  }

  private fail({ response }: Call, { code, detail }: RouterError, id: Buffer | null): void {
    const limit = code === 'session-limit' ? { limit: 'local.max_sessions' } : {};
    sendJson(response, errorTable[code].httpStatus, errorReply(id, { code, detail, ...limit }));
  }
}

/** In the 2026 era there is nothing but POST, and no session. */
const isStatelessCall = ({ headers: { session, version } }: Call): boolean =>
  session === undefined && version !== undefined && isStateless(version);

function idOf(message: Message): Buffer | null {
  if (message.kind !== 'request') return null;
  return message.bytes.subarray(message.id.text.start, message.id.text.end);
}
