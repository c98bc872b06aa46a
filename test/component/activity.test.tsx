import { act, cleanup, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleSituations } from '../support/fake-desktop-router';
import { sampleEvents } from '../support/sample-events';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

afterEach(cleanup);

async function openActivity(name: keyof typeof sampleSituations): Promise<TestWindow> {
  const opened = await openWindow(sampleSituations[name]);
  await opened.user.click(screen.getByRole('button', { name: 'Activity' }));
  return opened;
}

const lines = (): readonly string[] =>
  within(screen.getByRole('list', { name: 'Events, newest first' }))
    .getAllByRole('listitem')
    .map((item) => item.textContent);

describe('the activity page', () => {
  it('counts auth failures and rate-limit hits', async () => {
    await openActivity('attached clients');
    const figure = (name: string): string =>
      screen.getByText(name, { selector: 'dt' }).parentElement?.querySelector('dd')?.textContent ?? '';
    expect(figure('Auth failures')).toBe('2');
    expect(figure('Rate-limit hits')).toBe('4');
    expect(figure('Connection errors')).toBe('3');
    expect(figure('Requests')).toBe((1248).toLocaleString());
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
      'Claude Code got an answer12 ms',
      'Signing inToken in the environment variable MCP_AUTH_TOKEN',
      'Good: The router connected to the gateway',
    ]) {
      expect(all).toContain(words);
    }
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('shows problems alone when asked', async () => {
    const { router, user } = await openActivity('connected');
    act(() => router.tell(sampleEvents));
    const before = lines().length;
    await user.click(screen.getByRole('radio', { name: 'Problems' }));
    expect(lines().length).toBeLessThan(before);
    expect(lines().every((line) => /(Problem|Warning): /.test(line))).toBe(true);
  });

  it('says when nothing has happened, and when nothing went wrong', async () => {
    const { user, container } = await openActivity('connected');
    expect(screen.getByText('Nothing has happened yet')).toBeDefined();
    await user.click(screen.getByRole('radio', { name: 'Problems' }));
    expect(screen.getByText('No problems')).toBeDefined();
    expect(await accessibilityProblems(container)).toEqual([]);
  });
});
