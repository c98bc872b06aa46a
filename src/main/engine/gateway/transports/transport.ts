import type { GatewayConfig } from '../../../../shared/model/config';
import type { FailureCause, TlsFacts } from '../../../../shared/model/status';
import type { CredentialSource } from '../../auth/credential-source';
import type { Credential } from '../../auth/credentials';
import type { ProxyFor } from '../../auth/proxy-tunnel';
import type { TlsSettings } from '../../auth/tls';
import type { Message, MessageId } from '../../jsonrpc/scan';
import type { Clock, CredentialFiles } from '../../ports';

/** A message of the other side: its exact bytes, and the id beside it where the wire carries one. */
export interface Inbound {
  readonly payload: Buffer;
  readonly envelopeId: MessageId | null;
  /** The key of the request on whose stream the other side said it, where the wire tells. */
  readonly about?: string | undefined;
  /** The HTTP status that a reply came with. */
  readonly status?: number | undefined;
}

/** Why the other side did not process a message that had been handed to the wire. */
export interface Rejection {
  readonly cause: FailureCause;
  /**
   * When the message may be sent again (Retry-After), from now. Null when it must not be: sending it again is
   * pointless, or the exchange of this one message failed and it may have been carried out.
   */
  readonly retryAfterMs: number | null;
}

/** What a transport tells its owner. After `onClose` nothing follows. */
export interface TransportHandlers {
  onMessage(inbound: Inbound): void;
  /** Something arrived that is no message; the connection goes on. */
  onUnreadable(byteLength: number): void;
  /**
   * A message that `send` took was definitely not processed (401, session 404, 429 or 503 with Retry-After), and only
   * then it may be sent again; or, with a null `retryAfterMs`, there will be no reply to it for this cause.
   * Everything else that goes wrong after `send` is a reply, an `onClose`, or a deadline.
   */
  onRejected(message: Message, rejection: Rejection): void;
  /** The connection is gone, whoever ended it. */
  onClose(cause: FailureCause): void;
  /** The outgoing buffer has room again. */
  onDrain(): void;
}

/** One open connection to the other side. */
export interface Transport {
  readonly tls: TlsFacts | null;
  /** False once either side has begun to say goodbye: what is sent from then on would reach nobody. */
  readonly isOpen: boolean;
  /** Hands a message to the wire, in order. `too-large`: above `gateway.max_message_bytes`, and not sent. */
  send(message: Message): 'sent' | 'too-large';
  /** Nobody waits for the reply to the request with this key any more. */
  abandon?: ((key: string) => void) | undefined;
  /** True while more is buffered than should be; the owner stops reading its client until `onDrain`. */
  readonly isCongested: boolean;
  /** Stops and goes on reading from the other side. */
  pause(): void;
  resume(): void;
  /** Says goodbye and closes; bounded, idempotent. */
  close(): Promise<void>;
}

/** What it takes to open a transport. */
export interface DialRequest {
  readonly gateway: GatewayConfig;
  readonly credential: Credential | null;
  /** For transports that authenticate each message, and meet a 401 in the middle. */
  readonly credentials: CredentialSource;
  readonly files: CredentialFiles;
  /** What `connectTls` needs for this host; every encrypted connection is made with it. */
  readonly tlsSettings: (host: string) => Promise<TlsSettings>;
  /** The proxy that leads there; asked for every connection. */
  readonly proxyFor: ProxyFor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Opens a connection within `gateway.connection.timeout_ms`.
 *
 * @throws RouterError or a system error; `dialFailure` names both
 */
export type OpenTransport = (request: DialRequest, handlers: TransportHandlers) => Promise<Transport>;
