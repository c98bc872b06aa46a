import type { RouterConfig } from '../../../shared/model/config';
import { knownMethod } from '../../../shared/model/known-methods';
import { scanMessage, type Message } from '../jsonrpc/scan';
import type { EnginePorts, LogFields } from '../ports';

import type { Inbound, OpenTransport, Transport, TransportHandlers } from './transports/transport';

type Config = Pick<RouterConfig, 'advanced' | 'logging'>;
type Ports = Pick<EnginePorts, 'logger' | 'mask'>;
type Direction = 'to-gateway' | 'from-gateway';

/** A secret that begins before the cut ends within so many bytes behind it, in whatever form. */
const LONGEST_SECRET_BYTES = 16_384;

const WARNING =
  'advanced.debug.log_frames is on: each message is written to this log, without the secrets that are recognised; not for production';

/**
 * Shows each message of MCP in the log while `advanced.debug.log_frames` is on (guide: Log Sanitization). What a
 * connection shows is decided when it opens; without the setting nothing lies in the way of its messages. The log takes
 * secrets out of the text as out of any other; credentials beside the messages are never shown.
 */
export function framesLogged(open: OpenTransport, config: () => Config, ports: Ports): OpenTransport {
  let connections = 0;
  return async (request, handlers) => {
    if (!config().advanced.debug.log_frames) return open(request, handlers);
    connections += 1;
    ports.logger.warn(WARNING, { connection: connections });
    const show = frameWriter(connections, config, ports);
    const transport = await open(request, new LoggedHandlers(handlers, show));
    return new LoggedTransport(transport, show);
  };
}

type Show = (direction: Direction, message: Message | null, bytes: Buffer) => void;

function frameWriter(connection: number, config: () => Config, { logger, mask }: Ports): Show {
  return (direction, message, bytes) => {
    const { logging, advanced } = config();
    const { max_logged_frame_bytes: limit } = advanced.debug;
    const body = logging.exclude_bodies ? {} : bodyOf(bytes, limit, (text) => mask.hide(text));
    logger.info('frame', { direction, connection, ...factsOf(message), bytes: bytes.length, ...body });
  };
}

/** What is known of a message without its arguments and results. Only methods of MCP are named: others are bodies too. */
function factsOf(message: Message | null): LogFields {
  if (message === null) return { kind: 'unreadable' };
  const method = message.kind === 'response' ? undefined : knownMethod(message.method);
  return { kind: message.kind, ...(method === undefined ? {} : { method }) };
}

function bodyOf(bytes: Buffer, limit: number, hidden: (text: string) => string): LogFields {
  if (bytes.length <= limit) return { text: bytes.toString('utf8') };
  // What we hold is taken out before the cut, which could leave a part of it that nothing recognises. Of what only looks
  // like a secret the first half could stand there as well: the last word goes too.
  const cut = hidden(bytes.toString('utf8', 0, limit));
  const beyond = hidden(bytes.toString('utf8', 0, limit + LONGEST_SECRET_BYTES));
  return { text: commonStart(cut, beyond).replace(/[^\s",:{}[\]]*$/, ''), isCut: true };
}

/** Where the two are the same: a secret across the cut is still there in the one, and gone in the other. */
function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}

/** Passes everything on, and shows what is sent. */
class LoggedTransport implements Transport {
  readonly abandon: ((key: string) => void) | undefined;

  constructor(
    private readonly inner: Transport,
    private readonly show: Show,
  ) {
    this.abandon = inner.abandon === undefined ? undefined : (key) => inner.abandon?.(key);
  }

  get tls(): Transport['tls'] {
    return this.inner.tls;
  }

  get isOpen(): boolean {
    return this.inner.isOpen;
  }

  get isCongested(): boolean {
    return this.inner.isCongested;
  }

  send(message: Message): 'sent' | 'too-large' {
    const outcome = this.inner.send(message);
    if (outcome === 'sent') this.show('to-gateway', message, message.bytes);
    return outcome;
  }

  pause(): void {
    this.inner.pause();
  }

  resume(): void {
    this.inner.resume();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Passes everything on, and shows what arrives. */
class LoggedHandlers implements TransportHandlers {
  constructor(
    private readonly inner: TransportHandlers,
    private readonly show: Show,
  ) {}

  onMessage(inbound: Inbound): void {
    const scanned = scanMessage(inbound.payload);
    this.show('from-gateway', scanned.kind === 'message' ? scanned.message : null, inbound.payload);
    this.inner.onMessage(inbound);
  }

  onUnreadable(byteLength: number): void {
    this.inner.onUnreadable(byteLength);
  }

  onRejected(...rejected: Parameters<TransportHandlers['onRejected']>): void {
    this.inner.onRejected(...rejected);
  }

  onClose(...cause: Parameters<TransportHandlers['onClose']>): void {
    this.inner.onClose(...cause);
  }

  onDrain(): void {
    this.inner.onDrain();
  }
}
