import type { RouterConfig } from '../../../shared/model/config';
import { knownMethod } from '../../../shared/model/known-methods';
import { scanMessage, type Message } from '../jsonrpc/scan';
import type { LogFields, Logger } from '../ports';

import type { Inbound, OpenTransport, Transport, TransportHandlers } from './transports/transport';

type Config = Pick<RouterConfig, 'advanced' | 'logging'>;
type Direction = 'to-gateway' | 'from-gateway';

const WARNING =
  'advanced.debug.log_frames is on: each message is written to this log, without the secrets that are recognised; not for production';

/**
 * Shows each message of MCP in the log while `advanced.debug.log_frames` is on (guide: Log Sanitization). What a
 * connection shows is decided when it opens; without the setting nothing lies in the way of its messages. The log takes
 * secrets out of the text as out of any other; credentials beside the messages are never shown.
 */
export function framesLogged(open: OpenTransport, config: () => Config, logger: Logger): OpenTransport {
  let connections = 0;
  return async (request, handlers) => {
    if (!config().advanced.debug.log_frames) return open(request, handlers);
    connections += 1;
    logger.warn(WARNING, { connection: connections });
    const show = frameWriter(connections, config, logger);
    const transport = await open(request, new LoggedHandlers(handlers, show));
    return new LoggedTransport(transport, show);
  };
}

type Show = (direction: Direction, message: Message | null, bytes: Buffer) => void;

function frameWriter(connection: number, config: () => Config, logger: Logger): Show {
  return (direction, message, bytes) => {
    const { logging, advanced } = config();
    const body = logging.exclude_bodies ? {} : bodyOf(bytes, advanced.debug.max_logged_frame_bytes);
    logger.info('frame', { direction, connection, ...factsOf(message), bytes: bytes.length, ...body });
  };
}

/** What is known of a message without its arguments and results. Only methods of MCP are named: others are bodies too. */
function factsOf(message: Message | null): LogFields {
  if (message === null) return { kind: 'unreadable' };
  const method = message.kind === 'response' ? undefined : knownMethod(message.method);
  return { kind: message.kind, ...(method === undefined ? {} : { method }) };
}

function bodyOf(bytes: Buffer, limit: number): LogFields {
  const text = bytes.toString('utf8', 0, limit);
  // A cut could leave the first half of a secret, which nothing recognises: its last word goes as well.
  return bytes.length <= limit ? { text } : { text: text.replace(/[^\s",:{}[\]]*$/, ''), isCut: true };
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
