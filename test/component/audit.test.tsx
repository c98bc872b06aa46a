import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { auditCalls, AuditVerdict } from '../../src/shared/ipc/audit-calls';
import type { HandlersOf } from '../../src/shared/ipc/call';
import { noAuditFilter, type AuditFilter } from '../../src/shared/model/audit-filter';
import type { AppStatus } from '../../src/shared/ipc/contract';
import { sampleSituations, withRouter } from '../support/fake-desktop-router';
import { sampleAudit, sampleVerdict } from '../support/sample-audit';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function openAudit(
  audit: HandlersOf<typeof auditCalls>,
  status: AppStatus = sampleSituations.connected,
): Promise<TestWindow> {
  const opened = await openWindow(status, (bridge) => bridge, { audit });
  await opened.user.click(screen.getByRole('button', { name: 'Audit' }));
  return opened;
}

const list = (): Promise<HTMLElement> => screen.findByRole('listbox', { name: 'Records, newest first' });
const drawn = (): readonly Element[] => [...document.querySelectorAll('[role=listbox] [role=option]')];
const chosen = (): string =>
  drawn()
    .find((option) => option.getAttribute('aria-selected') === 'true')
    ?.getAttribute('aria-posinset') ?? '';

/** Typing is searched for after a pause, and a busy machine is slow. */
const PATIENT = { timeout: 8000 };

describe('the audit page', () => {
  it('draws a few rows of very many, the newest first, and says how many there are', async () => {
    const asked: number[] = [];
    const audit = sampleAudit(100_000);
    const { container } = await openAudit({
      ...audit,
      'audit.page': (input) => {
        asked.push(input.from);
        return audit['audit.page'](input);
      },
    });
    await screen.findByText('100,000 records');
    await waitFor(() => expect(drawn()[0]?.textContent).toContain('Limit reached'));
    expect(drawn().length).toBeLessThan(40);
    expect(drawn()[0]?.getAttribute('aria-setsize')).toBe('100000');
    expect(asked).toEqual([99_800]);
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('is walked through with the keyboard, from end to end', async () => {
    const { user, container } = await openAudit(sampleAudit(5000));
    const records = await list();
    records.focus();
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
    expect(chosen()).toBe('3');
    await user.keyboard('{ArrowUp}');
    expect(chosen()).toBe('2');
    await user.keyboard('{End}');
    fireEvent.scroll(records);
    await waitFor(() => expect(chosen()).toBe('5000'));
    await screen.findByRole('heading', { level: 2, name: 'Client attached' });
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.keyboard('{Home}');
    fireEvent.scroll(records);
    await waitFor(() => expect(chosen()).toBe('1'));
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('button', { name: 'Close the record' })).toBeNull();
  });

  it('shows a record with each thing by its name in words, and copies its request id', async () => {
    const { user } = await openAudit(sampleAudit(2));
    await list();
    await user.click(drawn()[0] ?? document.body);
    const details = within(await screen.findByRole('region', { name: 'Request' }));
    expect(details.getByText('Tool').nextSibling?.textContent).toContain('search-');
    expect(details.getByText('Size of the answer').nextSibling?.textContent).toBe('4,096 bytes');
    expect(details.getByText('Place in the log').nextSibling?.textContent).toContain(
      'Record 2 of chain 5e1f0a',
    );
    await user.click(details.getByRole('button', { name: 'Copy: Request id' }));
    expect(await navigator.clipboard.readText()).toBe('1');
  });

  it('asks for what is typed, and offers a way back from nothing', async () => {
    const filters: AuditFilter[] = [];
    const audit = sampleAudit(40);
    const { user, container } = await openAudit({
      ...audit,
      'audit.look': (filter) => {
        filters.push(filter);
        return sampleAudit(40, { view: filters.length, matching: filter.text === '' ? 40 : 0 })['audit.look'](
          filter,
        );
      },
    });
    await list();
    await user.type(screen.getByRole('searchbox', { name: 'Search' }), 'turned away');
    await screen.findByText('No record matches', undefined, PATIENT);
    await waitFor(() => expect(filters.at(-1)).toMatchObject({ text: 'turned away', topic: 'any' }), PATIENT);
    expect(filters.at(-1)?.actions).toEqual(['session', 'local-client-refused']);
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Clear filters' }));
    await list();
  });

  it('asks for an outcome, a time and a request id', async () => {
    const filters: AuditFilter[] = [];
    const audit = sampleAudit(40);
    const { user } = await openAudit({
      ...audit,
      'audit.look': (filter) => {
        filters.push(filter);
        return audit['audit.look'](filter);
      },
    });
    await list();
    await user.selectOptions(screen.getByRole('combobox', { name: 'Outcome' }), 'Problems');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Time' }), 'Last hour');
    await user.click(screen.getByRole('button', { name: 'More filters' }));
    await user.type(screen.getByRole('textbox', { name: 'Request id' }), '7');
    await waitFor(
      () => expect(filters.at(-1)).toMatchObject({ outcome: 'problem', requestId: '7', until: null }),
      PATIENT,
    );
    expect(Date.now() - (filters.at(-1)?.from ?? 0)).toBeGreaterThanOrEqual(3_600_000);
  });

  it('keeps its place while records come, and says how many', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let count = 500;
    const { user } = await openAudit({
      ...sampleAudit(500),
      'audit.page': (input) => sampleAudit(count)['audit.page'](input),
      'audit.grown': () => Promise.resolve({ kind: 'grown', total: count, matching: count }),
    });
    const records = await list();
    records.scrollTop = 2600;
    fireEvent.scroll(records);
    const before = drawn().map((option) => option.getAttribute('aria-posinset'));
    count = 503;
    await act(() => vi.advanceTimersByTimeAsync(1100));
    expect(drawn().map((option) => option.getAttribute('aria-posinset'))).toEqual(before);
    expect(drawn()[0]?.getAttribute('aria-setsize')).toBe('500');
    await user.click(screen.getByRole('button', { name: '3 new records' }));
    fireEvent.scroll(records);
    expect(drawn()[0]?.getAttribute('aria-setsize')).toBe('503');
    expect(document.activeElement).toBe(records);
  });

  it('says what the log is while it is off, and switches it on', async () => {
    let isEnabled = false;
    const { router, user, container } = await openAudit({
      ...sampleAudit(0),
      'audit.look': (filter) => sampleAudit(0, { isEnabled })['audit.look'](filter),
      'audit.enable': () => {
        isEnabled = true;
        return Promise.resolve({ ok: true });
      },
    });
    await screen.findByText('The audit log is off');
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Switch on' }));
    await screen.findByText('No records yet');
    expect(router.calls).toEqual(['read changes']);
  });

  it('says why it could not be switched on, and what comes first without settings', async () => {
    const refused = { ok: false, code: 'config-invalid', message: 'line 3: no' } as const;
    const off = sampleAudit(3, { isEnabled: false }, { 'audit.enable': () => Promise.resolve(refused) });
    const { user } = await openAudit(off);
    await user.click(await screen.findByRole('button', { name: 'Switch on' }));
    expect((await screen.findByRole('alert')).textContent).toContain('line 3: no');
    cleanup();
    await openAudit(sampleAudit(0, { isEnabled: false }), sampleSituations['not set up']);
    await screen.findByText(/Set up a connection first/);
  });

  it('says that it cannot be read, or not written, with the next step', async () => {
    const audit = sampleAudit(
      3,
      {},
      {
        'audit.look': () => Promise.resolve({ kind: 'unreadable', message: 'no permission' }),
      },
    );
    const degradations = [{ code: 'audit-not-writable', text: 'the disk is full' }] as const;
    await openAudit(audit, withRouter(sampleSituations.connected, { degradations }));
    expect(
      (await screen.findByRole('region', { name: 'The audit log cannot be read' })).textContent,
    ).toContain('no permission');
    expect(screen.getByRole('region', { name: 'The audit log cannot be written' }).textContent).toContain(
      'the disk is full',
    );
  });
});

describe('checking the log', () => {
  const bad = {
    ...sampleVerdict,
    records: 41,
    sealedTo: null,
    sealedAt: null,
    whyUnsealed: 'something is wrong',
  };
  const file = '/home/ada/audit/audit.log.3';
  const problem = (kind: NonNullable<typeof sampleVerdict.problem>['kind'], record: number | null) => ({
    kind,
    record,
    text: 'the exact words',
  });

  it.each<[string, Partial<typeof sampleVerdict>, readonly (string | RegExp)[]]>([
    ['The log is intact', {}, ['1,190 records are as written', '10 records behind the seal']],
    [
      'Record 42 was changed',
      { ...bad, problem: problem('changed', 42), badLine: { file, line: 42 } },
      [`${file}, line 42`, 'The 41 records before it are as written', 'Leave the files as they are'],
    ],
    [
      'The end of the log was cut off',
      { ...bad, problem: problem('missing', 1201) },
      ['Look for the missing file in a backup'],
    ],
    [
      'The beginning of the log is missing',
      { ...bad, from: 400, problem: problem('missing', 1) },
      ['Look for the missing file in a backup'],
    ],
    ['The seal of the log is gone', { ...bad, problem: problem('head-missing', null) }, ['the exact words']],
    [
      'The records are whole, but the end is not sealed',
      { sealedTo: null, sealedAt: null, whyUnsealed: 'the keychain is locked' },
      ['the keychain is locked', 'Unlock the keychain'],
    ],
  ])('SEC-104 says in words: %s', async (title, change, words) => {
    const verdict: AuditVerdict = { kind: 'checked', at: 0, chains: [{ ...sampleVerdict, ...change }] };
    const { user, container } = await openAudit(
      sampleAudit(1200, {}, { 'audit.verify': () => Promise.resolve(verdict) }),
    );
    await user.click(await screen.findByRole('button', { name: 'Check the log' }));
    const notice = await screen.findByRole('region', { name: title });
    for (const word of words) expect(notice.textContent).toContain(word);
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('region', { name: title })).toBeNull();
  });

  it('tells how far it got, and can be stopped', async () => {
    let end = (_verdict: AuditVerdict): void => undefined;
    const cancelled: string[] = [];
    const { router, user, container } = await openAudit({
      ...sampleAudit(100_000),
      'audit.verify': () => new Promise((resolve) => (end = resolve)),
      'audit.cancel': ({ job }) => {
        cancelled.push(job);
        end({ kind: 'cancelled' });
        return Promise.resolve({ ok: true });
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Check the log' }));
    act(() =>
      router.announce('audit.progress', { job: 'verify', records: 52_000, share: 0.52, leftMs: 3000 }),
    );
    expect(screen.getByText('52,000 of 100,000 records, 3 s left')).toBeTruthy();
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('52');
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await screen.findByText(/Stopped before the end/);
    expect(cancelled).toEqual(['verify']);
  });
});

describe('exporting the log', () => {
  it('SEC-103 sends the filter and the format, and no path', async () => {
    const asked: unknown[] = [];
    const { user } = await openAudit({
      ...sampleAudit(30),
      'audit.export': (input) => {
        asked.push(input);
        return Promise.resolve({ kind: 'written', path: '/home/ada/a.csv', records: 30, leftOut: 1 });
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Export' }));
    await user.click(await screen.findByRole('menuitem', { name: 'As CSV, for spreadsheets' }));
    const told = await screen.findByRole('region', { name: '30 records exported' });
    expect(told.textContent).toContain('/home/ada/a.csv');
    expect(told.textContent).toContain('1 line was left out');
    expect(asked).toEqual([{ format: 'csv', filter: noAuditFilter }]);
  });
});
