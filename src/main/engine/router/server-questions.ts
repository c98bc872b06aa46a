import { randomUUID } from 'node:crypto';

import type { RequestMessage } from '../jsonrpc/scan';

import { progressKeyOf } from './progress';

/** The connection that a question came on. */
export interface QuestionLane {
  readonly number: number;
}

/** A request of the server that the client has not answered. Ids are the exact texts of JSON. */
export interface ServerQuestion<Lane extends QuestionLane = QuestionLane> {
  readonly lane: Lane;
  /** Where progress notifications of the client name it; null when it asked for none. */
  readonly progressKey: string | null;
  readonly serverKey: string;
  readonly serverId: Buffer;
  readonly clientKey: string;
  readonly clientId: Buffer;
}

/** Answers to servers that are gone are told apart from the others as long as no more than this many are missing. */
const MAX_ORPHANS = 1000;

/**
 * What servers have asked the client. Every connection is a new session, and servers count their questions from 0:
 * a question whose id the client may still answer for an earlier connection goes on under an id of ours, because the
 * answer to one question must never be taken for the answer to another.
 */
export class ServerQuestions<Lane extends QuestionLane = QuestionLane> {
  private readonly idPrefix = `mcp-router-${randomUUID()}`;
  private readonly byClientKey = new Map<string, ServerQuestion<Lane>>();
  private readonly byServerKey = new Map<string, ServerQuestion<Lane>>();
  private readonly orphans = new Set<string>();
  private renamed = 0;

  get size(): number {
    return this.byClientKey.size;
  }

  /** Remembers the question, and says under which id the client is to see it. */
  ask(message: RequestMessage, lane: Lane): ServerQuestion<Lane> {
    const { bytes, id } = message;
    const serverId = Buffer.from(bytes.subarray(id.text.start, id.text.end));
    const isTaken = this.orphans.has(id.key) || this.byClientKey.has(id.key);
    const { clientKey, clientId } = isTaken ? this.ownId() : { clientKey: id.key, clientId: serverId };
    const serverKey = keyOn(lane, id.key);
    const question = { lane, progressKey: progressKeyOf(message), serverKey, serverId, clientKey, clientId };
    this.byClientKey.set(question.clientKey, question);
    this.byServerKey.set(question.serverKey, question);
    return question;
  }

  /** The client answers: the question, `gone` when who asked is, or undefined when nobody asked. */
  answer(clientKey: string): ServerQuestion<Lane> | 'gone' | undefined {
    const question = this.byClientKey.get(clientKey);
    if (question === undefined) return this.orphans.delete(clientKey) ? 'gone' : undefined;
    this.remove(question);
    return question;
  }

  /** The server no longer wants an answer. */
  withdraw(key: string, lane: Lane): ServerQuestion<Lane> | undefined {
    const question = this.byServerKey.get(keyOn(lane, key));
    if (question === undefined) return undefined;
    this.remove(question);
    this.orphan(question.clientKey);
    return question;
  }

  /** The connection is gone, and with it whoever asked. */
  forget(lane: Lane): void {
    for (const question of this.byClientKey.values()) {
      if (question.lane !== lane) continue;
      this.remove(question);
      this.orphan(question.clientKey);
    }
  }

  /** True while an answer is owed to the other end. */
  isAsking(lane: Lane): boolean {
    return [...this.byClientKey.values()].some((question) => question.lane === lane);
  }

  /** Who asked for progress under this token; of several with the same one the last. */
  laneOf(progressKey: string): Lane | undefined {
    return [...this.byClientKey.values()].findLast((question) => question.progressKey === progressKey)?.lane;
  }

  private remove(question: ServerQuestion<Lane>): void {
    this.byClientKey.delete(question.clientKey);
    if (this.byServerKey.get(question.serverKey) === question) this.byServerKey.delete(question.serverKey);
  }

  private orphan(clientKey: string): void {
    this.orphans.add(clientKey);
    for (const oldest of this.orphans) {
      if (this.orphans.size <= MAX_ORPHANS) return;
      this.orphans.delete(oldest);
    }
  }

  private ownId(): { readonly clientKey: string; readonly clientId: Buffer } {
    this.renamed += 1;
    const id = `${this.idPrefix}-${String(this.renamed)}`;
    return { clientKey: `s${id}`, clientId: Buffer.from(JSON.stringify(id)) };
  }
}

/** Servers at different connections count their questions alike. */
const keyOn = ({ number }: QuestionLane, key: string): string => `${String(number)} ${key}`;
