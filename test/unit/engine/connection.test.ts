import { describe, expect, it } from 'vitest';

import { Connection, type ConnectionHandlers } from '../../../src/main/engine/gateway/connection';
import { Endpoints } from '../../../src/main/engine/gateway/endpoints';
import type { Logger } from '../../../src/main/engine/ports';
import { RouterError } from '../../../src/shared/model/errors';
import type { ConnectionState, FailureCause } from '../../../src/shared/model/status';
import { deferred } from '../../support/deferred';
import { enginePorts, testConfig, noCredentials } from '../../support/engine-client';
import { FakeWire } from '../../support/fake-transport';
import { ManualClock } from '../../support/manual-clock';
import { settled } from '../../support/router-bench';

class Bench {
  readonly clock = new ManualClock();
  readonly wire = new FakeWire();
  readonly states: ConnectionState['name'][] = [];
  readonly failures: FailureCause[] = [];
  readonly logged: string[] = [];
  readonly aborted: boolean[] = [];
  messages = 0;
  prepare: ConnectionHandlers['prepare'] = () => Promise.resolve();
  readonly connection: Connection;
  readonly endpoints: Endpoints;

  constructor(gateway: object = {}) {
    const config = testConfig('ws://127.0.0.1:1/', { gateway: { auth: { type: 'none' }, ...gateway } });
    const logger: Logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (message) => this.logged.push(message),
    };
    const ports = { ...enginePorts({}, logger), clock: this.clock };
    this.endpoints = new Endpoints({ ports, config: () => config, credentials: () => noCredentials });
    this.connection = new Connection(
      { ports, open: this.wire.open, endpoints: this.endpoints, config: () => config },
      {
        prepare: (send, signal) => {
          signal.addEventListener('abort', () => this.aborted.push(true));
          return this.prepare(send, signal);
        },
        onMessage: () => {
          this.messages += 1;
        },
        onUnreadable: () => undefined,
        onRejected: () => undefined,
        onDrain: () => undefined,
        onCredential: () => undefined,
        onFailure: (cause) => this.failures.push(cause),
        onFailOver: () => undefined,
        onChange: (_from, to) => this.states.push(to.name),
      },
    );
  }
}

describe('Connection', () => {
  it('is connected only when it is prepared, and hears what comes meanwhile', async () => {
    const bench = new Bench();
    const prepared = deferred();
    bench.prepare = () => prepared.promise;
    bench.connection.open();
    await settled();
    bench.wire.now.say({ method: 'n' });
    expect([bench.connection.state.name, bench.messages, bench.connection.isReady]).toEqual([
      'connecting',
      1,
      false,
    ]);
    prepared.resolve();
    await settled();
    expect([bench.connection.state.name, bench.connection.isReady]).toEqual(['connected', true]);
  });

  it('is closed while it dials: what the dial brings is closed, and nothing is heard of it', async () => {
    const bench = new Bench();
    const opened = deferred();
    bench.wire.delay = opened.promise;
    bench.connection.open();
    await settled();
    await bench.connection.close();
    opened.resolve();
    await settled();
    expect(bench.wire.now.isOpen).toBe(false);
    bench.wire.now.say({ method: 'n' });
    bench.wire.now.lose();
    expect([bench.states, bench.failures, bench.messages]).toEqual([['connecting', 'idle'], [], 0]);
  });

  it('is lost while it is prepared: one failure, one abort, and another try', async () => {
    const bench = new Bench();
    bench.prepare = (_send, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new RouterError('gateway-lost', 'while preparing'));
        });
      });
    bench.connection.open();
    await settled();
    bench.wire.now.lose();
    await settled();
    expect(bench.failures).toEqual([{ code: 'gateway-lost', detail: 'test' }]);
    expect(bench.aborted).toHaveLength(1);
    bench.prepare = () => Promise.resolve();
    bench.clock.advance(10);
    await settled();
    expect(bench.states).toEqual(['connecting', 'waiting', 'connecting', 'connected']);
  });

  it('closes the transport whose preparation failed', async () => {
    const bench = new Bench();
    bench.prepare = () => Promise.reject(new RouterError('handshake-refused'));
    bench.connection.open();
    await settled();
    expect(bench.wire.now.isOpen).toBe(false);
    expect([bench.connection.state.name, bench.failures]).toEqual([
      'waiting',
      [{ code: 'handshake-refused', detail: '' }],
    ]);
  });

  it('hears nothing of a transport that it has left', async () => {
    const bench = new Bench();
    bench.connection.open();
    await settled();
    const first = bench.wire.now;
    bench.connection.reconsider();
    await settled();
    first.say({ method: 'n' });
    first.lose();
    expect([bench.messages, bench.failures, bench.connection.state.name]).toEqual([0, [], 'connected']);
    expect(bench.wire.transports).toHaveLength(2);
  });

  it('backs off, doubling, and starts anew after a connection that lasted', async () => {
    const bench = new Bench({ connection: { reconnect: { initial_delay_ms: 10, jitter: 0 } } });
    const waits: number[] = [];
    const next = async (): Promise<void> => {
      const { state } = bench.connection;
      const waitMs = state.name === 'waiting' ? state.retryAt - bench.clock.now() : -1;
      waits.push(waitMs);
      bench.clock.advance(waitMs);
      await settled();
    };
    bench.wire.failure = new RouterError('gateway-unreachable');
    bench.connection.open();
    await settled();
    for (let index = 0; index < 3; index += 1) {
      bench.wire.failure = new RouterError('gateway-unreachable');
      await next();
    }
    await next();
    bench.wire.now.lose();
    await next();
    bench.clock.advance(1000);
    bench.wire.now.lose();
    await next();
    expect(waits).toEqual([10, 20, 40, 80, 160, 10]);
  });

  it('SEC-64 is not slowed down by the breaker of its only endpoint', async () => {
    const reconnect = { initial_delay_ms: 1000, max_delay_ms: 60_000, jitter: 0 };
    const bench = new Bench({ connection: { reconnect } });
    bench.wire.failure = new RouterError('gateway-unreachable');
    bench.connection.open();
    await settled();
    const waits: number[] = [];
    for (let index = 0; index < 9; index += 1) {
      const { state } = bench.connection;
      waits.push(state.name === 'waiting' ? state.retryAt - bench.clock.now() : -1);
      bench.wire.failure = new RouterError('gateway-unreachable');
      bench.clock.advance(waits.at(-1) ?? 0);
      await settled();
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(bench.failures).toHaveLength(10);
  });

  it('does not try again what cannot be mended by trying, until it is told to', async () => {
    const bench = new Bench();
    bench.wire.failure = new RouterError('auth-failed', 'HTTP status 401');
    bench.connection.open();
    await settled();
    expect(bench.connection.state.name).toBe('failed');
    expect(bench.clock.waiting).toBe(0);
    bench.endpoints.forget();
    bench.connection.openOrRetry();
    await settled();
    expect(bench.connection.state.name).toBe('connected');
  });

  it('calls a mistake of ours by its name and logs it with its stack', async () => {
    const bench = new Bench();
    bench.wire.failure = new TypeError('x is not a function');
    bench.connection.open();
    await settled();
    expect(bench.failures).toEqual([{ code: 'internal', detail: '' }]);
    expect(bench.logged).toEqual(['connecting failed by a mistake of ours']);
  });

  it('is closed and opened again in one breath', async () => {
    const bench = new Bench();
    bench.connection.open();
    await settled();
    const closed = bench.connection.close();
    bench.connection.open();
    await closed;
    await settled();
    expect(bench.states).toEqual(['connecting', 'connected', 'closing', 'connecting', 'connected']);
    expect(bench.wire.transports.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    await bench.connection.close();
    expect(bench.connection.state.name).toBe('idle');
    expect(bench.clock.waiting).toBe(0);
  });

  it('sends nothing on a transport that is saying goodbye', async () => {
    const bench = new Bench();
    bench.connection.open();
    await settled();
    bench.wire.now.isOpen = false;
    expect(bench.connection.isReady).toBe(false);
    expect(bench.connection.state.name).toBe('connected');
  });
});
