import { randomUUID } from 'node:crypto';

import type { RequestMessage } from '../jsonrpc/scan';

/** A request of the server that the client has not answered. Ids are the exact texts of JSON. */
export interface ServerQuestion {
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
export class ServerQuestions {
  private readonly idPrefix = `mcp-router-${randomUUID()}`;
  private readonly byClientKey = new Map<string, ServerQuestion>();
  private readonly byServerKey = new Map<string, ServerQuestion>();
  private readonly orphans = new Set<string>();
  private renamed = 0;

  get size(): number {
    return this.byClientKey.size;
  }

  /** Remembers the question, and says under which id the client is to see it. */
  ask({ bytes, id }: RequestMessage): ServerQuestion {
    const serverId = Buffer.from(bytes.subarray(id.text.start, id.text.end));
    const isTaken = this.orphans.has(id.key) || this.byClientKey.has(id.key);
    const question = isTaken
      ? { serverKey: id.key, serverId, ...this.ownId() }
      : { serverKey: id.key, serverId, clientKey: id.key, clientId: serverId };
    this.byClientKey.set(question.clientKey, question);
    this.byServerKey.set(question.serverKey, question);
    return question;
  }

  /** The client answers: the question, `gone` when who asked is, or undefined when nobody asked. */
  answer(clientKey: string): ServerQuestion | 'gone' | undefined {
    const question = this.byClientKey.get(clientKey);
    if (question === undefined) return this.orphans.delete(clientKey) ? 'gone' : undefined;
    this.remove(question);
    return question;
  }

  /** The server no longer wants an answer. */
  withdraw(serverKey: string): ServerQuestion | undefined {
    const question = this.byServerKey.get(serverKey);
    if (question === undefined) return undefined;
    this.remove(question);
    this.orphan(question.clientKey);
    return question;
  }

  /** The connection is gone, and with it whoever asked. */
  forget(): void {
    for (const key of this.byClientKey.keys()) this.orphan(key);
    this.byClientKey.clear();
    this.byServerKey.clear();
  }

  private remove(question: ServerQuestion): void {
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
