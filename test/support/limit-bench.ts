import { PassThrough } from 'node:stream';

import { serveStream } from '../../src/main/engine/listeners/stream-door';
import type { Session } from '../../src/main/engine/router/session';

import { enginePorts } from './engine-client';
import type { FakeTransport } from './fake-transport';
import type { FakeDoor } from './router-bench';
import { requestLine, RouterBench } from './router-bench';

/** A client of a {@link LimitBench}. */
export interface LimitedClient {
  readonly door: FakeDoor;
  readonly session: Session;
}

/** A router with two clients, whose limits are tried. */
export class LimitBench extends RouterBench {
  readonly clients: LimitedClient[] = [];
  private serial = 0;
  private stream: { readonly input: PassThrough; readonly output: PassThrough } | undefined;

  async attachAll(count: number): Promise<void> {
    while (this.clients.length < count) this.clients.push(await this.attach());
  }

  /** The connection of this client; all clients are connected in their order. */
  transportOf(client: number): FakeTransport {
    const transport = this.wire.transports.at(client - this.clients.length);
    if (transport === undefined) throw new Error('nothing was opened');
    return transport;
  }

  client(index: number): LimitedClient {
    const client = this.clients[index];
    if (client === undefined) throw new Error('no such client');
    return client;
  }

  /** A client on streams that stays attached. */
  streams(): { readonly input: PassThrough; readonly output: PassThrough } {
    if (this.stream !== undefined) return this.stream;
    const stream = { input: new PassThrough(), output: new PassThrough() };
    const { router, clock } = this;
    const { logger } = enginePorts();
    void serveStream({ kind: 'stdio', ...stream }, { router, clock, logger, local: () => this.config.local });
    this.stream = stream;
    return stream;
  }

  nextId(): number {
    this.serial += 1;
    return this.serial;
  }

  /** Sends a request of this client; the code of the error that comes at once, if one does. */
  request(index: number, params = '{}'): { readonly id: number; readonly code: unknown } {
    const id = this.nextId();
    const { door, session } = this.client(index);
    session.takeLine(requestLine(id, 'm', params));
    return { id, code: codeFor(door, id) };
  }
}

/** The code of the error that came for this id; undefined when none did. */
export const codeFor = (door: FakeDoor, id: number): unknown =>
  door.outcomes.find(([idText]) => idText === String(id))?.[1];
