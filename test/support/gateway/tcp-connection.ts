import type { Socket } from 'node:net';
import type { ChangeSignal } from '../change-signal';
import type { BackendSession } from './backend';
import { BackendFailure } from './backend';
import { BackendSessions } from './backend-sessions';
import type { Encoding } from './encoding';
import { goEncoding, rawEncoding } from './encoding';
import type { Envelope, RejectedFrame } from './envelope';
import { errorPayload, writeEnvelope } from './envelope';
import { errorTexts } from './error-texts';
import type { Faults, MessageFault } from './faults';
import { isJsonObject, rawMembers } from './json';
import type { Recording } from './recording';
import { recordedMessage } from './recording';
import type { Reply } from './reply-faults';
import type { TcpDialect, TcpFrame } from './tcp-codec';
import { tcpFrame, TcpFrameReader } from './tcp-codec';
import { handlerComplaint, readTcpMessage, tcpReplies } from './tcp-message';
import type { TcpGatewaySettings } from './tcp-settings';

/** What a connection shares with the gateway it belongs to. */
export interface TcpConnectionSetup {
  readonly number: number;
  readonly settings: () => TcpGatewaySettings;
  readonly faults: Faults;
  readonly recording: Recording;
  readonly onFrame: (frame: TcpFrame) => void;
  readonly changes: ChangeSignal;
}

const SESSION_ID = '00112233445566778899aabbccddeeff';

/** One router's TCP connection. */
export class TcpConnection {
  readonly #socket: Socket;
  readonly #setup: TcpConnectionSetup;
  readonly #sessions: BackendSessions;
  readonly #serverRequests = new Map<string, BackendSession>();
  readonly #reader: TcpFrameReader;
  readonly closed: Promise<void>;
  #hasNegotiated = false;
  #isSignedIn = false;
  #hasEnded = false;
  #order: Promise<void> = Promise.resolve();

  constructor(socket: Socket, setup: TcpConnectionSetup) {
    this.#socket = socket;
    this.#setup = setup;
    this.#reader = new TcpFrameReader(this.#dialect);
    this.#sessions = new BackendSessions(setup.number, (text, session) => {
      this.#onServerMessage(text, session);
    });
    socket.on('data', (chunk: Buffer) => {
      this.#onData(chunk);
    });
    socket.once('end', () => {
      this.#hasEnded = true;
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        // The codes of WebSocket, so that both recordings read alike: 1000 is a polite end, 1006 is none.
        setup.recording.addClose({
          connection: setup.number,
          code: this.#hasEnded ? 1000 : 1006,
          reason: '',
        });
        resolve();
      });
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  async reaped(haste: 'gently' | 'now'): Promise<void> {
    await this.#sessions.closeAll(haste);
  }

  /** Ends the connection after what was written. */
  end(): void {
    this.#socket.end();
  }

  /** Drops the connection without waiting for anything. */
  drop(): void {
    this.#socket.destroy();
  }

  /** Stops reading, so that the router's writes pile up. */
  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  sendFrame(type: number, payload: string): void {
    if (this.isOpen) this.#socket.write(tcpFrame(this.#dialect, type, payload));
  }

  sendBytes(bytes: Buffer): void {
    if (this.isOpen) this.#socket.write(bytes);
  }

  get #settings(): TcpGatewaySettings {
    return this.#setup.settings();
  }

  get #dialect(): TcpDialect {
    return this.#settings.mode === 'go-router' ? 'go-router' : 'gateway';
  }

  get #encoding(): Encoding {
    return this.#settings.encoding === 'go' ? goEncoding : rawEncoding;
  }

  #onData(chunk: Buffer): void {
    let frames: readonly TcpFrame[];
    try {
      frames = this.#reader.take(chunk);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // No error frame is sent for framing errors (gateway-protocol 2.1).
      this.#socket.destroy();
      return;
    }
    for (const frame of frames) {
      this.#setup.onFrame(frame);
      this.#onFrame(frame);
      this.#setup.changes.changed();
    }
  }

  #onFrame(frame: TcpFrame): void {
    const { mode, answersHealthChecks } = this.#settings;
    const isPeerOfHandler = mode === 'documented';
    if (isPeerOfHandler && !this.#hasNegotiated && frame.type !== 6) {
      this.#refuse('Version negotiation required');
    } else if (frame.type === 6) {
      this.#negotiate();
    } else if (frame.type === 4) {
      if (answersHealthChecks) this.sendFrame(4, mode === 'go-router' ? '{}' : '');
    } else if (frame.type === 1) {
      this.#onMessage(frame.payload.toString('utf8'));
    } else if (frame.type === 2 && this.#settings.duplex) {
      this.#onMessage(frame.payload.toString('utf8'));
    } else if (isPeerOfHandler && (frame.type === 2 || frame.type === 7)) {
      this.sendFrame(5, 'Unexpected message type');
    }
  }

  #negotiate(): void {
    const { agreedVersion, mode } = this.#settings;
    if (agreedVersion === null) return;
    if (agreedVersion === 'none') {
      this.#refuse(
        'Version negotiation failed: no compatible protocol version: client supports 1-1, server supports 2-3',
      );
    } else if (this.#hasNegotiated && mode === 'documented') {
      this.sendFrame(5, 'Version already negotiated');
    } else {
      this.#hasNegotiated = true;
      this.sendFrame(7, `{"agreed_version":${agreedVersion}}`);
    }
  }

  #refuse(text: string): void {
    this.sendFrame(5, text);
    this.end();
  }

  #onMessage(text: string): void {
    const message = readTcpMessage(this.#dialect, text);
    const recorded = recordedMessage(this.#setup.number, text, message);
    this.#setup.recording.addMessage(recorded);
    const work = (): Promise<void> => this.#answer(message);
    if (this.#settings.duplex || this.#settings.mode === 'documented') void work();
    else this.#order = this.#order.then(() => (this.isOpen ? work() : undefined));
  }

  async #answer(message: Envelope | RejectedFrame): Promise<void> {
    if (message.kind === 'rejected') {
      this.#reply(null, this.#failed(message.idText, message.errorText));
      return;
    }
    if (message.payloadKind === 'response') return this.#onAnswer(message);
    if (!this.#mayPass(message)) return;
    const fault = this.#setup.faults.takeForMessage(
      message.payloadKind === 'notification' ? 'notification' : 'request',
      message.method,
    );
    if (fault?.kind === 'close' && fault.moment !== 'after-backend') {
      this.drop();
      return;
    }
    const reply = await this.#exchange(message);
    await this.#hold(fault);
    if (fault?.kind === 'close') this.drop();
    else if (reply !== null) this.#reply(fault, reply);
  }

  /** Everything that the modes do before a message reaches a server. */
  #mayPass(message: Envelope): boolean {
    const { mode, tokens } = this.#settings;
    const hasToken = tokens === null || tokens.includes(message.authToken ?? '');
    switch (mode) {
      case 'documented':
        return this.#passesHandler(message);
      case 'live':
        // The shipped frontend logs an error for a wrapper and answers nothing.
        if (tokens === null) return message.authToken === null;
        break;
      case 'go-router':
        break;
    }
    if (!hasToken) this.#fail(message, 'Per-message authentication failed');
    return hasToken;
  }

  #passesHandler(message: Envelope): boolean {
    const complaint = handlerComplaint(message);
    if (complaint !== null) this.#fail(message, complaint);
    if (complaint !== null || this.#isSignedIn) return complaint === null;
    if (message.method !== 'initialize') {
      this.#reply(null, this.#failed(message.idText, 'Unauthorized: must initialize first'));
      return false;
    }
    const token = isJsonObject(message.params) ? message.params['token'] : undefined;
    const { tokens } = this.#settings;
    if (typeof token !== 'string') {
      this.#reply(null, this.#failed(message.idText, 'missing authentication token'));
    } else if (tokens !== null && !tokens.includes(token)) {
      this.#fail(message, 'Authentication failed');
    } else {
      this.#isSignedIn = true;
      const result = `{"sessionId":"${SESSION_ID}","expiresAt":"2099-01-01T00:00:00Z"}`;
      const payloadText = `{"jsonrpc":"2.0","result":${result},"id":${message.idText}}`;
      this.#reply(null, { idText: message.idText, payloadText });
    }
    return false;
  }

  /** Answers with an error and ends the connection. */
  #fail(message: Envelope, text: string): void {
    this.#reply(null, this.#failed(message.idText, text));
    this.end();
  }

  /** Null when nothing is to be answered. */
  async #exchange(message: Envelope): Promise<Reply | null> {
    const { backend, duplex } = this.#settings;
    const isSilent = message.payloadKind === 'notification' && duplex;
    if (backend === null) return this.#failed(message.idText, errorTexts.noEndpoints('default'));
    const text = this.#encoding.toBackend(message.payloadText);
    try {
      const session = this.#sessions.sessionFor(backend);
      if (message.payloadKind === 'request') {
        const payloadText = this.#encoding.toRouter(await session.request(text));
        return { idText: rawMembers(payloadText).get('id') ?? 'null', payloadText };
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
  }

  #failed(idText: string, message: string): Reply {
    return { idText, payloadText: errorPayload(idText, message) };
  }

  #reply(fault: MessageFault | null, reply: Reply): void {
    for (const payload of tcpReplies(this.#dialect, fault, reply)) this.sendFrame(2, payload);
  }

  /** The router answered a request of a server. */
  async #onAnswer(message: Envelope): Promise<void> {
    const key = message.payloadIdText ?? 'null';
    const session = this.#serverRequests.get(key);
    this.#serverRequests.delete(key);
    await session?.deliver(message.payloadText);
  }

  #onServerMessage(text: string, session: BackendSession): void {
    if (!this.#settings.duplex) return;
    const payloadText = this.#encoding.toRouter(text);
    const idText = rawMembers(text).get('id') ?? null;
    if (idText !== null) this.#serverRequests.set(this.#encoding.id(idText), session);
    const isEnveloped = this.#dialect === 'go-router';
    this.sendFrame(1, isEnveloped ? writeEnvelope(idText ?? 'null', payloadText, new Date()) : payloadText);
  }
}
