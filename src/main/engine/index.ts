import type { Readable, Writable } from 'node:stream';

import type { RouterConfig } from '../../shared/model/config';
import type { RouterEvent, RouterFact } from '../../shared/model/events';
import type { RouterStatus } from '../../shared/model/status';

import { openWebSocket } from './gateway/transports/websocket';
import { listenOnSocket } from './listeners/socket';
import { serveStream } from './listeners/stream-door';
import { EventBus } from './observe/event-bus';
import { logEvent } from './observe/event-log';
import { StatusBoard } from './observe/status';
import type { EnginePorts } from './ports';
import { Router } from './router/router';

export { refuseStream } from './listeners/refusing-door';
export type { EnginePorts } from './ports';

/** How the engine is used. */
export interface EngineOptions {
  /** Keep one connection of its own, so that "connected" is proven without clients: the app and `serve`. */
  readonly hasKeeper: boolean;
}

/** The product: clients on one side, the gateway on the other. */
export interface Engine {
  /** Switches on and says so. */
  start(): void;
  /** Drains, answers what is owed, closes; bounded and idempotent. */
  stop(): Promise<void>;
  /** Connects, or tries again at once what waits or has failed. */
  connect(): void;
  /** Disconnects and stays off; clients stay attached. */
  disconnect(): Promise<void>;
  /** Uses another valid configuration; new connections are made with it, and no request is lost. */
  reload(config: RouterConfig, source: string): Promise<void>;
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
}

/** Builds an engine that does nothing yet. */
export function createEngine(ports: EnginePorts, initial: RouterConfig, options: EngineOptions): Engine {
  let config = initial;
  const bus = new EventBus(ports.clock, ports.logger);
  const publish = (fact: RouterFact): void => {
    bus.publish(fact);
  };
  const router = new Router({
    ports,
    config: () => config,
    open: openWebSocket,
    publish,
    hasKeeper: options.hasKeeper,
  });
  const board = new StatusBoard(
    {
      config: () => config,
      hasKeeper: options.hasKeeper,
      isSwitchedOn: () => router.isSwitchedOn,
      keeper: () => router.keeper,
      sessions: () => router.sessionStatus,
    },
    ports.clock,
  );
  bus.subscribe((event) => {
    logEvent(ports.logger, event);
  });
  bus.subscribe((event) => {
    board.note(event);
  });
  const closers: (() => Promise<void>)[] = [];
  const services = (): Parameters<typeof listenOnSocket>[1] => ({
    router,
    local: config.local,
    clock: ports.clock,
  });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([router.stop(), ...closers.map((close) => close())]);
    publish({ kind: 'engine-stopped' });
    board.close();
  };
  return {
    start: () => {
      publish({ kind: 'engine-started' });
      router.switchOn();
    },
    stop: () => (stopping ??= stop()),
    connect: () => {
      router.switchOn();
    },
    disconnect: () => router.switchOff(),
    reload: async (next, source) => {
      config = next;
      publish({ kind: 'config-applied', source });
      await router.renew();
    },
    publish,
    status: () => board.snapshot(),
    onEvent: (listener) => bus.subscribe(listener),
    onStatus: (listener) => board.subscribe(listener),
    serveStdio: (input, output) => serveStream({ kind: 'stdio', input, output }, services()),
    listenOnSocket: async (path) => {
      const listener = await listenOnSocket(path, services());
      closers.push(() => listener.close());
    },
  };
}
