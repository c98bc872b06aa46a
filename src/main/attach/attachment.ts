import type { Socket } from 'node:net';

import { assertNever, errorSentence, RouterError, type ErrorCode } from '../../shared/model/errors';
import { errorReply } from '../engine/jsonrpc/message';
import type { OversizeMessage } from '../engine/jsonrpc/oversize';
import {
  scanMessage,
  type Message,
  type NotificationMessage,
  type RequestMessage,
} from '../engine/jsonrpc/scan';
import type { Clock, Timer } from '../engine/ports';
import { Handshake } from '../engine/router/handshake';
import { MessageQueue } from '../engine/router/queue';
import type { SocketDial } from '../platform/socket-path';

import { attachLimits } from './attach-limits';
import type { ClientStreams } from './client-streams';
import { DownRelay, idIn } from './down-relay';
import { OwedReplies } from './owed-replies';
import { RouterLink } from './router-link';

/** What an attachment is made of. */
export interface AttachmentParts {
  readonly client: ClientStreams;
  readonly clock: Clock;
  readonly dial: () => Promise<SocketDial>;
  /** How long a request waits for a router. */
  readonly waitMs: number;
  /** One sentence for the person who reads stderr. */
  readonly say: (text: string) => void;
}

type State =
  | { readonly name: 'away' }
  /** Attached, and the client's handshake is repeated. */
  | { readonly name: 'opening'; readonly link: RouterLink }
  | { readonly name: 'ready'; readonly link: RouterLink }
  | { readonly name: 'over' };

/**
 * One client on stdio, served by a router that runs elsewhere. When that one goes away, what it owes fails once, and
 * what comes later waits for its return, for which the handshake is repeated. It never serves the client otherwise.
 */
export class Attachment {
  readonly done: Promise<void>;
  private resolveDone: () => void = () => undefined;
  private readonly handshake = new Handshake();
  private readonly owed = new OwedReplies();
  private readonly relay = new DownRelay(this.handshake, this.owed);
  private readonly queue = new MessageQueue();
  private state: State = { name: 'away' };
  private isInputOver = false;
  private tries = 0;
  private timer: Timer | undefined;
  private reason = '';
  private turnedAway: ErrorCode | undefined;

  constructor(private readonly parts: AttachmentParts) {
    this.done = new Promise((resolve) => {
      this.resolveDone = resolve;
    });
  }

  /** @param socket where a router answered; null when there is none yet */
  start(socket: Socket | null): void {
    if (socket === null) this.dialLater();
    else this.attachTo(socket);
    this.parts.client.listen({
      onLine: (line) => {
        this.takeLine(line);
      },
      onOversize: (message) => {
        this.takeOversize(message);
      },
      onEnd: () => {
        this.leave();
      },
      onDrain: () => {
        if (this.state.name === 'ready' || this.state.name === 'opening') this.state.link.resume();
      },
      onGone: () => {
        this.finish();
      },
    });
  }

  /** The client says nothing more: what is owed is answered within a limit, then it is over. */
  leave(): void {
    if (this.isInputOver || this.state.name === 'over') return;
    this.isInputOver = true;
    if (this.state.name === 'away') {
      this.finish();
      return;
    }
    if (this.state.name === 'ready') this.state.link.endInput();
    this.timer?.cancel();
    this.timer = this.parts.clock.after(attachLimits.farewellMs, () => {
      this.finish();
    });
  }

  private takeLine(line: Buffer): void {
    if (this.state.name === 'over') return;
    const scanned = scanMessage(line);
    if (scanned.kind !== 'message') {
      // The router says what is wrong with it, if there is one.
      if (this.state.name === 'ready') this.write(this.state.link, line);
      else this.refuse(scanned.kind === 'invalid-request' ? scanned.id : null, 'invalid-request');
      return;
    }
    const { message } = scanned;
    switch (message.kind) {
      case 'request':
        this.takeRequest(message);
        return;
      case 'notification':
        this.takeNotification(message);
        return;
      case 'response': {
        const answer = this.relay.answer(message);
        if (answer !== undefined && this.state.name === 'ready') this.write(this.state.link, answer);
        return;
      }
      default:
        assertNever(message);
    }
  }

  private takeRequest(message: RequestMessage): void {
    const { key, text } = message.id;
    const idText = Buffer.from(message.bytes.subarray(text.start, text.end));
    if (this.owed.has(key)) {
      this.refuse(idText, 'invalid-request', 'the reply to a request with this id is still to come');
      return;
    }
    if (this.state.name !== 'ready' && !this.queue.add(message, attachLimits.maxWaiting)) {
      this.refuse(idText, 'queue-full', `${String(attachLimits.maxWaiting)} messages wait for MCP Router`);
      return;
    }
    const timer = this.parts.clock.after(this.parts.waitMs, () => {
      this.giveUp(key);
    });
    this.owed.add({ key, idText, phase: { name: 'waiting', timer } });
    if (this.state.name === 'ready') this.send(this.state.link, message);
  }

  private takeNotification(message: NotificationMessage): void {
    if (message.method === 'notifications/cancelled') {
      const key = idIn(message, 'requestId')?.key;
      const owed = key === undefined ? undefined : this.owed.take(key);
      if (owed !== undefined) this.handshake.noteReply(owed.key, 'error');
      if (owed?.phase.name === 'waiting') {
        this.queue.removeRequest(owed.key);
        return;
      }
    }
    if (this.state.name === 'ready') this.send(this.state.link, message);
    else this.queue.add(message, attachLimits.maxWaiting);
  }

  private takeOversize({ id, kind, byteLength }: OversizeMessage): void {
    if (kind !== 'request' && kind !== 'unknown') return;
    const detail = `${String(byteLength)} bytes; attached clients may send ${String(attachLimits.maxLineBytes)}`;
    this.refuse(id, 'line-too-large', detail);
  }

  private takeDown(link: RouterLink, line: Buffer): void {
    const relayed = this.relay.take(line);
    switch (relayed.kind) {
      case 'deliver':
        // Not before: a router that takes this client only to refuse it must not be asked without pause.
        this.tries = 0;
        this.parts.client.write(relayed.line);
        if (this.parts.client.isCongested) link.pause();
        return;
      case 'turned-away':
        this.turnedAway = relayed.code;
        link.close();
        return;
      case 'dismissed':
        this.parts.say(errorSentence(relayed.code));
        this.finish(relayed.code);
        return;
      case 'keep':
        return;
      default:
        assertNever(relayed);
    }
  }

  private attachTo(socket: Socket): void {
    const gone = new AbortController();
    const link: RouterLink = new RouterLink(socket, {
      onLine: (line) => {
        this.takeDown(link, line);
      },
      onDrain: () => {
        this.parts.client.release('router');
      },
      onGone: () => {
        gone.abort();
        this.lose();
      },
    });
    this.state = { name: 'opening', link };
    if (this.parts.client.isCongested) link.pause();
    void this.repeatHandshake(link, gone.signal);
  }

  private async repeatHandshake(link: RouterLink, signal: AbortSignal): Promise<void> {
    const { clock } = this.parts;
    const send = ({ bytes }: Message): 'sent' => {
      link.write(bytes);
      return 'sent';
    };
    try {
      const options = { clock, timeoutMs: attachLimits.handshakeMs, signal };
      if (await this.handshake.replay(send, options)) this.parts.say('attached again');
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      this.reason = error.message;
      link.close();
      return;
    }
    if (this.state.name === 'opening' && this.state.link === link) this.beReady(link);
  }

  private beReady(link: RouterLink): void {
    this.state = { name: 'ready', link };
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) this.send(link, next);
    if (this.isInputOver) link.endInput();
  }

  private send(link: RouterLink, message: Message): void {
    // Before the wire: what was handed over may have been carried out.
    if (message.kind === 'request') {
      this.owed.markSent(message.id.key);
      this.handshake.noteRequest(message);
    } else if (message.kind === 'notification') {
      this.handshake.noteNotification(message);
    }
    this.write(link, message.bytes);
  }

  private write(link: RouterLink, line: Buffer): void {
    link.write(line);
    if (link.isCongested) this.parts.client.hold('router');
  }

  /** The router is gone: what it was given fails, once each. */
  private lose(): void {
    if (this.state.name === 'over') return;
    const { turnedAway = 'router-lost' } = this;
    this.turnedAway = undefined;
    if (turnedAway !== 'router-lost') this.reason = errorSentence(turnedAway);
    this.state = { name: 'away' };
    this.relay.forgetQuestions();
    for (const { key, idText } of this.owed.takeAll('sent')) {
      this.handshake.noteReply(key, 'error');
      this.refuse(idText, turnedAway);
    }
    this.parts.client.release('router');
    if (this.isInputOver) {
      this.finish();
      return;
    }
    if (this.tries === 0) this.parts.say('MCP Router is gone; requests wait for its return');
    this.dialLater();
  }

  private dialLater(): void {
    const pauseMs = Math.min(attachLimits.longestPauseMs, attachLimits.firstPauseMs * 2 ** this.tries);
    this.tries += 1;
    this.timer = this.parts.clock.after(pauseMs, () => {
      void this.dial();
    });
  }

  private async dial(): Promise<void> {
    const dialed = await this.parts.dial();
    if (this.state.name !== 'away') {
      if (dialed.kind === 'open') dialed.socket.destroy();
      return;
    }
    if (dialed.kind === 'open') {
      this.attachTo(dialed.socket);
      return;
    }
    const reason = dialed.kind === 'absent' ? '' : dialed.problem;
    if (dialed.kind === 'refused' && reason !== this.reason) this.parts.say(reason);
    this.reason = reason;
    this.dialLater();
  }

  /** It has waited long enough, and was never sent. */
  private giveUp(key: string): void {
    const owed = this.owed.take(key);
    if (owed === undefined) return;
    this.queue.removeRequest(key);
    this.refuse(owed.idText, 'router-away', this.reason);
  }

  private refuse(idText: Buffer | null, code: ErrorCode, detail = ''): void {
    this.parts.client.write(errorReply(idText, { code, detail }));
  }

  /** @param dismissal why the router does not want this client */
  private finish(dismissal?: ErrorCode): void {
    if (this.state.name === 'over') return;
    const { state } = this;
    this.state = { name: 'over' };
    this.timer?.cancel();
    if (state.name !== 'away') state.link.close();
    for (const { idText } of this.owed.takeAll('sent')) this.refuse(idText, dismissal ?? 'router-lost');
    for (const { idText } of this.owed.takeAll('waiting'))
      this.refuse(idText, dismissal ?? 'router-away', this.reason);
    void this.parts.client.finish().then(this.resolveDone);
  }
}
