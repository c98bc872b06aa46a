import type { StreamTestClient } from './engine-client';
import { rawMembers } from './gateway/json';

/** A request as the client wrote it. */
export interface SentRequest {
  readonly idText: string;
  /** Unique, and so the name of this request everywhere. */
  readonly method: string;
  /** Its deadline, from when it was sent. */
  readonly timeoutMs: number;
}

/** A client that answers and cancels, and knows what it is owed. */
export class RandomClient {
  readonly sent: SentRequest[] = [];
  /** How many replies there were when the router had read the cancellation: there must never be more. */
  readonly cancelled = new Map<string, number>();
  rubbish = 0;
  syncs = 0;
  isLeaving = false;
  readonly answered = new Set<string>();

  constructor(
    readonly stream: StreamTestClient,
    /** `local.request_timeout_ms` of this moment. */
    private readonly timeoutMs: () => number,
  ) {}

  /** The texts of the ids of all replies so far. */
  get replyIds(): readonly string[] {
    return this.stream.lines.filter(isReply).map((line) => rawMembers(line).get('id') ?? '');
  }

  repliesTo(idText: string): number {
    return this.replyIds.filter((id) => id === idText).length;
  }

  /** What the server asked and was not answered yet. */
  get questions(): readonly string[] {
    return this.stream.lines
      .filter((line) => !isReply(line))
      .map((line) => rawMembers(line).get('id') ?? '')
      .filter((id) => id !== '' && !this.answered.has(id));
  }

  /** What is owed to the client right now. */
  get unanswered(): readonly SentRequest[] {
    return this.sent.filter(({ idText }) => {
      const sent = this.sent.filter((request) => request.idText === idText).length;
      return !this.cancelled.has(idText) && this.repliesTo(idText) < sent;
    });
  }

  request(idText: string, method: string, params = '{}'): void {
    this.sent.push({ idText, method, timeoutMs: this.timeoutMs() });
    this.stream.send(`{"jsonrpc":"2.0","id":${idText},"method":"${method}","params":${params}}`);
  }

  /** Resolves when the router has read everything that was sent, and its replies of until then are here. */
  async sync(): Promise<void> {
    this.syncs += 1;
    const idText = `"sync ${String(this.syncs)}"`;
    // Not a JSON-RPC message, so that the router answers it at once whatever its state.
    this.stream.send(`{"id":${idText},"method":"sync"}`);
    await this.stream.until(`sync ${idText}`, () => this.repliesTo(idText) > 0);
  }
}

const isReply = (line: string): boolean => !rawMembers(line).has('method');
