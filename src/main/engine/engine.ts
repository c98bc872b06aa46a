import type { Readable, Writable } from 'node:stream';

import type { RouterConfig } from '../../shared/model/config';
import type { RouterEvent, RouterFact } from '../../shared/model/events';
import type { Lockdown } from '../../shared/model/lockdown';
import type { Degradation, RouterStatus } from '../../shared/model/status';

import type { TokenHolders } from './ports';

/** How the engine is used. */
export interface EngineOptions {
  /** Keep one connection of its own, so that "connected" is proven without clients: the app and `serve`. */
  readonly hasKeeper: boolean;
  /** What is wrong outside the engine, such as a log that cannot be written. */
  readonly degradations?: () => readonly Degradation[];
}

/** The product: clients on one side, the gateway on the other. */
export interface Engine {
  /** Opens what must be there before the first request is taken: the audit log. Without it `start` opens it meanwhile. */
  ready(): Promise<void>;
  /** Switches on and says so. */
  start(): void;
  /** Drains, answers what is owed, closes; bounded and idempotent. */
  stop(): Promise<void>;
  /** Connects, or tries again at once what waits or has failed. */
  connect(): void;
  /** Disconnects and stays off; clients stay attached. */
  disconnect(): Promise<void>;
  /**
   * Uses another valid configuration, and no request is lost.
   *
   * @param renewing `if-needed` keeps connections when nothing that they depend on has changed; default `always`
   */
  reload(config: RouterConfig, source: string, renewing?: 'always' | 'if-needed'): Promise<void>;
  /**
   * A file or keychain entry of the credential or of TLS has changed: new connections are made with what it gives now.
   * If that cannot be used, connections stay as they are, and the status says so.
   */
  renewCredential(): Promise<void>;
  /**
   * The machine slept: connections that look open may be dead, so that each is made anew. What is still owed on an old one
   * can come until its deadline.
   */
  wake(): Promise<void>;
  /** Drops every token that is held in memory; open connections stay. */
  forgetTokens(): void;
  /** Locks everything down, or releases it (null); the person's wish to be connected stays. */
  setLockdown(lockdown: Lockdown | null): Promise<void>;
  /** Lets go of one client, which gets an error for what it is owed; false when there is none with this id. */
  disconnectSession(id: string): boolean;
  /** A fact from outside the engine that belongs into its story. */
  publish(fact: RouterFact): void;
  status(): RouterStatus;
  onEvent(listener: (event: RouterEvent) => void): () => void;
  /** Snapshots, at most ten a second. */
  onStatus(listener: (status: RouterStatus) => void): () => void;
  /** Serves one client over two streams; resolves when it has left. Throws RouterError session-limit. */
  serveStdio(input: Readable, output: Writable): Promise<void>;
  /** Serves clients on a local socket whose folder only this user may enter. Throws the system's error. */
  listenOnSocket(path: string): Promise<void>;
  /** Serves clients that show a token, at `local.http.address`. Throws RouterError config-invalid, or the system's error. */
  listenOnHttp(holders: TokenHolders): Promise<void>;
  /** Serves metrics as the configuration has it, now and after each reload, with the token of now; what cannot be had degrades. */
  serveMetrics(): Promise<void>;
}
