import { Router } from '../../src/main/engine/router/router';
import type { Session } from '../../src/main/engine/router/session';
import type { ClientDoor } from '../../src/main/engine/router/session-context';
import type { RouterConfig } from '../../src/shared/model/config';
import type { RouterFact } from '../../src/shared/model/events';

import { enginePorts, testConfig, noCredentials } from './engine-client';
import { FakeWire } from './fake-transport';
import { ManualClock } from './manual-clock';

/** A client's door that remembers. */
export class FakeDoor implements ClientDoor {
  readonly kind = 'stdio';
  readonly lines: string[] = [];
  isCongested = false;
  isInputPaused = false;
  hasEnded = false;

  deliver(message: Buffer): void {
    this.lines.push(message.toString());
  }

  pauseInput(): void {
    this.isInputPaused = true;
  }

  resumeInput(): void {
    this.isInputPaused = false;
  }

  end(): Promise<void> {
    this.hasEnded = true;
    return Promise.resolve();
  }

  /** Id and error code of every line; the code of a result is undefined. */
  get outcomes(): readonly (readonly [unknown, unknown])[] {
    return this.lines.map((line) => [/"id":([^,}]+)/.exec(line)?.[1], /"code":"([a-z-]+)"/.exec(line)?.[1]]);
  }
}

/** A router between doors and a wire that the test holds both ends of; time passes when the test says so. */
export class RouterBench {
  readonly clock = new ManualClock();
  readonly wire = new FakeWire();
  readonly facts: RouterFact[] = [];
  readonly router: Router;
  config: RouterConfig;

  constructor(changes: Record<string, unknown> = {}) {
    this.config = testConfig('ws://127.0.0.1:1/', changes);
    this.router = new Router({
      ports: { ...enginePorts(), clock: this.clock },
      config: () => this.config,
      open: this.wire.open,
      credentials: () => noCredentials,
      publish: (fact) => {
        this.facts.push(fact);
      },
      hasKeeper: false,
    });
  }

  /** A client whose lane is connected. */
  async attach(): Promise<{ readonly door: FakeDoor; readonly session: Session }> {
    const door = new FakeDoor();
    this.router.switchOn();
    const session = this.router.openSession(door);
    await settled();
    return { door, session };
  }

  /** Uses another configuration; every lane is connected anew, unless something is in flight. */
  async reload(changes: Record<string, unknown>): Promise<void> {
    this.config = testConfig('ws://127.0.0.1:1/', changes);
    void this.router.renew();
    await settled();
  }

  /** Lets the back-off pass, and whatever follows it. */
  async reconnect(): Promise<void> {
    this.clock.advance(100);
    await settled();
  }
}

/** Resolves when every promise that can settle without the outside has settled. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A request as a line. */
export const requestLine = (id: number | string, method = 'm', params = '{}'): Buffer =>
  Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"${method}","params":${params}}`);

/** A notification as a line. */
export const notificationLine = (method: string, params = '{}'): Buffer =>
  Buffer.from(`{"jsonrpc":"2.0","method":"${method}","params":${params}}`);
