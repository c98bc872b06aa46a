import { randomBytes } from 'node:crypto';

import type { LocalConfig } from '../../../../shared/model/config';
import { RouterError } from '../../../../shared/model/errors';
import type { Clock, TokenHolder, Timer } from '../../ports';
import type { Router } from '../../router/router';
import type { Session } from '../../router/session';

import { HttpDoor } from './http-door';

/** A session of the router whose client comes over HTTP. */
export interface HttpSession {
  /** Null in the 2026 era. */
  readonly id: string | null;
  readonly holder: TokenHolder;
  readonly door: HttpDoor;
  readonly session: Session;
}

interface Entry extends HttpSession {
  /** Grows with each time that it became idle; the smallest has been idle for longest. */
  idleTurn: number;
  timer: Timer | undefined;
}

/** What the sessions need. */
export interface HttpSessionsParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly local: () => LocalConfig;
  readonly onLost: (session: string, byteLength: number) => void;
}

const ID_BYTES = 24;

/** All sessions over HTTP: found by id and token, ended when nobody uses them. */
export class HttpSessions {
  private readonly entries = new Set<Entry>();
  private readonly byId = new Map<string, Entry>();
  private readonly closing = new Set<Promise<void>>();
  private turns = 0;

  constructor(private readonly parts: HttpSessionsParts) {}

  get size(): number {
    return this.entries.size;
  }

  /** The session with this id, if it was opened with the same token: an id alone opens nothing. */
  find(id: string, holder: TokenHolder): HttpSession | undefined {
    const entry = this.byId.get(id);
    return entry?.holder.tokenHash === holder.tokenHash ? entry : undefined;
  }

  /**
   * Opens one. Where there is no room, the one of the same token that has been idle for longest makes room: its client
   * is told to begin anew when it comes back (404).
   *
   * @throws RouterError session-limit, shutting-down
   */
  async open(holder: TokenHolder, era: 'session' | 'stateless'): Promise<HttpSession> {
    for (;;) {
      try {
        return this.opened(holder, era);
      } catch (error) {
        if (!(error instanceof RouterError) || error.code !== 'session-limit') throw error;
        await this.room(holder, error);
      }
    }
  }

  /** Ends a session whose client is done with it. */
  async close(session: HttpSession): Promise<void> {
    this.forget(session);
    const closed = this.parts.router.closeSession(session.session);
    this.closing.add(closed);
    await closed.finally(() => this.closing.delete(closed));
  }

  /** Ends at once what was opened with tokens that count no more. */
  revokeAllBut(holders: readonly TokenHolder[]): void {
    const valid = new Set(holders.map(({ tokenHash }) => tokenHash));
    for (const { holder, session } of [...this.entries]) {
      if (!valid.has(holder.tokenHash)) this.parts.router.dismissSession(session.id, 'revoked');
    }
  }

  /** Resolves when there may be room: one that closes anyway is waited for before an idle one has to go. */
  private async room(holder: TokenHolder, otherwise: RouterError): Promise<void> {
    if (this.closing.size > 0) {
      await Promise.race(this.closing);
      return;
    }
    const idle = this.longestIdle(holder);
    if (idle === undefined) throw otherwise;
    await this.close(idle);
  }

  private opened(holder: TokenHolder, era: 'session' | 'stateless'): HttpSession {
    const { router, clock, local, onLost } = this.parts;
    const id = era === 'session' ? randomBytes(ID_BYTES).toString('base64url') : null;
    const door: HttpDoor = new HttpDoor({
      holder,
      id,
      clock,
      settings: () => local().http,
      onActivity: () => {
        this.look(door);
      },
      onEnded: () => {
        const entry = this.entryOf(door);
        if (entry !== undefined) this.forget(entry);
      },
      onLost: (byteLength) => {
        onLost(this.entryOf(door)?.session.id ?? '', byteLength);
      },
    });
    const session = router.openSession(door);
    door.attach(session);
    const entry: Entry = { id, holder, door, session, idleTurn: 0, timer: undefined };
    this.entries.add(entry);
    if (id !== null) this.byId.set(id, entry);
    this.look(door);
    return entry;
  }

  private entryOf(door: HttpDoor): Entry | undefined {
    return [...this.entries].find((entry) => entry.door === door);
  }

  private forget({ door, id }: HttpSession): void {
    const entry = this.entryOf(door);
    if (entry === undefined) return;
    entry.timer?.cancel();
    this.entries.delete(entry);
    if (id !== null) this.byId.delete(id);
  }

  /** It may have become idle, or is so no more. */
  private look(door: HttpDoor): void {
    const entry = this.entryOf(door);
    if (entry === undefined) return;
    entry.timer?.cancel();
    entry.timer = undefined;
    if (!door.isIdle) return;
    this.turns += 1;
    entry.idleTurn = this.turns;
    const idleMs = door.isRefused ? 0 : this.parts.local().http.session_idle_ms;
    entry.timer = this.parts.clock.after(idleMs, () => {
      void this.close(entry);
    });
  }

  private longestIdle(holder: TokenHolder): Entry | undefined {
    return [...this.entries]
      .filter((entry) => entry.holder.tokenHash === holder.tokenHash && entry.door.isIdle)
      .sort((one, other) => one.idleTurn - other.idleTurn)[0];
  }
}
