import { describe, expect, it } from 'vitest';

import { StatusBoard, type StatusSource } from '../../../src/main/engine/observe/status';
import { shownUrl } from '../../../src/shared/model/shown-url';
import type { RouterEvent } from '../../../src/shared/model/events';
import type { ConnectionState, RouterStatus } from '../../../src/shared/model/status';
import { testConfig } from '../../support/engine-client';
import { ManualClock } from '../../support/manual-clock';

const started: RouterEvent = { kind: 'engine-started', sequence: 1, at: 0 };

class Bench {
  readonly clock = new ManualClock();
  readonly errors: unknown[] = [];
  keeper: ConnectionState = { name: 'connecting', attempt: 1, since: 0 };
  readonly source: StatusSource = {
    config: () => testConfig('wss://user:password@g.example:8443/mcp?token=secret'),
    hasKeeper: true,
    isSwitchedOn: () => true,
    lockdown: () => null,
    keeper: () => this.keeper,
    sessions: () => [],
    degradations: () => [],
    alerts: () => [],
    metricsAddress: () => null,
  };
  readonly board = new StatusBoard(this.source, this.clock, {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message, fields) => this.errors.push([message, fields]),
  });
}

describe('StatusBoard', () => {
  it('tells soon, and at most ten times a second', () => {
    const { board, clock } = new Bench();
    const told: number[] = [];
    board.subscribe(() => told.push(clock.now()));
    const start = clock.now();
    for (let index = 0; index < 1000; index += 1) {
      board.note(started);
      clock.advance(1);
    }
    expect(told[0]).toBe(start);
    expect(told.filter((at) => at < start + 1000).length).toBeLessThanOrEqual(10);
    expect(told.slice(1).every((at, index) => at - (told[index] ?? 0) >= 100)).toBe(true);
    clock.advance(100);
    // The last change is told as well.
    expect((told.at(-1) ?? 0) - start).toBeGreaterThanOrEqual(999);
  });

  it('still tells when the clock is set back', () => {
    const { board, clock } = new Bench();
    const told: RouterStatus[] = [];
    board.subscribe((status) => told.push(status));
    board.note(started);
    clock.advance(0);
    clock.set(-3_600_000);
    board.note(started);
    clock.advance(100);
    expect(told).toHaveLength(2);
  });

  it('goes on when a listener throws', () => {
    const { board, clock, errors } = new Bench();
    const told: RouterStatus[] = [];
    board.subscribe(() => {
      throw new TypeError('a window that is gone');
    });
    board.subscribe((status) => told.push(status));
    board.note(started);
    clock.advance(0);
    expect(told).toHaveLength(1);
    expect(errors).toEqual([['a status listener failed', { error: 'TypeError' }]]);
    board.close();
    expect(told).toHaveLength(2);
  });

  it('tells the last state when it closes, and nothing after that', () => {
    const { board, clock } = new Bench();
    const told: RouterStatus[] = [];
    board.subscribe((status) => told.push(status));
    board.note(started);
    board.close();
    board.note(started);
    clock.advance(1000);
    expect([told.length, clock.waiting]).toEqual([1, 0]);
  });

  it('has no timer while nobody listens, and none twice', () => {
    const { board, clock } = new Bench();
    board.note(started);
    expect(clock.waiting).toBe(0);
    const end = board.subscribe(() => undefined);
    board.note(started);
    board.note(started);
    expect(clock.waiting).toBe(1);
    end();
    end();
  });

  it('remembers since when it shows what it shows, with a growing revision', () => {
    const bench = new Bench();
    const { board, clock } = bench;
    clock.advance(50);
    const first = board.snapshot();
    clock.advance(50);
    const second = board.snapshot();
    expect(second.revision).toBeGreaterThan(first.revision);
    expect(second.shownSince).toBe(first.shownSince);
    bench.keeper = { name: 'connected', since: clock.now(), tls: null };
    clock.advance(50);
    expect(board.snapshot()).toMatchObject({ shown: 'connected', shownSince: clock.now() });
  });

  it('remembers the credential in use by name, and counts', () => {
    const { board } = new Bench();
    const credential = { source: 'file', name: '/t' } as const;
    board.note({ kind: 'credential-used', lane: 'keeper', credential, sequence: 1, at: 0 });
    board.note({ kind: 'auth-failed', lane: 'keeper', code: 'auth-failed', detail: '', sequence: 2, at: 0 });
    expect(board.snapshot()).toMatchObject({ credential, counters: { authFailures: 1 } });
  });

  it('shows neither user info nor query of the address', () => {
    expect(new Bench().board.snapshot().gatewayUrl).toBe('wss://g.example:8443/mcp');
    expect(shownUrl('tcps://u:p@[::1]:9/#frag')).toBe('tcps://[::1]:9/');
  });
});
