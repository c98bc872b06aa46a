import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RouterEvent, RouterFact } from '../../src/shared/model/events';
import { SAMPLE_NOW, sampleSituations, withRouter } from '../support/fake-desktop-router';
import { sampleEvents } from '../support/sample-events';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

beforeEach(() => {
  vi.spyOn(Date, 'now').mockReturnValue(SAMPLE_NOW);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const MINUTE_MS = 60_000;

async function openActivity(name: keyof typeof sampleSituations): Promise<TestWindow> {
  const opened = await openWindow(sampleSituations[name]);
  await opened.user.click(screen.getByRole('button', { name: 'Activity' }));
  return opened;
}

const lines = (): readonly string[] =>
  within(screen.getByRole('list', { name: 'Events, newest first' }))
    .queryAllByRole('listitem')
    .map((item) => item.textContent);

/** Events one second apart, the last of them `agoMs` before now. */
function happened(facts: readonly RouterFact[], agoMs = 0, firstSequence = 1000): readonly RouterEvent[] {
  return facts.map((fact, index) => ({
    ...fact,
    sequence: firstSequence + index,
    at: SAMPLE_NOW - agoMs - (facts.length - 1 - index) * 1000,
  }));
}

const limited = (session: string): RouterFact => ({
  kind: 'rate-limited',
  session,
  limit: 'local.rate_limit',
  retryAfterMs: 20,
});
const named = (session: string, clientName: string): RouterFact => ({
  kind: 'session-named',
  session,
  clientName,
});

describe('the activity page', () => {
  it('counts auth failures and rate-limit hits', async () => {
    await openActivity('attached clients');
    for (const name of ['2 Auth failures', '4 Rate-limit hits', '3 Connection errors']) {
      expect(screen.getByRole('button', { name })).toBeDefined();
    }
    expect(screen.getByText('Requests').parentElement?.textContent).toContain((1248).toLocaleString());
  });

  it('tells every kind of event in words, newest first', async () => {
    const { router, container } = await openActivity('connected');
    act(() => router.tell(sampleEvents));
    expect(lines()[0]).toContain('The router stopped');
    expect(lines().at(-1)).toContain('The router started');
    const all = lines().join('\n');
    for (const words of [
      'Problem: Auth failed: the gateway refused the credential.',
      'Warning: Claude Code hit a limitToo many requests per second (local.rate_limit)',
      'Claude Code got an answer8 ms3 times, last',
      'Signing inToken in the environment variable MCP_AUTH_TOKEN',
      'Good: The router connected to the gateway',
      'What to do: A web page or a program with an old token may be the reason',
    ]) {
      expect(all).toContain(words);
    }
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('says when nothing has happened, when nothing went wrong, and when nothing fits', async () => {
    const { router, user, container } = await openActivity('connected');
    expect(screen.getByText('Nothing has happened yet')).toBeDefined();
    expect(await accessibilityProblems(container)).toEqual([]);
    act(() => router.tell(happened([{ kind: 'engine-started' }])));
    await user.click(screen.getByRole('switch', { name: 'Problems only' }));
    expect(screen.getByText('No problems')).toBeDefined();
    await user.selectOptions(screen.getByLabelText('About'), 'Rate limits');
    expect(screen.getByText('Nothing fits')).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Show everything' }));
    expect(lines()).toHaveLength(1);
  });

  it('says that it begins with the start and is bounded', async () => {
    await openActivity('connected');
    expect(screen.getByText(/what happened before is not in it\. It keeps 500 events/)).toBeDefined();
  });

  it('shows an alert that is not over above everything, with what to do', async () => {
    const { router } = await openActivity('connected');
    const alert = { rule: 'auth_failures', raisedAt: SAMPLE_NOW, seenAt: SAMPLE_NOW, count: 5 } as const;
    act(() => router.show(withRouter(sampleSituations.connected, { alerts: [alert] })));
    const notice = screen.getByRole('region', { name: 'Security alert: Sign-ins fail again and again' });
    expect(notice.textContent).toContain('What to do: Look whether the token is the right one');
    expect(notice.textContent).toContain('Seen 5 times');
  });
});

describe('the filters', () => {
  it('show problems alone', async () => {
    const { router, user } = await openActivity('connected');
    act(() => router.tell(sampleEvents));
    const before = lines().length;
    await user.click(screen.getByRole('switch', { name: 'Problems only' }));
    expect(lines().length).toBeLessThan(before);
    expect(lines().every((line) => /(Problem|Warning): /.test(line))).toBe(true);
  });

  it('show one kind, one client, and both together', async () => {
    const { router, user } = await openActivity('connected');
    const facts = [named('s1', 'Ada'), named('s2', 'Bob'), limited('s1'), limited('s2')];
    act(() => router.tell(happened(facts)));
    await user.selectOptions(screen.getByLabelText('About'), 'Rate limits');
    expect(lines()).toHaveLength(2);
    await user.selectOptions(screen.getByLabelText('Who'), 'Bob');
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toContain('Bob hit a limit');
    await user.selectOptions(screen.getByLabelText('About'), 'Everything');
    expect(lines()).toHaveLength(2);
    expect(screen.getByText('2 of 4 events')).toBeDefined();
  });

  it('show what happened since a while ago', async () => {
    const { router, user } = await openActivity('connected');
    const agos = [26 * 60 * MINUTE_MS, 50 * MINUTE_MS, 14 * MINUTE_MS];
    act(() =>
      router.tell(agos.flatMap((ago, index) => happened([named('s1', `C${index}`)], ago, index + 1))),
    );
    const shown: Record<string, number> = {};
    for (const range of ['Last 15 minutes', 'Last hour', 'Today', 'Since the start']) {
      await user.selectOptions(screen.getByLabelText('When'), range);
      shown[range] = lines().length;
    }
    expect(shown).toEqual({ 'Last 15 minutes': 1, 'Last hour': 2, Today: 2, 'Since the start': 3 });
  });

  it('are set by a counter, and reset by it', async () => {
    const { router, user } = await openActivity('attached clients');
    act(() => router.tell(sampleEvents));
    const all = lines().length;
    const counter = screen.getByRole('button', { name: '3 Connection errors' });
    await user.click(counter);
    expect(counter.getAttribute('aria-pressed')).toBe('true');
    expect(lines().join('\n')).toContain('ECONNRESET');
    expect(lines().join('\n')).not.toContain('hit a limit');
    expect(lines().every((line) => /(Problem|Warning): /.test(line))).toBe(true);
    await user.click(counter);
    expect(lines()).toHaveLength(all);
  });
});

describe('lines that say the same', () => {
  it('stand together with how often and when last, also with others between them, and open', async () => {
    const { router, user, container } = await openActivity('connected');
    const facts = [
      named('s1', 'Ada'),
      limited('s1'),
      named('s2', 'Bob'),
      limited('s1'),
      limited('s2'),
      limited('s1'),
    ];
    act(() => router.tell(happened(facts)));
    expect(lines()[0]).toContain('Ada hit a limit');
    const button = screen.getByRole('button', { name: /^3 times, last / });
    expect(button.getAttribute('aria-expanded')).toBe('false');
    await user.click(button);
    const each = within(screen.getByRole('list', { name: 'Each of them, newest first' }));
    expect(each.getAllByRole('listitem')).toHaveLength(3);
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('switch', { name: 'Put repeated lines together' }));
    expect(lines().filter((line) => line.includes('Ada hit a limit'))).toHaveLength(3);
  });

  it('are told once where the refusal and its limit are two events', async () => {
    const { router } = await openActivity('connected');
    const refusal = { kind: 'request-refused', session: 's1', code: 'rate-limited', detail: '' } as const;
    act(() => router.tell(happened([refusal, limited('s1'), { ...refusal, code: 'message-too-large' }])));
    expect(lines()).toHaveLength(2);
  });
});

describe('whoever reads', () => {
  it('is not moved by new lines, and is told of them', async () => {
    const { router, user } = await openActivity('connected');
    act(() => router.tell(sampleEvents));
    const before = lines();
    const place = vi.spyOn(Element.prototype, 'getBoundingClientRect');
    place.mockReturnValue(new DOMRect(0, -200, 100, 20));
    fireEvent.scroll(screen.getByRole('main'));
    act(() => router.tell(happened([named('s7', 'Newcomer'), limited('s7')])));
    expect(lines()).toEqual(before);
    Element.prototype.scrollIntoView = () => undefined;
    await user.click(screen.getByRole('button', { name: '2 new events' }));
    expect(lines()[0]).toContain('Newcomer hit a limit');
    place.mockRestore();
  });
});
