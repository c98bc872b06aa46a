import type { Message } from '../../src/main/engine/jsonrpc/scan';
import type {
  OpenTransport,
  Rejection,
  Transport,
  TransportHandlers,
} from '../../src/main/engine/gateway/transports/transport';

/** One connection of a {@link FakeWire}; the test plays the other side. */
export class FakeTransport implements Transport {
  readonly tls = null;
  isOpen = true;
  isCongested = false;
  isPaused = false;
  readonly sent: Message[] = [];

  constructor(readonly handlers: TransportHandlers) {}

  send(message: Message): 'sent' {
    this.sent.push(message);
    return 'sent';
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(): Promise<void> {
    this.isOpen = false;
    return Promise.resolve();
  }

  /** The texts of all messages that were handed over. */
  get texts(): readonly string[] {
    return this.sent.map(({ bytes }) => bytes.toString());
  }

  /** The methods of all requests and notifications that were handed over. */
  get methods(): readonly string[] {
    return this.sent.flatMap((message) => (message.kind === 'response' ? [] : [message.method]));
  }

  /** The other side says something. */
  say(message: object): void {
    const payload = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.handlers.onMessage({ payload, envelopeId: null });
  }

  /** The other side did not process the last message. */
  reject(rejection: Rejection, message = this.sent.at(-1)): void {
    if (message === undefined) throw new Error('nothing was sent');
    this.handlers.onRejected(message, rejection);
  }

  /** The connection breaks. */
  lose(): void {
    this.isOpen = false;
    this.handlers.onClose({ code: 'gateway-lost', detail: 'test' });
  }
}

/** Opens connections that end in the test. */
export class FakeWire {
  readonly transports: FakeTransport[] = [];
  /** What the next dial fails with. */
  failure: Error | undefined;

  /** What every dial waits for. */
  delay: Promise<unknown> = Promise.resolve();

  readonly open: OpenTransport = async (_request, handlers) => {
    const { failure, delay } = this;
    this.failure = undefined;
    await delay;
    if (failure !== undefined) throw failure;
    const transport = new FakeTransport(handlers);
    this.transports.push(transport);
    return transport;
  };

  /** The newest connection. */
  get now(): FakeTransport {
    const transport = this.transports.at(-1);
    if (transport === undefined) throw new Error('nothing was opened');
    return transport;
  }
}
