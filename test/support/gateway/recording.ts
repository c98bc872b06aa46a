import type { IncomingMessage } from 'node:http';
import type { Envelope, RejectedFrame } from './envelope';
import type { Admission } from './upgrade';

/** One frame of a router, as it arrived. `...Text` members are source text. */
export interface RecordedMessage {
  /** Connections are numbered from 1 over the whole life of the gateway, restarts included. */
  readonly connection: number;
  readonly kind: 'request' | 'notification' | 'response' | 'rejected' | 'binary';
  readonly method: string;
  /** `mcp_payload.id`. */
  readonly idText: string | null;
  readonly payloadText: string | null;
  /** The complete frame; empty for a binary one. */
  readonly frameText: string;
  readonly envelope: RecordedEnvelope | null;
}

export interface RecordedEnvelope {
  readonly idText: string;
  readonly timestamp: string | null;
  readonly source: string | null;
  readonly targetNamespace: string;
  readonly authToken: string | null;
}

/** One upgrade request, and what became of it: 101, the status of the refusal, or null for no answer at all. */
export interface RecordedUpgrade {
  /** Null unless it was accepted. */
  readonly connection: number | null;
  readonly status: number | null;
  readonly path: string;
  readonly hasAuthorization: boolean;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The end of a connection as the gateway saw it. */
export interface RecordedClose {
  readonly connection: number;
  readonly code: number;
  readonly reason: string;
}

/** Everything that routers did, in order. Survives restarts of the gateway. */
export class Recording {
  readonly #messages: RecordedMessage[] = [];
  readonly #upgrades: RecordedUpgrade[] = [];
  readonly #closes: RecordedClose[] = [];
  readonly #isOn: boolean;

  constructor(remembers: 'everything' | 'nothing') {
    this.#isOn = remembers === 'everything';
  }

  get messages(): readonly RecordedMessage[] {
    return this.#messages;
  }

  get upgrades(): readonly RecordedUpgrade[] {
    return this.#upgrades;
  }

  get closes(): readonly RecordedClose[] {
    return this.#closes;
  }

  /** Requests, of one method if named. */
  requests(method?: string): readonly RecordedMessage[] {
    return this.#messages.filter(
      (message) => message.kind === 'request' && (method ?? message.method) === message.method,
    );
  }

  addMessage(message: RecordedMessage): void {
    if (this.#isOn) this.#messages.push(message);
  }

  addUpgrade(upgrade: RecordedUpgrade): void {
    if (this.#isOn) this.#upgrades.push(upgrade);
  }

  addClose(close: RecordedClose): void {
    if (this.#isOn) this.#closes.push(close);
  }
}

/** What is remembered of a frame; `message` is null for a binary one. */
export function recordedMessage(
  connection: number,
  frameText: string,
  message: Envelope | RejectedFrame | null,
): RecordedMessage {
  if (message?.kind !== 'envelope') {
    const kind = message === null ? 'binary' : 'rejected';
    return { connection, kind, method: '', idText: null, payloadText: null, frameText, envelope: null };
  }
  const { idText, timestamp, source, targetNamespace, authToken } = message;
  return {
    connection,
    kind: message.payloadKind,
    method: message.method,
    idText: message.payloadIdText,
    payloadText: message.payloadText,
    frameText,
    envelope: { idText, timestamp, source, targetNamespace, authToken },
  };
}

/** What is remembered of an upgrade request. */
export function recordedUpgrade(
  request: IncomingMessage,
  admission: Admission,
  connection: number | null,
): RecordedUpgrade {
  const status = admission.kind === 'admitted' ? 101 : admission.kind === 'refused' ? admission.status : null;
  return {
    connection,
    status,
    path: request.url ?? '',
    hasAuthorization: request.headers.authorization !== undefined,
    headers: request.headers,
  };
}
