import { cleanup, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { createRouterStore } from '../../src/renderer/bridge';
import { AppPreferences } from '../../src/renderer/components/app-preferences';
import type { CommandResult } from '../../src/shared/ipc/call';
import { defaultPreferences, type AppPreferences as Chosen } from '../../src/shared/model/preferences';
import { createFakeDesktopRouter } from '../support/fake-desktop-router';
import { accessibilityProblems, bridgeTo, draw } from './window';

afterEach(cleanup);

function open(first: Partial<Chosen> = {}, answer: CommandResult = { ok: true }) {
  let chosen: Chosen = { ...defaultPreferences, login: { kind: 'off' }, ...first };
  const calls: unknown[] = [];
  const bridge = bridgeTo(createFakeDesktopRouter(), {
    'preferences.get': () => Promise.resolve(chosen),
    'preferences.save': (next) => {
      calls.push(next);
      if (answer.ok) chosen = { ...chosen, ...next };
      return Promise.resolve(answer);
    },
    'login-item.set': (input) => {
      calls.push(input);
      if (answer.ok) chosen = { ...chosen, login: { kind: input.isOn ? 'on' : 'off' } };
      return Promise.resolve(answer);
    },
  });
  const container = draw(<AppPreferences store={createRouterStore(bridge)} />);
  return { calls, container, user: userEvent.setup() };
}

describe('how the app behaves', () => {
  it('is chosen and kept at once', async () => {
    const { calls, container, user } = open();
    await user.click(await screen.findByRole('radio', { name: 'Dark' }));
    await user.click(screen.getByRole('radio', { name: 'Security alerts' }));
    await user.click(screen.getByRole('switch', { name: 'Start hidden' }));
    await user.click(screen.getByRole('switch', { name: 'Start at login' }));
    expect(calls).toEqual([
      { theme: 'dark', notifications: 'all', startsHidden: true },
      { theme: 'dark', notifications: 'alerts', startsHidden: true },
      { theme: 'dark', notifications: 'alerts', startsHidden: false },
      { isOn: true },
    ]);
    expect(await screen.findByRole('switch', { name: 'Start at login', checked: true })).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says that another copy starts at login', async () => {
    open({ login: { kind: 'other-copy', program: '/old/mcp-router' } });
    expect(await screen.findByText(/Another copy starts at login now: \/old\/mcp-router/)).toBeTruthy();
  });

  it('says why it cannot start at login', async () => {
    open({ login: { kind: 'unavailable', reason: 'this user has no home folder' } });
    expect(await screen.findByText('Not possible here: this user has no home folder.')).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>('switch', { name: 'Start at login' }).disabled).toBe(true);
  });

  it('shows what could not be kept, and stays as it was', async () => {
    const message = 'Start at login is not changed: the disk is full';
    const { user } = open({}, { ok: false, code: 'preference-not-kept', message });
    await user.click(await screen.findByRole('switch', { name: 'Start at login' }));
    expect((await screen.findByRole('alert')).textContent).toContain(message);
    expect(screen.getByRole<HTMLInputElement>('switch', { name: 'Start at login' }).checked).toBe(false);
  });
});
