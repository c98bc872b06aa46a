import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { sampleSituations, withRouter } from '../support/fake-desktop-router';
import { field, find, openSettings, place, review, save, type } from './settings-bench';
import { accessibilityProblems } from './window';

describe('a settings file', () => {
  it('that does not parse is shown with line and reason, and opened in an editor', async () => {
    const { user, container } = await openSettings({ text: 'gateway:\n  url: [\n' });
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The settings file cannot be read');
    expect(alert.textContent).toContain('Line ');
    expect(screen.queryByRole('searchbox')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Open in editor' }));
    await waitFor(() => expect(place.opened).toEqual([place.path]));
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('that is not there yet is made by saving', async () => {
    const window = await openSettings({ text: null });
    expect(await screen.findByText('There is no settings file yet. Saving makes one here.')).toBeDefined();
    expect(screen.queryByRole('button', { name: 'Open in editor' })).toBeNull();
    await find(window, 'gateway.url');
    await type(window, 'Address', 'wss://new.example/');
    await save(window);
    await screen.findByText('Saved.');
    const made = join(place.home, '.config/claude-cli/mcp-router.yaml');
    expect(readFileSync(made, 'utf8')).toContain('gateway:\n  url: wss://new.example/\n');
  });

  it('with several endpoints shows them, and edits what they have in common', async () => {
    const text =
      'gateway_pool:\n  endpoints:\n    - url: wss://a.example/\n    - { url: "wss://b.example/", priority: 2 }\n';
    const window = await openSettings({ text });
    expect(await screen.findByText('wss://b.example/')).toBeDefined();
    expect(screen.getByText('Priority 2, weight 1')).toBeDefined();
    await find(window, 'gateway.url');
    expect((await field('Address')).disabled).toBe(true);
    expect(await accessibilityProblems(window.container)).toEqual([]);
  });

  it('of which a variable covers a key says so', async () => {
    const window = await openSettings({ env: { MCP_LOCAL_MAX_SESSIONS: '7' } });
    expect(
      await screen.findByText('The environment variable MCP_LOCAL_MAX_SESSIONS has the last word: 7.'),
    ).toBeDefined();
    await type(window, 'Clients at once', '0');
    expect(await screen.findByText(/local\.max_sessions must be/)).toBeDefined();
    await type(window, 'Clients at once', '12');
    await review(window);
    expect(screen.getByText('Clients at once (MCP_LOCAL_MAX_SESSIONS)')).toBeDefined();
  });

  it('that cannot be asked for is said', async () => {
    await openSettings({
      change: (bridge) => ({ ...bridge, 'settings.get': () => Promise.reject(new Error('internal')) }),
    });
    expect((await screen.findByRole('alert')).textContent).toContain('The settings cannot be read');
  });
});

it('shows where metrics are served, with their settings', async () => {
  const window = await openSettings({
    status: withRouter(sampleSituations.connected, { metricsAddress: 'http://localhost:9091/metrics' }),
  });
  await window.user.click(await screen.findByRole('button', { name: /^Metrics/ }));
  expect(screen.getByText('Served at http://localhost:9091/metrics')).toBeDefined();
  window.router.show(sampleSituations.connected);
  expect(await screen.findByText('Not served right now.')).toBeDefined();
});
