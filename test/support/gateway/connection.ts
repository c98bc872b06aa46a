import type { RawData, WebSocket } from 'ws';
import type { ChangeSignal } from '../change-signal';
import type { BackendSession } from './backend';
import { BackendFailure } from './backend';
import { BackendSessions } from './backend-sessions';
import type { Encoding } from './encoding';
import { goEncoding, rawEncoding } from './encoding';
import type { Envelope, RejectedFrame } from './envelope';
import { errorPayload, readEnvelope, writeEnvelope } from './envelope';
import { errorTexts } from './error-texts';
import type { Faults, MessageFault } from './faults';
import { isJsonObject, parseJson, rawMembers } from './json';
import { resolveNamespace } from './namespaces';
import type { Recording } from './recording';
import { recordedMessage } from './recording';
import type { OutboundFrame, Reply } from './reply-faults';
import { backendFault, replyFrames } from './reply-faults';
import type { GatewaySettings } from './settings';

/** What a connection shares with the gateway it belongs to. */
export interface ConnectionSetup {
  readonly number: number;
  /** May change while the connection lives. */
  readonly settings: () => GatewaySettings;
  readonly faults: Faults;
  readonly recording: Recording;
  readonly changes: ChangeSignal;
}

/**
 * One router's WebSocket. Messages and pings are handled strictly one after the other (gateway-protocol 1.6), unless
 * the gateway is duplex. Unlike the real gateway it notices a close at once, so that servers are reaped in time.
 */
export class GatewayConnection {
  readonly #socket: WebSocket;
  readonly #setup: ConnectionSetup;
  readonly #sessions: BackendSessions;
  readonly #serverRequests = new Map<string, BackendSession>();
  /** Resolves when the socket is closed, for whatever reason. */
  readonly closed: Promise<void>;
  #order: Promise<void> = Promise.resolve();
  #haste: 'gently' | 'now' = 'gently';

  constructor(socket: WebSocket, setup: ConnectionSetup) {
    this.#socket = socket;
    this.#setup = setup;
    this.#sessions = new BackendSessions(setup.number, (text, session) => {
      this.#onServerMessage(text, session);
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        setup.recording.addClose({ connection: setup.number, code, reason: reason.toString() });
        resolve();
      });
    });
    socket.on('error', () => {
      socket.terminate();
    });
    socket.on('message', (data, isBinary) => {
      this.#onMessage(data, isBinary);
    });
    socket.on('ping', (payload) => {
      this.#onPing(payload);
    });
    this.#pingUntilClosed();
  }

  get number(): number {
    return this.#setup.number;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Ends the servers of this connection; resolves when they are gone. */
  async reaped(): Promise<void> {
    await this.#sessions.closeAll(this.#haste);
  }

  /** 1006 drops the socket without a close frame. */
  close(code: number, reason = ''): void {
    if (code === 1006) this.#socket.terminate();
    else this.#socket.close(code, reason);
  }

  /** From now on the end of the connection gives its servers no time to end by themselves. */
  hurry(): void {
    this.#haste = 'now';
  }

  /** Sends a frame that answers nothing. */
  send(frame: OutboundFrame): void {
    if (this.isOpen) this.#socket.send(frame);
  }

  get #settings(): GatewaySettings {
    return this.#setup.settings();
  }

  get #encoding(): Encoding {
    return this.#settings.encoding === 'go' ? goEncoding : rawEncoding;
  }

  #pingUntilClosed(): void {
    const timer = setInterval(() => {
      if (this.isOpen) this.#socket.ping();
    }, this.#settings.pingIntervalMs);
    timer.unref();
    this.#socket.once('close', () => {
      clearInterval(timer);
    });
  }

  #onPing(payload: Buffer): void {
    const fault = this.#setup.faults.takeForPing();
    if (fault?.kind === 'no-pong') return;
    const pong = async (): Promise<void> => {
      if (fault !== null) await Promise.race([fault.until, this.closed]);
      if (this.isOpen) this.#socket.pong(payload);
    };
    if (this.#settings.duplex || fault !== null) void pong();
    else this.#inOrder(pong);
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const { recording, changes, number } = this.#setup;
    const frame = isBinary ? '' : textOf(data);
    const message = isBinary ? null : readEnvelope(frame);
    const recorded = recordedMessage(number, frame, message);
    recording.addMessage(recorded);
    this.#settings.onMessage(recorded);
    changes.changed();
    if (message === null) return;
    if (this.#settings.duplex) void this.#answer(message);
    else this.#inOrder(() => this.#answer(message));
  }

  #inOrder(work: () => Promise<void>): void {
    this.#order = this.#order.then(() => (this.isOpen ? work() : undefined));
  }

  async #answer(message: Envelope | RejectedFrame): Promise<void> {
    if (message.kind === 'rejected') {
      this.#sendReply(null, this.#failed(message.idText, message.errorText));
      return;
    }
    if (message.payloadKind === 'response' && this.#settings.duplex) return this.#onAnswer(message);
    const kind = message.payloadKind === 'notification' ? 'notification' : 'request';
    const fault = this.#setup.faults.takeForMessage(kind, message.method);
    if (fault?.kind === 'close' && fault.moment !== 'after-backend') {
      this.close(fault.code, fault.reason);
      return;
    }
    const failure = backendFault(fault);
    const reply = failure === null ? await this.#exchange(message) : this.#failed(message.idText, failure);
    await this.#hold(fault);
    if (fault?.kind === 'close') this.close(fault.code, fault.reason);
    else if (reply !== null) this.#sendReply(fault, reply);
  }

  /** Null when nothing is to be answered. */
  async #exchange(message: Envelope): Promise<Reply | null> {
    const { namespaces, notifications } = this.#settings;
    const isSilent = message.payloadKind === 'notification' && notifications === 'strict';
    const namespace = resolveNamespace(message.targetNamespace, message.method, message.params);
    const backend = namespaces.get(namespace);
    if (backend === undefined)
      return isSilent ? null : this.#failed(message.idText, errorTexts.noEndpoints(namespace));
    const text = this.#encoding.toBackend(message.payloadText);
    try {
      const session = this.#sessions.sessionFor(backend);
      if (message.payloadKind === 'request') {
        const reply = session.request(text);
        this.#setup.changes.changed();
        return this.#reply(await reply);
      }
      await session.deliver(text);
      return isSilent ? null : this.#failed(message.idText, errorTexts.backendStatus(202, ''));
    } catch (error) {
      if (!(error instanceof BackendFailure)) throw error;
      return isSilent ? null : this.#failed(message.idText, error.message);
    }
  }

  async #hold(fault: MessageFault | null): Promise<void> {
    if (fault?.kind === 'hold-reply') await Promise.race([fault.until, this.closed]);
    if (fault?.kind !== 'delay-reply') return;
    let timer: NodeJS.Timeout | undefined;
    const delay = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, fault.delayMs);
    });
    await Promise.race([delay, this.closed]);
    clearTimeout(timer);
  }

  #reply(text: string): Reply {
    const payloadText = this.#encoding.toRouter(text);
    return { idText: rawMembers(payloadText).get('id') ?? 'null', payloadText };
  }

  #failed(envelopeIdText: string, message: string): Reply {
    const idText = this.#encoding.id(envelopeIdText);
    return { idText, payloadText: errorPayload(idText, message) };
  }

  #sendReply(fault: MessageFault | null, reply: Reply): void {
    for (const frame of replyFrames(fault, reply, new Date())) this.send(frame);
  }

  /** The router answered a request of a server. */
  async #onAnswer(message: Envelope): Promise<void> {
    const key = message.payloadIdText ?? 'null';
    const session = this.#serverRequests.get(key);
    if (session === undefined) return;
    this.#serverRequests.delete(key);
    await session.deliver(message.payloadText).catch(ignoreBackendFailure);
  }

  #onServerMessage(text: string, session: BackendSession): void {
    const idText = rawMembers(text).get('id') ?? null;
    if (!this.#settings.duplex) {
      if (idText !== null) void session.deliver(declined(text, idText)).catch(ignoreBackendFailure);
      return;
    }
    const payloadText = this.#encoding.toRouter(text);
    if (idText !== null) this.#serverRequests.set(this.#encoding.id(idText), session);
    const envelopeId = idText === null ? 'null' : this.#encoding.id(idText);
    this.send(writeEnvelope(envelopeId, payloadText, new Date()));
  }
}

/** How a gateway without server traffic answers a server: pings yes, everything else no. */
function declined(text: string, idText: string): string {
  const message = parseJson(text);
  const isPing = isJsonObject(message) && message['method'] === 'ping';
  const outcome = isPing ? '"result":{}' : '"error":{"code":-32601,"message":"Method not found"}';
  return `{"jsonrpc":"2.0",${outcome},"id":${idText}}`;
}

function ignoreBackendFailure(error: unknown): void {
  if (!(error instanceof BackendFailure)) throw error;
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
