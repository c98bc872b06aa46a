import type { ServerResponse } from 'node:http';

import type { Belonging } from '../../router/session-context';
import type { Clock, Timer } from '../../ports';

import { sendJson } from './answers';
import { EventSink } from './event-sink';
import type { EventStream } from './event-stream';

type Reply = Extract<Belonging, { kind: 'reply' }>;

/** Whoever waits for the reply to one request. */
export interface Waiting {
  /** Something of the server that is about this request. */
  push(message: Buffer): void;
  reply(message: Buffer, belonging: Reply): void;
  /** There will be no reply. */
  end(): void;
  /** True while a message would reach somebody. */
  readonly isListenedTo: boolean;
}

/** What an exchange needs. */
export interface ExchangeParts {
  readonly clock: Clock;
  readonly keepAliveMs: () => number;
  readonly stream: EventStream;
  /** The client can come back to a stream without a message: it gets one at once, so that no broken connection costs it the reply. */
  readonly canBePrimed: boolean;
  readonly headers: (isError: boolean) => Readonly<Record<string, string>>;
  /** The HTTP status for this reply. */
  readonly statusOf: (message: Buffer, reply: Reply) => number;
  readonly onOver: () => void;
}

/** One POST with a request: answered with events, or with JSON if no stream is open yet when the reply comes. */
export class Exchange implements Waiting {
  private sink: EventSink | undefined;
  private readonly patience: Timer;

  constructor(
    private readonly response: ServerResponse,
    private readonly parts: ExchangeParts,
  ) {
    this.patience = parts.clock.after(parts.keepAliveMs(), () => {
      this.opened();
    });
    response.once('close', () => {
      this.patience.cancel();
      if (this.sink !== undefined) parts.stream.detach(this.sink);
    });
    if (parts.canBePrimed) this.opened();
  }

  get isListenedTo(): boolean {
    return this.parts.stream.isListenedTo || (this.sink === undefined && this.isResponseOpen);
  }

  push(message: Buffer): void {
    this.opened();
    this.parts.stream.push(message);
  }

  reply(message: Buffer, reply: Reply): void {
    this.patience.cancel();
    const { headers, statusOf, stream, onOver } = this.parts;
    const httpStatus = statusOf(message, reply);
    if (this.sink !== undefined) {
      stream.push(message);
      stream.end();
    } else if (this.isResponseOpen) {
      sendJson(this.response, httpStatus, message, headers(reply.isError));
    }
    onOver();
  }

  end(): void {
    this.opened();
    this.patience.cancel();
    this.parts.stream.end();
    this.parts.onOver();
  }

  private get isResponseOpen(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }

  private opened(): void {
    if (this.sink !== undefined || !this.isResponseOpen) return;
    this.patience.cancel();
    const { clock, keepAliveMs, headers, stream, canBePrimed } = this.parts;
    const firstId = canBePrimed ? stream.firstId : undefined;
    this.sink = new EventSink(this.response, { clock, keepAliveMs, headers: headers(false), firstId });
    stream.attach(this.sink, null);
  }
}
