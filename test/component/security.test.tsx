import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { AppStatus, RouterBridge } from '../../src/shared/ipc/contract';
import { SAMPLE_NOW, sampleSituations, withRouter } from '../support/fake-desktop-router';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

afterEach(cleanup);

async function openSecurity(
  status: AppStatus = sampleSituations.connected,
  change?: (bridge: RouterBridge) => RouterBridge,
): Promise<TestWindow> {
  const opened = await openWindow(status, change);
  await opened.user.click(screen.getByRole('button', { name: 'Security' }));
  return opened;
}

const locked = withRouter(sampleSituations.locked, {
  lockdown: { since: SAMPLE_NOW, by: 'command', problem: null },
});

describe('the security page', () => {
  it('SEC-57 shows each point with its verdict in words, what was found and what mends it', async () => {
    const { container } = await openSecurity();
    const points = within(await screen.findByRole('list')).getAllByRole('listitem');
    expect(points.map((point) => within(point).getByRole('img').getAttribute('aria-label'))).toEqual([
      'Good',
      'Needs a look',
      'Not safe',
    ]);
    expect(points[2]?.textContent).toContain('the audit log is off');
    expect(points[2]?.textContent).toContain('What to do: Set logging.audit.enabled: true.');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says what is wrong when there is no configuration, or nobody answers', async () => {
    await openSecurity(sampleSituations['not set up'], (bridge) => ({
      ...bridge,
      'posture.get': () => Promise.reject(new Error('internal')),
    }));
    expect(await screen.findByText('Without valid settings there is nothing to check.')).toBeTruthy();
  });

  it('SEC-58 locks down with one action', async () => {
    const { router, user } = await openSecurity();
    await user.click(screen.getByRole('button', { name: 'Lock down now' }));
    expect(router.calls).toEqual(['lock down by window']);
  });

  it('SEC-58 ends a lockdown with the keyboard, once the word is typed', async () => {
    const { router, user, container } = await openSecurity(locked);
    expect(screen.getByText(/^Since /)).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    const button = screen.getByRole('button', { name: 'End the lockdown' });
    await user.click(screen.getByRole('textbox', { name: /Type "release"/ }));
    await user.keyboard('releas{Enter}');
    expect(button.hasAttribute('disabled')).toBe(true);
    expect(router.calls).toEqual([]);
    await user.keyboard('e{Enter}');
    expect(router.calls).toEqual(['release with release']);
  });

  it('says why it could not be done', async () => {
    const { user } = await openSecurity(sampleSituations.connected, (bridge) => ({
      ...bridge,
      'lockdown.enter': () =>
        Promise.resolve({ ok: false, code: 'locked-down', message: 'the disk is full' }),
    }));
    await user.click(screen.getByRole('button', { name: 'Lock down now' }));
    expect((await screen.findByRole('alert')).textContent).toBe('the disk is full');
  });
});
