import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { DesktopPages } from '../../src/main/desktop-pages';
import type { AppStatus, RouterBridge } from '../../src/shared/ipc/contract';
import type { IncidentExport } from '../../src/shared/ipc/security-calls';
import type { PosturePoint, PostureReport } from '../../src/shared/model/posture';
import {
  SAMPLE_NOW,
  samplePosture,
  sampleSituations,
  sampleStatus,
  withRouter,
} from '../support/fake-desktop-router';
import { sampleEvents } from '../support/sample-events';
import { samplePages } from '../support/sample-pages';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

afterEach(cleanup);

async function openSecurity(
  status: AppStatus = sampleSituations.connected,
  change?: (bridge: RouterBridge) => RouterBridge,
  pages: Partial<DesktopPages> = {},
): Promise<TestWindow> {
  const opened = await openWindow(status, change, pages);
  await opened.user.click(screen.getByRole('button', { name: 'Security' }));
  return opened;
}

const locked = withRouter(sampleSituations.locked, {
  lockdown: { since: SAMPLE_NOW, by: 'command', problem: null },
});
const withSecurity = (more: Partial<DesktopPages['security']>): Partial<DesktopPages> => ({
  security: { ...samplePages.security, ...more },
});
const withPosture =
  (answer: () => Promise<PostureReport>) =>
  (bridge: RouterBridge): RouterBridge => ({ ...bridge, 'posture.get': answer });
const reported = (...points: readonly PosturePoint[]): Promise<PostureReport> =>
  Promise.resolve({ kind: 'evaluated', points });
const button = (name: string): HTMLElement => screen.getByRole('button', { name });
const headingOf = (name: string): Promise<HTMLElement> => screen.findByRole('heading', { level: 1, name });
const problems = async (): Promise<readonly HTMLElement[]> =>
  within(await screen.findByRole('list', { name: 'Points that need something' })).getAllByRole('listitem');

describe('the checklist', () => {
  it('SEC-57 shows what is not good first, with its verdict, what was found and what mends it', async () => {
    const { container, user } = await openSecurity();
    const points = await problems();
    expect(points.map(({ textContent }) => textContent)).toEqual([
      expect.stringMatching(
        /^Audit log.*the audit log is off.*What to do: Set logging\.audit\.enabled: true\..*Not safe/,
      ),
      expect.stringMatching(/^Security updates.*nobody looked.*Needs a look$/),
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
    const notice = screen.getByRole('region', { name: 'Locked down: nothing passes' });
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
