import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import { splice } from '../../jsonrpc/message';
import { FIRST_STATELESS } from '../../jsonrpc/protocol-version';
import { scanMessage, type Message, type RequestMessage } from '../../jsonrpc/scan';
import { cancelledKey } from '../../jsonrpc/cancelled-key';
import type { Clock, TokenHolder } from '../../ports';

import { protocolError, sendJson } from './answers';
import type { HttpSession, HttpSessions } from './http-sessions';
import { statelessStatus, unsupportedVersion } from './post-route';
import { eraOf, errorCodeOf, type ServerEra } from './server-era';

interface Pooled {
  readonly http: HttpSession;
  era: ServerEra;
  /** The question that is on its way. */
  asking: Promise<Asked> | undefined;
  /** Ids whose request was given up: a reply may still come, and must not be taken for that of another request. */
  readonly spent: Set<string>;
}

/** What came of asking the server. */
interface Asked {
  readonly era: ServerEra;
  /** Null when there was no need to ask, or the client went away. */
  readonly reply: Buffer | null;
}

/** A session with more of them is left for a new one. */
const MAX_SPENT = 100;
/** How long a server that knows sessions only is not asked again. */
const LEGACY_MS = 60_000;
const DISCOVER = 'server/discover';

/**
 * The 2026 era: each request stands for itself. Behind this door they still need connections, which requests of the same
 * token share; two with the same id, as two programs may send, never share one.
 */
export class StatelessRequests {
  private readonly pools = new Map<string, Set<Pooled>>();
  private legacyUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly sessions: HttpSessions,
    private readonly clock: Clock,
  ) {}

  /** @throws RouterError session-limit, shutting-down */
  async take(
    holder: TokenHolder,
    message: RequestMessage,
    { version, response }: { readonly version: string; readonly response: ServerResponse },
  ): Promise<void> {
    if (this.clock.now() < this.legacyUntil) {
      refuseVersion(message, version, response);
      return;
    }
    const pooled = await this.pooledFor(holder, message.id.key);
    if (message.method === DISCOVER) {
      await this.discover(pooled, message, { version, response });
      return;
    }
    const asked = await this.eraAt(pooled);
    if (asked.era === 'session') {
      refuseVersion(message, version, response);
    } else if (asked.era === 'unknown') {
      // What kept the question from the server keeps the request from it.
      if (asked.reply !== null) sendJson(response, 200, withIdOf(message, asked.reply));
    } else if (pooled.http.door.hasEnded || pooled.http.door.isWaitingFor(message.id.key)) {
      // Another request came first while the server was asked.
      await this.take(holder, message, { version, response });
    } else if (!response.destroyed) {
      response.once('close', () => {
        if (!response.writableFinished) pooled.spent.add(message.id.key);
      });
      pooled.http.door.request(message, response);
    }
  }

  /** A notification: it concerns a request of the same token, or whoever is there. */
  tell(holder: TokenHolder, message: Message): void {
    const pool = [...this.poolOf(holder)];
    const key = cancelledKey(message);
    const target = key === undefined ? pool[0] : pool.find(({ http }) => http.door.isWaitingFor(key));
    target?.http.door.tell(message);
  }

  private async discover(
    pooled: Pooled,
    message: RequestMessage,
    { version, response }: { readonly version: string; readonly response: ServerResponse },
  ): Promise<void> {
    const reply = await pooled.http.door.ask(message);
    if (reply === null) return;
    if (eraOf(reply.message) === 'stateless') pooled.era = 'stateless';
    // A client may ask in a wrong form, so what it is refused for says nothing about the server.
    const { era } = await this.eraAt(pooled);
    if (era === 'session') refuseVersion(message, version, response);
    else sendJson(response, statelessStatus(errorCodeOf(reply.message), reply.status), reply.message);
  }

  /** What the server speaks; asked once for each connection, before anything is carried out there. */
  private eraAt(pooled: Pooled): Promise<Asked> {
    if (pooled.era !== 'unknown') return Promise.resolve({ era: pooled.era, reply: null });
    pooled.asking ??= this.askEra(pooled).finally(() => {
      pooled.asking = undefined;
    });
    return pooled.asking;
  }

  private async askEra(pooled: Pooled): Promise<Asked> {
    const question = scanMessage(discovery());
    if (question.kind !== 'message' || question.message.kind !== 'request') throw new Error('not a request');
    const reply = await pooled.http.door.ask(question.message);
    if (reply === null) return { era: 'unknown', reply: null };
    return { era: this.judge(pooled, reply.message), reply: reply.message };
  }

  private judge(pooled: Pooled, reply: Buffer): ServerEra {
    pooled.era = eraOf(reply);
    if (pooled.era === 'session') {
      this.legacyUntil = this.clock.now() + LEGACY_MS;
      void this.sessions.close(pooled.http);
    }
    return pooled.era;
  }

  private async pooledFor(holder: TokenHolder, key: string): Promise<Pooled> {
    const pool = this.poolOf(holder);
    for (const pooled of pool) {
      const isFree = !pooled.spent.has(key) && !pooled.http.door.isWaitingFor(key);
      if (isFree && pooled.spent.size < MAX_SPENT) return pooled;
    }
    const http = await this.sessions.open(holder, 'stateless');
    const pooled: Pooled = { http, era: 'unknown', asking: undefined, spent: new Set() };
    const grown = this.poolOf(holder).add(pooled);
    this.pools.set(holder.tokenHash, grown);
    return pooled;
  }

  /** Those that are open. */
  private poolOf({ tokenHash }: TokenHolder): Set<Pooled> {
    for (const [hash, pool] of this.pools) {
      for (const pooled of pool) if (pooled.http.door.hasEnded) pool.delete(pooled);
      if (pool.size === 0) this.pools.delete(hash);
    }
    return this.pools.get(tokenHash) ?? new Set();
  }
}

/** The same error, for another request. */
function withIdOf({ bytes, id }: RequestMessage, reply: Buffer): Buffer {
  const scanned = scanMessage(reply);
  if (scanned.kind !== 'message' || scanned.message.kind !== 'response' || scanned.message.id === null) {
    throw new Error('a reply lost its id');
  }
  return splice(reply, scanned.message.id.text, bytes.subarray(id.text.start, id.text.end));
}

function refuseVersion(message: RequestMessage, version: string, response: ServerResponse): void {
  const { start, end } = message.id.text;
  const id = message.bytes.subarray(start, end);
  sendJson(response, 400, protocolError(id, unsupportedVersion(version)));
}

/** In the first version of the era: a server of a later one names its own, which says as much. */
const discovery = (): Buffer =>
  Buffer.from(
    JSON.stringify({
      jsonrpc: '2.0',
      id: `mcp-router-${randomUUID()}`,
      method: DISCOVER,
      params: {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': FIRST_STATELESS,
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  );
