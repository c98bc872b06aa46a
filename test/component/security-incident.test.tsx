import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { IncidentExport } from '../../src/shared/ipc/security-calls';
import { SAMPLE_NOW, sampleSituations, sampleStatus, withRouter } from '../support/fake-desktop-router';
import { samplePages } from '../support/sample-pages';
import { button, headingOf, locked, openSecurity, withSecurity } from './security-bench';
import { accessibilityProblems, openWindow } from './window';

describe('SEC-58 the lockdown in the window', () => {
  it('says what will happen, and does it once it is confirmed', async () => {
    const { router, user } = await openSecurity();
    await user.click(button('Lock down now'));
    const dialog = await screen.findByRole('dialog', { name: 'Lock everything down?' });
    expect(within(dialog).getAllByRole('listitem')).toHaveLength(4);
    expect(dialog.textContent).toContain('Tokens in memory are forgotten.');
    expect(await accessibilityProblems(dialog)).toEqual([]);
    await waitFor(() =>
      expect(document.activeElement).toBe(within(dialog).getByRole('button', { name: 'Cancel' })),
    );
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(router.calls).toEqual([]);
    await user.click(button('Lock down now'));
    await user.click(await screen.findByRole('button', { name: 'Lock down' }));
    expect(router.calls).toEqual(['lock down by window']);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    act(() => router.show(locked));
    const card = await screen.findByRole('region', { name: 'Locked down' });
    expect(document.activeElement).toBe(card);
    expect(screen.queryByRole('button', { name: 'Lock down now' })).toBeNull();
  });

  it('stays open with the reason where it could not be done', async () => {
    const { user } = await openSecurity(sampleSituations.connected, (bridge) => ({
      ...bridge,
      'lockdown.enter': () =>
        Promise.resolve({ ok: false, code: 'locked-down', message: 'the disk is full' }),
    }));
    await user.click(button('Lock down now'));
    await user.click(await screen.findByRole('button', { name: 'Lock down' }));
    expect((await screen.findByRole('alert')).textContent).toContain('the disk is full');
  });

  it('ends with the keyboard, once the word is typed', async () => {
    const { router, user, container } = await openSecurity(locked);
    expect(screen.getByText(/^Since .*, by the command mcp-router lockdown\.$/)).toBeTruthy();
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(button('Go to it'));
    expect(document.activeElement).toBe(screen.getByRole('textbox', { name: /Type "release"/ }));
    await user.keyboard('releas{Enter}');
    expect(button('End the lockdown').hasAttribute('disabled')).toBe(true);
    expect(router.calls).toEqual([]);
    await user.keyboard('e{Enter}');
    expect(router.calls).toEqual(['release with release']);
  });

  it('says why it does not end', async () => {
    const { user } = await openSecurity(locked, (bridge) => ({
      ...bridge,
      'lockdown.release': () => Promise.resolve({ ok: false, code: 'locked-down', message: 'no right to' }),
    }));
    await user.type(screen.getByRole('textbox', { name: /Type "release"/ }), 'release{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('no right to');
  });

  it('stands out on the overview too, also where nothing is configured, and leads here', async () => {
    const lockdown = { since: SAMPLE_NOW, by: 'tray', problem: null } as const;
    const { user } = await openWindow(withRouter(sampleStatus, { shown: 'locked', lockdown }));
    expect(screen.getByRole('heading', { level: 1, name: 'Locked down' })).toBeTruthy();
    const notice = screen.getByRole('region', { name: 'Clients get an error for everything they ask' });
    expect(notice.textContent).toContain('by the tray');
    await user.click(within(notice).getByRole('button', { name: 'Open Security' }));
    await headingOf('Security');
  });

  it('is not offered in the demo, where it would hold for every router of the person', async () => {
    await openSecurity(sampleSituations.demo);
    expect(screen.queryByRole('button', { name: 'Lock down now' })).toBeNull();
    expect(screen.getByText(/Not offered in the demo/)).toBeTruthy();
  });
});

describe('the steps of an incident', () => {
  it.each([
    ['Open Audit', 'Audit'],
    ['Open Activity', 'Activity'],
    ['Open Credentials', 'Credentials'],
  ])('%s', async (name, page) => {
    const { user } = await openSecurity();
    await user.click(button(name));
    await headingOf(page);
  });

  it('SEC-111 export the facts, tell how far it got, and where they are', async () => {
    let answer: (result: IncidentExport) => void = () => undefined;
    const { user, router, container } = await openSecurity(
      sampleSituations.connected,
      undefined,
      withSecurity({ 'incident.export': () => new Promise((resolve) => (answer = resolve)) }),
    );
    await user.click(button('Export the facts'));
    expect(screen.getByText('Waiting for the name of the file...')).toBeTruthy();
    act(() => router.announce('incident.progress', 'audit'));
    expect(screen.getByText('Reading the audit log...')).toBeTruthy();
    const missing = ['the log: it goes to stderr'];
    act(() => answer({ kind: 'written', path: '/home/ada/incident.json', contents: [], missing }));
    const told = await screen.findByRole('alert');
    expect(told.textContent).toContain('not all could be had');
    expect(told.textContent).toContain('/home/ada/incident.json');
    expect(told.textContent).toContain('Not in it: the log: it goes to stderr');
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it.each<readonly [string, () => Promise<IncidentExport>, string]>([
    [
      'what the system says',
      () => Promise.resolve({ kind: 'failed', message: '/x cannot be written: the disk is full.' }),
      'the disk is full',
    ],
    ['that something went wrong', () => Promise.reject(new Error('internal')), 'were not exported'],
  ])('say why there is no export: %s', async (_name, exported, words) => {
    const { user } = await openSecurity(undefined, undefined, withSecurity({ 'incident.export': exported }));
    await user.click(button('Export the facts'));
    expect((await screen.findByRole('alert')).textContent).toContain(words);
  });

  it('say nothing where no file was chosen', async () => {
    const { user } = await openSecurity();
    await user.click(button('Export the facts'));
    await waitFor(() => expect(screen.queryByText('Waiting for the name of the file...')).toBeNull());
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('detection', () => {
  it('says what is watched for and from when on, and leads to its settings', async () => {
    const { user } = await openSecurity();
    const rules = within(await screen.findByRole('list', { name: 'Detection' })).getAllByRole('listitem');
    expect(rules.map(({ textContent }) => textContent)).toEqual([
      'Refused sign-ins5 within 5 minOn',
      'Refused certificates of the gateway1 within 5 minOn',
      'Callers turned away on this machine3 within 5 minOn',
      'More requests than usualAbove 3 times the busiest usual minute, from 1500 a minuteOn',
      'Other requests than usualThe kinds of requests differ by 70 % from the usual ones, from 120 a minuteOn',
      'Tools that were never used before5 within 1 minOn',
      'Unusually large requests3 within 5 min, each above 256 KiB and 10 times the largest usual oneOn',
    ]);
    await user.click(button('Open its settings'));
    await headingOf('Settings');
    expect((await screen.findByRole<HTMLInputElement>('searchbox')).value).toBe('security.detection');
  }, 60_000);

  it('has alerts on top of the page, with what to do, and marks their rule', async () => {
    const alert = { rule: 'auth_failures', raisedAt: SAMPLE_NOW, seenAt: SAMPLE_NOW, count: 5 } as const;
    const { user, container } = await openSecurity(
      withRouter(sampleSituations.connected, { alerts: [alert] }),
    );
    const notice = await screen.findByRole('region', { name: /Sign-ins fail again and again/ });
    expect(notice.textContent).toContain('Look whether the token is the right one');
    const [first] = within(await screen.findByRole('list', { name: 'Detection' })).getAllByRole('listitem');
    expect(first?.textContent).toMatch(/Alert$/);
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(within(notice).getByRole('button', { name: 'Open Activity' }));
    await headingOf('Activity');
  });

  it('says when it is off, and when it is not known', async () => {
    const off = withSecurity({
      'security.detection': async () => {
        const report = await samplePages.security['security.detection']();
        return report.kind === 'configured' ? { ...report, isOn: false } : report;
      },
    });
    await openSecurity(undefined, undefined, off);
    expect(await screen.findByText('Detection is switched off.')).toBeTruthy();
    expect(screen.getAllByText('Off')).toHaveLength(7);
    cleanup();
    const unknown = () => Promise.reject(new Error('internal'));
    await openSecurity(undefined, undefined, withSecurity({ 'security.detection': unknown }));
    expect((await screen.findByRole('alert')).textContent).toContain('It is not known');
  });
});
