import { act, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { PosturePoint, PostureReport } from '../../src/shared/model/posture';
import { samplePosture, sampleSituations, sampleStatus } from '../support/fake-desktop-router';
import { sampleEvents } from '../support/sample-events';
import { samplePages } from '../support/sample-pages';
import { button, headingOf, openSecurity, reported, withPosture, withSecurity } from './security-bench';
import { accessibilityProblems } from './window';

const problems = async (): Promise<readonly HTMLElement[]> =>
  within(await screen.findByRole('list', { name: 'Points that need something' })).getAllByRole('listitem');

describe('the checklist', () => {
  it('SEC-57 shows what is not good first, with its verdict, what was found and what mends it', async () => {
    const { container, user } = await openSecurity();
    const points = await problems();
    expect(points.map(({ textContent }) => textContent)).toEqual([
      expect.stringMatching(/^Audit log.*the audit log is off.*Not safe.*Switch on$/),
      expect.stringMatching(
        /^Security updates.*nobody looked.*What to do: Look for a newer version\..*Needs a look$/,
      ),
    ]);
    expect(screen.getByText('1 point is not safe')).toBeTruthy();
    expect(screen.getByText('1 good')).toBeTruthy();
    const good = button('1 point is good');
    expect(good.getAttribute('aria-expanded')).toBe('false');
    expect(screen.queryByText('TLS 1.3 only')).toBeNull();
    act(() => good.focus());
    await user.keyboard('{Enter}');
    expect(screen.getByText('TLS 1.3 only')).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says that all is good where it is', async () => {
    await openSecurity(
      sampleSituations.connected,
      withPosture(() => reported({ id: 'tls', verdict: 'pass', evidence: 'x', fix: null, about: null })),
    );
    expect(await screen.findByText('Everything on the list is good')).toBeTruthy();
    expect(screen.queryByRole('list', { name: 'Points that need something' })).toBeNull();
  });

  it('leads to the settings page, where the key is searched for', async () => {
    const point = { id: 'tls', verdict: 'warn', evidence: 'TLS 1.2 is accepted', fix: 'Set it.' } as const;
    const { user } = await openSecurity(
      sampleSituations.connected,
      withPosture(() => reported({ ...point, about: 'gateway.tls.min_version' })),
    );
    await user.click(await screen.findByRole('button', { name: 'Open Settings: TLS 1.3 and suites' }));
    await headingOf('Settings');
    const search = await screen.findByRole<HTMLInputElement>('searchbox');
    expect(search.value).toBe('gateway.tls.min_version');
    await waitFor(() => expect(document.activeElement).toBe(search));
    // Another visit starts afresh.
    await user.click(button('Security'));
    await user.click(button('Settings'));
    expect((await screen.findByRole<HTMLInputElement>('searchbox')).value).toBe('');
  }, 60_000);

  it('leads to Credentials', async () => {
    const point = {
      id: 'rotation',
      verdict: 'fail',
      evidence: 'old',
      fix: 'Rotate it.',
      about: null,
    } as const;
    const { user } = await openSecurity(
      sampleSituations.connected,
      withPosture(() => reported(point)),
    );
    await user.click(
      await screen.findByRole('button', { name: 'Open Credentials: Rotation of credentials' }),
    );
    await headingOf('Credentials');
  });

  it('switches the audit log on, and looks again', async () => {
    let isOn = false;
    const { user, router } = await openSecurity(
      sampleSituations.connected,
      withPosture(() => (isOn ? reported() : Promise.resolve(samplePosture))),
      {
        audit: {
          ...samplePages.audit,
          'audit.enable': () => {
            isOn = true;
            return Promise.resolve({ ok: true });
          },
        },
      },
    );
    await user.click(await screen.findByRole('button', { name: 'Switch on: Audit log' }));
    await screen.findByText('Everything on the list is good');
    expect(router.calls).toEqual(['read changes']);
  });

  it('says why a step could not be taken', async () => {
    const refused = { ok: false, code: 'config-invalid', message: 'The disk is full.' } as const;
    const audit = { ...samplePages.audit, 'audit.enable': () => Promise.resolve(refused) };
    const { user } = await openSecurity(undefined, undefined, { audit });
    await user.click(await screen.findByRole('button', { name: 'Switch on: Audit log' }));
    expect((await screen.findByRole('alert')).textContent).toContain('The disk is full.');
  });

  it('SEC-112 shows the command before the file is made private, and looks again', async () => {
    const path = '/home/ada/mcp-router.yaml';
    const open: PosturePoint = {
      id: 'token-storage',
      verdict: 'warn',
      evidence: 'others can read it',
      fix: 'chmod',
      about: 'configuration file',
    };
    let isPrivate = false;
    const { user, container } = await openSecurity(
      sampleSituations.connected,
      withPosture(() => (isPrivate ? reported() : reported(open))),
      withSecurity({
        'security.offer-privacy': () =>
          Promise.resolve({ kind: 'offered', path, mode: '0644', command: `chmod 600 ${path}` }),
        'security.make-private': () => {
          isPrivate = true;
          return Promise.resolve({ ok: true });
        },
      }),
    );
    await user.click(await screen.findByRole('button', { name: 'Make it private: Token storage' }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(await dialog.findByText(`chmod 600 ${path}`)).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    expect(await accessibilityProblems(screen.getByRole('dialog'))).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Cancel' }));
    expect(isPrivate).toBe(false);
    await user.click(button('Make it private: Token storage'));
    await user.click(await screen.findByRole('button', { name: 'Make it private' }));
    await screen.findByText('Everything on the list is good');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('looks again when it is asked to, and when other settings are used', async () => {
    let times = 0;
    const { user, router } = await openSecurity(
      sampleSituations.connected,
      withPosture(() => {
        times += 1;
        return reported({ id: 'tls', verdict: 'pass', evidence: `look ${times}`, fix: null, about: null });
      }),
    );
    await user.click(await screen.findByRole('button', { name: '1 point is good' }));
    expect(screen.getByText('look 1')).toBeTruthy();
    await user.click(button('Look again'));
    expect(await screen.findByText('look 2')).toBeTruthy();
    expect(screen.getByText(/^Looked at /).getAttribute('role')).toBe('status');
    const applied = sampleEvents.filter(({ kind }) => kind === 'config-applied');
    expect(applied.length).toBeGreaterThan(0);
    act(() => router.tell(applied));
    expect(await screen.findByText('look 3')).toBeTruthy();
  });

  it('says that it failed where it failed, and not that there is no configuration', async () => {
    let fails = true;
    const { user, container } = await openSecurity(
      sampleSituations.connected,
      withPosture(() => (fails ? Promise.reject(new Error('internal')) : reported())),
    );
    expect((await screen.findByRole('alert')).textContent).toContain(
      'The checklist could not be gone through',
    );
    expect(screen.queryByText(/Without valid settings/)).toBeNull();
    expect(await accessibilityProblems(container)).toEqual([]);
    fails = false;
    await user.click(button('Look again'));
    await screen.findByText('Everything on the list is good');
  });

  it('says that it is being gone through, and what is wrong where there is no configuration', async () => {
    let answer: (report: PostureReport) => void = () => undefined;
    const { user } = await openSecurity(
      sampleStatus,
      withPosture(() => new Promise((resolve) => (answer = resolve))),
    );
    expect(screen.getByRole('status', { name: 'Going through the checklist' })).toBeTruthy();
    act(() => answer({ kind: 'no-config', problems: ['gateway.url is missing.'] }));
    expect(await screen.findByText(/there is nothing to check\. gateway\.url is missing\./)).toBeTruthy();
    await user.click(button('Open Connection'));
    await headingOf('Connection');
  });
});
