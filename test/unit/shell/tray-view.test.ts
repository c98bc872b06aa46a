import { describe, expect, it } from 'vitest';
import { trayView } from '../../../src/main/tray-view';
import type { TrayView } from '../../../src/main/tray-view';
import { sampleSituations, withRouter } from '../../support/fake-desktop-router';

type Situation = keyof typeof sampleSituations;

const time = (): string => '09:30';
const actionsOf = (view: TrayView): readonly string[] =>
  view.menu.flatMap((item) => (item.kind === 'action' ? [item.action] : []));
const lineOf = (view: TrayView): string => (view.menu[0]?.kind === 'label' ? view.menu[0].text : '');

/** What the tray must show for each situation: icon, state line, and the actions before "open" and "quit". */
const expected: Readonly<Record<Situation, readonly [TrayView['icon'], string, readonly string[]]>> = {
  'not set up': ['disconnected', 'Not set up yet', ['open-window']],
  disconnected: ['disconnected', 'Disconnected', ['connect', 'lock-down']],
  connecting: ['connecting', 'Connecting to gateway.example.com:8443', ['disconnect', 'lock-down']],
  connected: [
    'connected',
    'Connected to gateway.example.com:8443',
    ['disconnect', 'rotate-token', 'lock-down'],
  ],
  'attached clients': [
    'connected',
    'Connected to gateway.example.com:8443',
    ['disconnect', 'rotate-token', 'lock-down'],
  ],
  waiting: [
    'connecting',
    'Connecting: The gateway cannot be reached',
    ['connect', 'disconnect', 'lock-down'],
  ],
  'token refused': [
    'failed',
    'Not connected: Auth failed: the gateway refused the credential',
    ['connect', 'disconnect', 'rotate-token', 'lock-down'],
  ],
  'token missing': [
    'failed',
    'Not connected: No token was found',
    ['connect', 'disconnect', 'rotate-token', 'lock-down'],
  ],
  'certificate rejected': [
    'failed',
    "Not connected: The gateway's certificate is not trusted",
    ['connect', 'disconnect', 'rotate-token', 'lock-down'],
  ],
  'keychain locked': [
    'failed',
    'Not connected: The keychain is locked, or the token was removed from it',
    ['connect', 'disconnect', 'rotate-token', 'lock-down'],
  ],
  'keychain missing': [
    'failed',
    'Not connected: No keychain is available on this machine',
    ['connect', 'disconnect', 'rotate-token', 'lock-down'],
  ],
  'config broken': [
    'connected',
    'Connected to gateway.example.com:8443',
    ['disconnect', 'rotate-token', 'lock-down'],
  ],
  'config broken at start': ['disconnected', 'The settings file has a mistake', ['connect']],
  degraded: [
    'degraded',
    'Needs attention - gateway.example.com:8443',
    ['disconnect', 'rotate-token', 'lock-down'],
  ],
  locked: ['locked', 'Locked down - gateway.example.com:8443', ['open-window']],
  demo: ['connected', 'Connected to gateway.example.com:8443', ['disconnect']],
};

describe('trayView', () => {
  it.each(Object.entries(expected))('shows "%s"', (situation, [icon, line, actions]) => {
    const status = Object.entries(sampleSituations).find(([name]) => name === situation)?.[1];
    expect(status).toBeDefined();
    if (status === undefined) return;
    const view = trayView(status, { kind: 'off' }, time);
    expect(view.icon).toBe(icon);
    expect(lineOf(view)).toBe(line);
    expect(actionsOf(view)).toEqual([...actions, 'open-window', 'quit']);
    expect(view.tooltip).toContain(`${line}, since 09:30`);
  });

  it('says in the tooltip that it is the demo', () => {
    expect(trayView(sampleSituations.demo, { kind: 'off' }, time).tooltip).toContain('MCP Router (demo)');
    expect(trayView(sampleSituations.connected, { kind: 'off' }, time).tooltip).not.toContain('demo');
  });

  it('shows the address as it is when it cannot be read as one', () => {
    const status = withRouter(sampleSituations.connected, { gatewayUrl: 'not an address' });
    expect(lineOf(trayView(status, { kind: 'off' }, time))).toBe('Connected');
  });

  it('never shows user info or the query of an address', () => {
    const status = withRouter(sampleSituations.connected, {
      gatewayUrl: 'wss://ada:secret@gateway.example.com/mcp?token=secret',
    });
    expect(JSON.stringify(trayView(status, { kind: 'off' }, time))).not.toContain('secret');
  });

  it.each([
    [{ kind: 'on' }, true],
    [{ kind: 'off' }, false],
    [{ kind: 'other-copy', program: '/old/mcp-router' }, false],
  ] as const)('marks whether this copy starts at login: %j', (login, isOn) => {
    const { menu } = trayView(sampleSituations.connected, login, time);
    const items = menu.filter((item) => item.kind === 'check');
    expect(items).toEqual([{ kind: 'check', text: 'Start at login', action: 'toggle-login-item', isOn }]);
  });

  it('leaves starting at login out where the desktop cannot do it, and in the demo', () => {
    const without = { kind: 'unavailable', reason: 'no home folder' } as const;
    const menus = [
      trayView(sampleSituations.connected, without, time),
      trayView(sampleSituations.demo, { kind: 'off' }, time),
    ].map(({ menu }) => menu);
    expect(menus.flat().filter((item) => item.kind === 'check')).toEqual([]);
  });
});
