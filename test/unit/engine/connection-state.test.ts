import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { retryDelayMs } from '../../../src/main/engine/gateway/backoff';
import {
  initialLink,
  isFinal,
  transition,
  type LinkEffect,
  type LinkEvent,
  type LinkState,
} from '../../../src/main/engine/gateway/connection-state';
import type { ConnectionState, FailureCause } from '../../../src/shared/model/status';

const lost: FailureCause = { code: 'gateway-lost', detail: '' };
const refused: FailureCause = { code: 'auth-failed', detail: 'HTTP status 401' };
type Broke = Extract<LinkEvent, { kind: 'broke' }>;
const broke = (cause: FailureCause, maxAttempts = -1, verdict?: Broke['verdict']): Broke => ({
  kind: 'broke',
  now: 100,
  cause,
  verdict: verdict ?? (isFinal(cause.code) ? 'give-up' : 'wait'),
  delayMs: 50,
  maxAttempts,
  stableAfterMs: 1000,
});

const idle: ConnectionState = { name: 'idle' };
const connecting: ConnectionState = { name: 'connecting', attempt: 1, since: 0 };
const connected: ConnectionState = { name: 'connected', since: 0, tls: null };
const waiting: ConnectionState = { name: 'waiting', attempt: 1, retryAt: 150, cause: lost };
const failed: ConnectionState = { name: 'failed', since: 0, cause: refused };
const closing: ConnectionState = { name: 'closing' };
const on: LinkEvent = { kind: 'switched-on', now: 100 };
const off: LinkEvent = { kind: 'switched-off' };
const opened: LinkEvent = { kind: 'opened', now: 100, tls: null, endpoint: 'wss://g/' };
const due: LinkEvent = { kind: 'retry-due', now: 100 };
const reconsidered: LinkEvent = { kind: 'reconsidered', now: 100 };
const closed: LinkEvent = { kind: 'closed' };

type Row = readonly [ConnectionState, LinkEvent, ConnectionState['name'], readonly LinkEffect[]];

// The whole table of design section 4: state, event, next state, effects.
const table: readonly Row[] = [
  [idle, on, 'connecting', ['dial']],
  [idle, off, 'idle', []],
  [idle, opened, 'idle', []],
  [idle, broke(lost), 'idle', []],
  [idle, due, 'idle', []],
  [idle, reconsidered, 'idle', []],
  [idle, closed, 'idle', []],
  [connecting, on, 'connecting', []],
  [connecting, off, 'idle', ['abandon-dial']],
  [connecting, opened, 'connected', []],
  [connecting, broke(lost), 'waiting', ['start-retry-timer']],
  [connecting, broke(refused), 'failed', []],
  [connecting, broke(lost, 0), 'failed', []],
  [connecting, broke(lost, 0, 'fail-over'), 'connecting', ['dial']],
  [connecting, due, 'connecting', []],
  [connecting, reconsidered, 'connecting', ['abandon-dial', 'dial']],
  [connecting, closed, 'connecting', []],
  [connected, on, 'connected', []],
  [connected, off, 'closing', ['close-transport']],
  [connected, opened, 'connected', []],
  [connected, broke(lost), 'waiting', ['start-retry-timer']],
  [connected, broke(refused), 'failed', []],
  [connected, broke(refused, 0, 'fail-over'), 'connecting', ['dial']],
  [connected, due, 'connected', []],
  [connected, reconsidered, 'connecting', ['close-transport', 'dial']],
  [connected, closed, 'connected', []],
  [waiting, on, 'waiting', []],
  [waiting, off, 'idle', ['stop-retry-timer']],
  [waiting, opened, 'waiting', []],
  [waiting, broke(lost), 'waiting', []],
  [waiting, due, 'connecting', ['dial']],
  [waiting, reconsidered, 'connecting', ['stop-retry-timer', 'dial']],
  [waiting, closed, 'waiting', []],
  [failed, on, 'failed', []],
  [failed, off, 'idle', []],
  [failed, opened, 'failed', []],
  [failed, broke(lost), 'failed', []],
  [failed, due, 'failed', []],
  [failed, reconsidered, 'connecting', ['dial']],
  [failed, closed, 'failed', []],
  [closing, on, 'connecting', ['dial']],
  [closing, off, 'closing', []],
  [closing, opened, 'closing', []],
  [closing, broke(lost), 'idle', []],
  [closing, due, 'closing', []],
  [closing, reconsidered, 'closing', []],
  [closing, closed, 'idle', []],
];

describe('transition', () => {
  it.each(table.map((row) => ({ row, from: row[0].name, event: row[1].kind, to: row[2] })))(
    '$from, $event -> $to',
    ({ row: [connection, event, to, effects] }) => {
      const after = transition({ connection, failures: 0 }, event);
      expect(after.state.connection.name).toBe(to);
      expect(after.effects).toEqual(effects);
    },
  );

  it('counts failures in a row, and starts anew after a connection that lasted', () => {
    let state: LinkState = transition(initialLink, on).state;
    state = transition(state, broke(lost)).state;
    expect(state.failures).toBe(1);
    state = transition(transition(state, due).state, broke(lost)).state;
    expect(state.failures).toBe(2);
    expect(state.connection).toMatchObject({ name: 'waiting', attempt: 2, retryAt: 150 });
    const short = transition(transition(state, due).state, opened).state;
    expect(transition(short, { ...broke(lost), now: 600 }).state.failures).toBe(3);
    expect(transition(short, { ...broke(lost), now: 1100 }).state.failures).toBe(1);
  });

  it('gives up after max_attempts failures, and not one earlier', () => {
    let state: LinkState = transition(initialLink, on).state;
    for (let failure = 1; failure <= 2; failure += 1) {
      state = transition(state, broke(lost, 2)).state;
      expect(state.connection.name).toBe('waiting');
      state = transition(state, due).state;
    }
    expect(transition(state, broke(lost, 2)).state.connection).toMatchObject({ name: 'failed', cause: lost });
  });

  it('never dials without being switched on, and has a timer exactly while it waits', () => {
    const events = fc.array(
      fc.constantFrom(on, off, opened, due, reconsidered, closed, broke(lost), broke(refused)),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(events, (sequence) => {
        let state = initialLink;
        let hasTimer = false;
        let isOn = false;
        for (const event of sequence) {
          if (event.kind === 'switched-on') isOn = true;
          if (event.kind === 'switched-off') isOn = false;
          const after = transition(state, event);
          if (after.effects.includes('dial')) expect(isOn).toBe(true);
          if (after.effects.includes('start-retry-timer')) hasTimer = true;
          // The timer is spent when it fires.
          if (after.effects.includes('stop-retry-timer')) hasTimer = false;
          if (event.kind === 'retry-due' && state.connection.name === 'waiting') hasTimer = false;
          state = after.state;
          expect(state.connection.name === 'waiting').toBe(hasTimer);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('retryDelayMs', () => {
  const reconnect = {
    initial_delay_ms: 1000,
    max_delay_ms: 60_000,
    multiplier: 2,
    max_attempts: -1,
    jitter: 0.1,
  };

  it('doubles from one second to a minute, as documented', () => {
    const delays = [1, 2, 3, 7, 50, 5000].map((failures) => retryDelayMs(failures, reconnect, 0.5));
    expect(delays).toEqual([1000, 2000, 4000, 60_000, 60_000, 60_000]);
  });

  it('stays within the jitter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const middle = retryDelayMs(failures, reconnect, 0.5);
          const delay = retryDelayMs(failures, reconnect, random);
          expect(delay).toBeGreaterThanOrEqual(Math.floor(middle * 0.9));
          expect(delay).toBeLessThanOrEqual(Math.ceil(middle * 1.1));
        },
      ),
    );
  });
});
