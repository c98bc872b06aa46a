import { assertNever } from '../../../../shared/model/errors';
import type { GatewayConfig } from '../../../../shared/model/config';
import type { FailureCause, TlsFacts } from '../../../../shared/model/status';
import type { HttpClient, HttpResponse } from '../../auth/http-client';
import { cancelledKey } from '../../jsonrpc/cancelled-key';
import { modernVersion } from '../../jsonrpc/protocol-version';
import { scanMessage, type Message } from '../../jsonrpc/scan';
import type { Clock } from '../../ports';
import { dialFailure } from '../dial-failure';

import { Flights, keyOf, type Flight } from './flights';
import type { HttpDialect } from './http-dialect';
import { exchange, type ExchangeOutcome } from './http-exchange';
import { endSession, type HttpLink } from './http-link';
import { HttpSession, isInitialize, opensSession } from './http-session';
import { Liveness } from './liveness';
import { ReadGate } from './read-gate';
import { Rejections } from './rejections';
import { ServerStream } from './server-stream';
import { isOldServerStatus, type SseFallback } from './sse-fallback';
import type { Transport, TransportHandlers } from './transport';

/** What an HTTP connection is made of. */
export interface HttpTransportParts {
  readonly gateway: GatewayConfig;
  readonly dialect: HttpDialect;
  readonly client: HttpClient;
  readonly link: HttpLink;
  readonly url: URL;
  readonly clock: Clock;
  /** Asks the opening question again. Undefined: all is well. */
  readonly probe: (signal: AbortSignal) => Promise<FailureCause | undefined>;
  /** Opens the transport of 2024 if that is what the server speaks. */
  readonly fallback: SseFallback;
}

type FailedExchange = Extract<ExchangeOutcome, { kind: 'failed' }>;
/** Above this much that the other side has not even begun to answer, the client is no longer read. */
const CONGESTED_BYTES = 16 * 1024 * 1024;
/** How long the goodbye may take, and what was sent last may need to arrive. */
const GOODBYE_MS = 1000;
/**
 * A connection over HTTP. Nothing stands open between requests, so "connected" says that address, TLS and credential
 * were fine when they were last used; each message is an exchange of its own, started in the order of the client.
 */
export class HttpTransport implements Transport {
  readonly tls: TlsFacts | null;
  private readonly session = new HttpSession();
  private readonly flights = new Flights();
  private readonly life = new AbortController();
  private readonly rejections: Rejections;
  private readonly reading = new ReadGate();
  private readonly liveness: Liveness;
  private readonly stream: ServerStream;
  /** The message that opens the session, then the stream of its server; and what may not overtake them. */
  private opener: Message | ServerStream | undefined;
  private waiting: Message[] = [];
  private wasCongested = false;
  private isOver = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly parts: HttpTransportParts,
    private readonly handlers: TransportHandlers,
  ) {
    this.tls = parts.client.tls;
    this.rejections = new Rejections(handlers, parts.clock);
    const { link, url, clock, gateway, probe } = parts;
    this.stream = new ServerStream({
      link,
      url,
      clock,
      gateway,
      headers: () => this.session.standing(),
      signal: this.life.signal,
      mayRead: this.reading.pass,
      deliver: (payload) => void this.deliver(payload),
      onSessionEnded: () => {
        this.endSoon({ code: 'session-ended', detail: '' });
      },
    });
    this.liveness = new Liveness({
      clock,
      intervalMs: gateway.connection.keepalive_interval_ms,
      probe,
      onFailure: this.end,
    });
  }

  get isOpen(): boolean {
    return this.closing === undefined && !this.rejections.isEnding;
  }

  get isCongested(): boolean {
    const waitingBytes = this.waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return this.flights.silentBytes + waitingBytes > CONGESTED_BYTES;
  }

  send(message: Message): 'sent' | 'too-large' {
    if (message.bytes.length > this.parts.gateway.max_message_bytes) return 'too-large';
    this.liveness.stop();
    if (this.rejections.isEnding) this.rejections.add(message);
    else if (this.opener === undefined) this.start(message);
    else this.waiting.push(message);
    if (this.isCongested) this.wasCongested = true;
    return 'sent';
  }

  abandon(key: string): void {
    this.waiting = this.waiting.filter((message) => message.kind !== 'request' || message.id.key !== key);
    const flight = this.flights.request(key);
    flight?.abort.abort();
    if (flight?.isParked === true) this.land(flight);
  }

  pause(): void {
    this.reading.close();
  }

  resume(): void {
    this.reading.open();
  }

  close(): Promise<void> {
    this.closing ??= this.sayGoodbye({ code: 'gateway-lost', detail: 'closed' });
    return this.closing;
  }

  private start(message: Message): void {
    if (this.cancelModern(message)) return;
    if (opensSession(message)) this.opener = message;
    const flight = this.flights.add(message);
    flight.finished = this.fly(flight);
  }

  private async fly(flight: Flight): Promise<void> {
    const outcome = await this.exchange(flight);
    flight.isParked = await this.settle(flight, outcome);
    if (!flight.isParked) this.land(flight);
  }

  private async exchange(flight: Flight): Promise<ExchangeOutcome> {
    const { link, url, clock, dialect, gateway, fallback } = this.parts;
    const { message, abort } = flight;
    const cut = (): void => {
      abort.abort();
    };
    // What carries no reply of its own must not hang for ever.
    const limit =
      message.kind === 'request' ? undefined : clock.after(gateway.connection.pong_timeout_ms, cut);
    const outcome = await exchange(message, {
      link,
      url: fallback.postUrl ?? url,
      repliesElsewhere: fallback.postUrl !== undefined,
      ...(dialect.name === 'streamable-http' ? this.session.carrying(message) : { headers: {} }),
      body: dialect.bodyOf(message, clock.now()),
      clock,
      maxBytes: gateway.max_message_bytes,
      signal: abort.signal,
      cut,
      mayRead: this.reading.pass,
      onHead: (response) => {
        this.noteHead(flight, response);
      },
      deliver: (payload) => this.deliver(payload, flight),
    });
    limit?.cancel();
    return outcome;
  }

  private noteHead(flight: Flight, response: HttpResponse): void {
    flight.status = response.status;
    if (isInitialize(flight.message) && response.status < 300) {
      this.session.noteSessionHeader(response.headers['mcp-session-id']);
    }
    this.tellDrained();
  }

  /** @returns true when the reply is still to come, another way */
  private async settle(flight: Flight, outcome: ExchangeOutcome): Promise<boolean> {
    const { message } = flight;
    if (this.isOver || flight.isAnswered) return false;
    switch (outcome.kind) {
      case 'done':
        this.afterNotification(message);
        return false;
      case 'abandoned':
        return false;
      case 'accepted':
        if (this.parts.fallback.postUrl !== undefined) return true;
        this.refuse(message, { code: 'gateway-misbehaved', detail: 'it took the request without a reply' });
        return false;
      case 'failed':
        return this.settleFailed(flight, outcome);
      case 'postponed':
        this.handlers.onRejected(message, outcome);
        return false;
      case 'unsent':
        this.endSoon(dialFailure(outcome.error), message);
        return false;
      case 'unauthorized':
        this.refuse(message, outcome.cause);
        this.endSoon(outcome.cause);
        return false;
      case 'session-ended':
        if (outcome.isProcessed) this.refuse(message, { code: 'gateway-lost', detail: 'the session ended' });
        this.endSoon({ code: 'session-ended', detail: '' }, outcome.isProcessed ? undefined : message);
        return false;
      default:
        return assertNever(outcome);
    }
  }

  private async settleFailed(flight: Flight, { cause, status }: FailedExchange): Promise<boolean> {
    if (await this.fallBack(flight, status)) return this.settle(flight, await this.exchange(flight));
    // The stream of 2024 may have brought the reply, or the connection ended meanwhile.
    if (!this.isOver && !flight.isAnswered) this.refuse(flight.message, cause);
    return false;
  }

  /** There will be no reply; a notification is dropped the same way. */
  private refuse(message: Message, cause: FailureCause): void {
    this.handlers.onRejected(message, { cause, retryAfterMs: null });
  }

  private land(flight: Flight): void {
    this.flights.remove(flight);
    this.pass(flight.message);
    this.tellDrained();
    this.rejections.landed(this.flights.size);
  }

  /** Takes a message of the server; true when it is the reply that the flight waits for. */
  private deliver(payload: Buffer, flight?: Flight): boolean {
    if (this.isOver) return false;
    const scanned = scanMessage(payload);
    if (scanned.kind !== 'message') {
      this.handlers.onUnreadable(payload.length);
      return false;
    }
    if (scanned.message.kind !== 'response') {
      this.handlers.onMessage({ payload, envelopeId: null, about: keyOf(flight) });
      return false;
    }
    const { id } = scanned.message;
    const answered = id === null || id.key === keyOf(flight) ? flight : this.flights.request(id.key);
    if (answered === undefined || answered.isAnswered) return false;
    this.answer(answered, payload);
    return answered === flight;
  }

  private answer(flight: Flight, payload: Buffer): void {
    const { message, status } = flight;
    flight.isAnswered = true;
    this.session.noteReply(message, payload);
    this.pass(message);
    if (flight.isParked) this.land(flight);
    this.handlers.onMessage({ payload, envelopeId: message.kind === 'request' ? message.id : null, status });
  }

  /** The message that the others wait for is answered or gone. */
  private pass(opener: Message | ServerStream): void {
    if (this.opener !== opener) return;
    this.opener = undefined;
    for (const next of this.waiting.splice(0)) this.send(next);
  }

  private afterNotification(message: Message): void {
    if (message.kind === 'notification' && message.method === 'notifications/initialized')
      this.listen(message);
    const key = cancelledKey(message);
    // The server knows now, and owes nothing any more.
    if (key !== undefined) this.abandon(key);
  }

  /** In the 2026 era closing the exchange is the cancellation, and there is no notification. */
  private cancelModern(message: Message): boolean {
    const key = cancelledKey(message);
    const flight = key === undefined ? undefined : this.flights.request(key);
    if (flight === undefined || modernVersion(flight.message) === undefined) return false;
    flight.abort.abort();
    return true;
  }

  /** Opens the server's stream; until it is there nothing overtakes it. */
  private listen(opener: Message): void {
    const { dialect, fallback } = this.parts;
    if (dialect.name !== 'streamable-http' || fallback.postUrl !== undefined) return;
    if (this.opener === opener) this.opener = this.stream;
    void this.stream.open().then(() => {
      this.pass(this.stream);
    });
  }

  /** The server may be one of 2024; true when it is, and the request is to be sent again the way it wants it. */
  private async fallBack(flight: Flight, status: number | undefined): Promise<boolean> {
    const { fallback, dialect } = this.parts;
    if (dialect.name !== 'streamable-http' || !isInitialize(flight.message)) return false;
    if (!isOldServerStatus(status) || fallback.postUrl !== undefined) return false;
    const isOpen = await fallback.open({
      signal: this.life.signal,
      mayRead: this.reading.pass,
      deliver: (payload) => void this.deliver(payload),
      onEnd: this.end,
    });
    return isOpen && !flight.abort.signal.aborted && !flight.isAnswered;
  }

  private tellDrained(): void {
    if (!this.wasCongested || this.isCongested) return;
    this.wasCongested = false;
    this.handlers.onDrain();
  }

  /** Breaks the connection as soon as what is in flight has landed, or a short time is up. */
  private endSoon(cause: FailureCause, unprocessed?: Message): void {
    if (unprocessed !== undefined) this.rejections.add(unprocessed);
    for (const message of this.waiting.splice(0)) this.rejections.add(message);
    this.rejections.endSoon(() => {
      this.end(cause);
    });
  }

  private readonly end = (cause: FailureCause): void => {
    if (this.closing !== undefined) return;
    this.rejections.flush(cause);
    this.closing = this.sayGoodbye(cause);
  };

  private async sayGoodbye(cause: FailureCause): Promise<void> {
    const { clock, client } = this.parts;
    const limit = new AbortController();
    const timer = clock.after(GOODBYE_MS, () => {
      limit.abort();
    });
    const isOurs = !this.rejections.isEnding;
    if (isOurs) await this.flights.lastWords(limit.signal);
    this.isOver = true;
    this.liveness.stop();
    this.life.abort();
    this.reading.open();
    this.flights.abortAll();
    if (isOurs && this.session.id !== undefined) {
      await endSession(this.parts.link, this.parts.url, this.session.standing(), limit.signal);
    }
    timer.cancel();
    await client.close();
    this.handlers.onClose(cause);
  }
}
