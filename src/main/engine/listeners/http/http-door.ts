import type { ServerResponse } from 'node:http';

import type { HttpDoorConfig } from '../../../../shared/model/config';
import { cancelledKey } from '../../jsonrpc/cancelled-key';
import { errorReply } from '../../jsonrpc/message';
import { negotiatedVersion } from '../../jsonrpc/protocol-version';
import { scanMessage, type Message, type RequestMessage } from '../../jsonrpc/scan';
import type { Clock, TokenHolder } from '../../ports';
import type { Session } from '../../router/session';
import type { Belonging, ClientDoor } from '../../router/session-context';

import { sendJson } from './answers';
import { EventSink } from './event-sink';
import { EventStream, placeOf } from './event-stream';
import { Exchange, type Waiting } from './exchange';
import { statelessStatus } from './post-route';
import { ReplayLog } from './replay-log';
import { errorCodeOf } from './server-era';

/** What a door is made of. */
export interface HttpDoorParts {
  readonly holder: TokenHolder;
  /** The id of the MCP session; null in the 2026 era, which has none. */
  readonly id: string | null;
  readonly clock: Clock;
  readonly settings: () => HttpDoorConfig;
  /** It may have become idle, or is so no more. */
  readonly onActivity: () => void;
  readonly onEnded: () => void;
  readonly onLost: (byteLength: number) => void;
}

/** The reply to a question of the door's. */
export interface AskedReply {
  readonly message: Buffer;
  readonly status: number | undefined;
}

/** The first revision whose clients understand an event without a message. */
const FIRST_PRIMED = '2025-11-25';
const MAX_LISTENING = 4;
/** How long the last bytes may take to leave when the client no longer reads. */
const FLUSH_TIMEOUT_MS = 1000;

/** The client's side of a session over HTTP: many requests, each with a response of its own. */
export class HttpDoor implements ClientDoor {
  readonly kind = 'http';
  readonly owner: string;
  private readonly waiting = new Map<string, Waiting>();
  /** Those that something may still come on, by number. */
  private readonly streams = new Map<number, EventStream>();
  private readonly responses = new Set<ServerResponse>();
  /** Where the server speaks of its own accord: the streams that the client opened with GET. */
  private readonly standing: EventStream;
  private readonly log: ReplayLog | null;
  private streamCount = 0;
  private version: string | undefined;
  private opening: { readonly key: string; readonly state: 'asked' | 'open' | 'refused' } | undefined;
  private held: { readonly passed: Promise<void>; readonly pass: () => void } | undefined;
  private session: Session | undefined;
  private isOver = false;

  constructor(private readonly parts: HttpDoorParts) {
    const { holder, id, settings, onLost } = parts;
    this.owner = holder.name;
    const limits = (): { maxEvents: number; maxBytes: number } => {
      const { replay_events: maxEvents, replay_bytes: maxBytes } = settings();
      return { maxEvents, maxBytes };
    };
    this.log = id === null ? null : new ReplayLog(limits, onLost);
    this.standing = this.newStream();
    this.streams.set(0, this.standing);
  }

  /** The session that this is the door of. */
  attach(session: Session): void {
    this.session = session;
  }

  /** The version that was agreed on; undefined before the reply to `initialize`. */
  get agreedVersion(): string | undefined {
    return this.version;
  }

  get hasEnded(): boolean {
    return this.isOver;
  }

  /** The client wanted a session and got none. */
  get isRefused(): boolean {
    return this.opening?.state === 'refused';
  }

  /** Nobody waits for anything. */
  get isIdle(): boolean {
    return this.waiting.size === 0 && this.responses.size === 0;
  }

  /** True while a request with this id waits for its reply. */
  isWaitingFor(key: string): boolean {
    return this.waiting.has(key);
  }

  get isCongested(): boolean {
    return !this.isOver && [...this.responses].some((response) => isBehind(response));
  }

  /** Resolves when the client may be read. */
  get passed(): Promise<void> {
    return this.held?.passed ?? Promise.resolve();
  }

  pauseInput(): void {
    if (this.held !== undefined || this.isOver) return;
    let pass = (): void => undefined;
    const passed = new Promise<void>((resolve) => {
      pass = resolve;
    });
    this.held = { passed, pass };
  }

  resumeInput(): void {
    this.held?.pass();
    this.held = undefined;
  }

  /** Takes a request whose reply goes to this response. */
  request(message: RequestMessage, response: ServerResponse): void {
    const { key, text } = message.id;
    if (this.waiting.has(key)) {
      const detail = 'the reply to a request with this id is still to come';
      const id = message.bytes.subarray(text.start, text.end);
      sendJson(response, 400, errorReply(id, { code: 'invalid-request', detail }));
      return;
    }
    this.follow(response);
    if (message.method === 'initialize' && this.opening?.state !== 'open')
      this.opening = { key, state: 'asked' };
    const exchange = this.exchangeOf(message, response);
    this.waiting.set(key, exchange);
    this.parts.onActivity();
    // In the 2026 era closing the response is how a client cancels.
    if (this.parts.id === null) {
      response.once('close', () => {
        if (this.waiting.get(key) === exchange) this.cancel(message, exchange);
      });
    }
    this.session?.takeLine({ kind: 'message', message });
  }

  /** Asks for itself; resolves with the reply, or null when there is none. */
  ask(message: RequestMessage): Promise<AskedReply | null> {
    return new Promise((resolve) => {
      this.waiting.set(message.id.key, {
        isListenedTo: false,
        push: () => undefined,
        reply: (reply, { status }) => {
          resolve({ message: reply, status });
        },
        end: () => {
          resolve(null);
        },
      });
      this.session?.takeLine({ kind: 'message', message });
    });
  }

  /** Takes what gets no reply. */
  tell(message: Message): void {
    const key = cancelledKey(message);
    const cancelled = key === undefined ? undefined : this.waiting.get(key);
    this.session?.takeLine({ kind: 'message', message });
    if (key === undefined || cancelled === undefined || this.waiting.get(key) !== cancelled) return;
    this.waiting.delete(key);
    cancelled.end();
    this.parts.onActivity();
  }

  /** Opens a stream for what the server says of its own accord, or goes on with one that broke. */
  listen(response: ServerResponse, lastEventId: string | undefined): 'open' | 'unknown-event' | 'too-many' {
    const place = lastEventId === undefined ? null : placeOf(lastEventId);
    if (lastEventId !== undefined && (place === null || place.stream >= this.streamCount))
      return 'unknown-event';
    const stream = place === null ? this.standing : this.streams.get(place.stream);
    if (stream !== undefined && stream.size >= MAX_LISTENING) return 'too-many';
    this.follow(response);
    const sink = new EventSink(response, this.sinkParts());
    if (stream === undefined) this.replayEnded(sink, place);
    else stream.attach(sink, place?.sequence ?? null);
    response.once('close', () => {
      stream?.detach(sink);
    });
    this.parts.onActivity();
    return 'open';
  }

  deliver(message: Buffer, belonging: Belonging): void {
    const key = belonging.request;
    const waiting = typeof key === 'string' ? this.waiting.get(key) : undefined;
    if (belonging.kind !== 'reply') {
      this.pass(message, waiting, belonging.kind === 'question');
    } else if (waiting !== undefined && typeof key === 'string') {
      this.waiting.delete(key);
      if (key === this.opening?.key) this.noteOpening(key, message, belonging.isError);
      waiting.reply(message, belonging);
      this.parts.onActivity();
    }
  }

  async end(): Promise<void> {
    this.isOver = true;
    this.resumeInput();
    for (const waiting of this.waiting.values()) waiting.end();
    this.waiting.clear();
    for (const stream of this.streams.values()) stream.end();
    this.parts.onEnded();
    await this.flushed();
    for (const response of this.responses) response.destroy();
  }

  private noteOpening(key: string, reply: Buffer, isError: boolean): void {
    const wasOpen = this.opening?.state === 'open';
    if (!isError) this.version = negotiatedVersion(reply);
    this.opening = { key, state: isError && !wasOpen ? 'refused' : 'open' };
  }

  /**
   * To the stream of the request that it is about; else to those that the client opened. A question of which neither is
   * known reaches whoever listens, because somebody waits for its answer.
   */
  private pass(message: Buffer, waiting: Waiting | undefined, isQuestion: boolean): void {
    const canWait = this.log !== null && !isQuestion;
    const someone =
      waiting ??
      (canWait || this.standing.isListenedTo
        ? undefined
        : [...this.waiting.values()].findLast(({ isListenedTo }) => isListenedTo));
    if (someone !== undefined) someone.push(message);
    else if (this.log === null) this.parts.onLost(message.length);
    else this.standing.push(message);
  }

  private exchangeOf(message: RequestMessage, response: ServerResponse): Exchange {
    const { clock, settings, id } = this.parts;
    const number = this.streamCount;
    const stream = this.newStream();
    const isOpening = message.method === 'initialize';
    this.streams.set(number, stream);
    return new Exchange(response, {
      clock,
      keepAliveMs: () => settings().keep_alive_ms,
      stream,
      canBePrimed: !isOpening && this.version !== undefined && this.version >= FIRST_PRIMED,
      // A session that was never opened has no id.
      headers: (isError) => (isOpening && isError ? {} : this.headers()),
      statusOf: (reply, { isError, status }) =>
        id === null && isError ? statelessStatus(errorCodeOf(reply), status) : 200,
      onOver: () => this.streams.delete(number),
    });
  }

  /** Cancels for a client that has closed the response. */
  private cancel({ bytes, id }: RequestMessage, exchange: Exchange): void {
    this.waiting.delete(id.key);
    exchange.end();
    const text = bytes.toString('utf8', id.text.start, id.text.end);
    const notice = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${text}}}`;
    this.session?.takeLine(scanMessage(Buffer.from(notice)));
    this.parts.onActivity();
  }

  private replayEnded(sink: EventSink, place: ReturnType<typeof placeOf>): void {
    if (place !== null) new EventStream(place.stream, this.log).replay(sink, place.sequence);
    sink.end();
  }

  private newStream(): EventStream {
    const stream = new EventStream(this.streamCount, this.log);
    this.streamCount += 1;
    return stream;
  }

  private follow(response: ServerResponse): void {
    this.responses.add(response);
    const look = (): void => {
      if (!this.isCongested) this.session?.clientDrained();
    };
    response.on('drain', look);
    response.once('finish', look);
    response.once('close', () => {
      this.responses.delete(response);
      look();
      this.parts.onActivity();
    });
  }

  private sinkParts(): ConstructorParameters<typeof EventSink>[1] {
    const { clock, settings } = this.parts;
    return { clock, keepAliveMs: () => settings().keep_alive_ms, headers: this.headers() };
  }

  private headers(): Readonly<Record<string, string>> {
    const { id } = this.parts;
    return id === null ? {} : { 'Mcp-Session-Id': id };
  }

  /** Waits until what was written has left, for a bounded time. */
  private async flushed(): Promise<void> {
    const open = [...this.responses].filter(({ destroyed }) => !destroyed);
    if (open.length === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.parts.clock.after(FLUSH_TIMEOUT_MS, resolve);
      const isDone = Promise.all(
        open.map(
          (response) =>
            new Promise<void>((done) => {
              response.once('close', done);
            }),
        ),
      );
      void isDone.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

/** More was written than the client has read. */
const isBehind = (response: ServerResponse): boolean =>
  !response.destroyed &&
  (response.writableNeedDrain ||
    (response.writableEnded && !response.writableFinished && response.writableLength > 0));
