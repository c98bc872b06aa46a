import { describe, expect, it } from 'vitest';

import { degradations, shownState, type Shown } from '../../../src/main/engine/observe/shown-state';
import type { ConnectionState, FailureCause, SessionStatus } from '../../../src/shared/model/status';
import { testConfig } from '../../support/engine-client';

const lost: FailureCause = { code: 'gateway-lost', detail: '' };
const refused: FailureCause = { code: 'auth-failed', detail: '' };
const states = {
  idle: { name: 'idle' },
  connecting: { name: 'connecting', attempt: 1, since: 0 },
  connected: { name: 'connected', since: 0, tls: null },
  waiting: { name: 'waiting', attempt: 1, retryAt: 1, cause: lost },
  failed: { name: 'failed', since: 0, cause: refused },
  closing: { name: 'closing' },
} as const satisfies Record<ConnectionState['name'], ConnectionState>;
type Name = keyof typeof states;
const NAMES: readonly Name[] = ['idle', 'connecting', 'connected', 'waiting', 'failed', 'closing'];

const session = (name: Name, clientName: string | null = null): SessionStatus => ({
  id: `id-${name}`,
  door: 'stdio',
  owner: null,
  clientName,
  openedAt: 0,
  connection: states[name],
  requests: 0,
  failures: 0,
  inFlight: 0,
  queued: 0,
  openConnections: 1,
});

const verificationOff = { code: 'verification-off', text: '' } as const;
const shown: Readonly<Record<Name, Shown>> = {
  idle: { state: 'connecting', cause: null },
  connecting: { state: 'connecting', cause: null },
  connected: { state: 'connected', cause: null },
  waiting: { state: 'connecting', cause: lost },
  failed: { state: 'failed', cause: refused },
  closing: { state: 'connecting', cause: null },
};

describe('shownState', () => {
  it.each(NAMES)('with the keeper %s: what the keeper has proven, whatever lanes there are', (name) => {
    for (const lanes of [[], NAMES.map((lane) => session(lane))]) {
      const facts = {
        isLockedDown: false,
        isSwitchedOn: true,
        hasKeeper: true,
        keeper: states[name],
        sessions: lanes,
      };
      expect(shownState({ ...facts, degradations: [] })).toEqual(shown[name]);
    }
  });

  it.each(NAMES)('switched off, with the keeper %s: disconnected, and no cause', (name) => {
    const facts = {
      isLockedDown: false,
      isSwitchedOn: false,
      hasKeeper: true,
      keeper: states[name],
      sessions: [session('failed')],
    };
    expect(shownState({ ...facts, degradations: [verificationOff] })).toEqual({
      state: 'disconnected',
      cause: null,
    });
  });

  // Without a keeper the worst lane speaks: each row is worse than the ones below it.
  const worstFirst: readonly Name[] = ['failed', 'waiting', 'connecting', 'closing', 'connected', 'idle'];
  it.each(worstFirst.map((name, index) => [name, worstFirst.slice(index)] as const))(
    'without a keeper, with lanes at worst %s',
    (name, lanes) => {
      const reversed = [...lanes].reverse().map((lane) => session(lane));
      const facts = {
        isLockedDown: false,
        isSwitchedOn: true,
        hasKeeper: false,
        keeper: states.idle,
        sessions: reversed,
      };
      expect(shownState({ ...facts, degradations: [] })).toEqual(shown[name]);
    },
  );

  it.each(NAMES)('SEC-58 locked down, with the keeper %s: locked, however it is switched', (name) => {
    for (const isSwitchedOn of [true, false]) {
      const facts = { isLockedDown: true, isSwitchedOn, hasKeeper: true, keeper: states[name], sessions: [] };
      expect(shownState({ ...facts, degradations: [verificationOff] })).toEqual({
        state: 'locked',
        cause: null,
      });
    }
  });

  it('without keeper and lanes claims nothing', () => {
    const facts = {
      isLockedDown: false,
      isSwitchedOn: true,
      hasKeeper: false,
      keeper: states.idle,
      sessions: [],
    };
    expect(shownState({ ...facts, degradations: [] }).state).toBe('connecting');
  });

  it.each(NAMES)('a degradation changes %s only where it says connected', (name) => {
    const facts = {
      isLockedDown: false,
      isSwitchedOn: true,
      hasKeeper: true,
      keeper: states[name],
      sessions: [],
    };
    const degraded = shownState({ ...facts, degradations: [verificationOff] });
    expect(degraded).toEqual(name === 'connected' ? { state: 'degraded', cause: null } : shown[name]);
  });
});

describe('degradations', () => {
  const codes = (
    url: string,
    gateway: object,
    sessions: readonly SessionStatus[] = [],
    hasKeeper = true,
  ): unknown => degradations(testConfig(url, { gateway }), { hasKeeper, sessions }).map(({ code }) => code);

  it.each([
    ['wss://g.example/', {}, []],
    ['wss://g.example/', { tls: { verify: false } }, ['verification-off']],
    ['tcps://g.example/', { tls: { verify: false } }, ['verification-off']],
    ['ws://127.0.0.1/', { tls: { verify: false } }, []],
    ['ws://g.example/', { allow_insecure: true }, ['plain-connection']],
    ['wss://g.example/', { allow_insecure: true }, []],
  ])('SEC-03 %s with %j', (url, gateway, expected) => {
    expect(codes(url, gateway)).toEqual(expected);
  });

  it('names the lanes that fail beside a keeper, by name or id', () => {
    const lanes = [
      session('failed', 'Cursor'),
      session('waiting'),
      session('connecting'),
      session('connected'),
    ];
    const found = degradations(testConfig('wss://g.example/'), { hasKeeper: true, sessions: lanes });
    expect(found).toEqual([{ code: 'lane-failing', text: 'Not connected: Cursor, id-waiting.' }]);
    expect(codes('wss://g.example/', {}, lanes, false)).toEqual([]);
  });
});
