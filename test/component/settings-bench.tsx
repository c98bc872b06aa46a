import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanup, configure, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { desktopSettings } from '../../src/main/compose/desktop-settings';
import { loadConfig, type LoadOptions } from '../../src/main/platform/load-config';
import type { RouterBridge } from '../../src/shared/ipc/contract';
import { sampleSituations } from '../support/fake-desktop-router';
import type { TestWindow } from './window';
import { openWindow } from './window';

// Many fields on a machine that does other things as well; asking what is hidden takes most of the time.
configure({ asyncUtilTimeout: 20_000, defaultHidden: true });
vi.setConfig({ testTimeout: 120_000 });

export const FILE = [
  '# mine: keep',
  'gateway:',
  '  url: wss://gateway.example/ # the one',
  'local:',
  '  max_sessions: 3   # few',
  '  blocked_clients: [old]',
  'metrics:',
  '  labels: { team: blue }',
  '',
].join('\n');

/** Where the test's file is, and what was opened in an editor. */
export const place = { home: '', path: '', opened: [] as string[] }; // filled by each test

beforeEach(() => {
  place.home = mkdtempSync(join(tmpdir(), 'settings-'));
  place.path = join(place.home, 'mcp-router.yaml');
  place.opened = [];
});

afterEach(() => {
  cleanup();
  rmSync(place.home, { recursive: true, force: true });
});

interface Options {
  readonly text?: string | null;
  readonly env?: Record<string, string>;
  readonly status?: Parameters<typeof openWindow>[0];
  readonly change?: (bridge: RouterBridge) => RouterBridge;
}

/** The page on a real file. */
export async function openSettings({
  text = FILE,
  env = {},
  status,
  change,
}: Options = {}): Promise<TestWindow> {
  const { home, path, opened } = place;
  if (text !== null) writeFileSync(path, text, { mode: 0o600 });
  const user = { platform: process.platform, env, home };
  const load: LoadOptions = { place: user, cwd: home, uid: process.geteuid?.() ?? null };
  const settings = desktopSettings({
    machine: {
      place: user,
      loadConfig: () => loadConfig({ ...load, explicitPath: text === null ? undefined : path }),
    },
    load,
    openPath: (file) => {
      opened.push(file);
      return Promise.resolve('');
    },
  });
  const window = await openWindow(status ?? sampleSituations.connected, change, { settings });
  await window.user.click(screen.getByRole('button', { name: 'Settings' }));
  await screen.findByRole('heading', { level: 1, name: 'Settings' });
  return window;
}

export const field = (name: string): Promise<HTMLInputElement> =>
  screen.findByLabelText<HTMLInputElement>(name);
export const saved = (): string => readFileSync(place.path, 'utf8');

export async function find({ user }: TestWindow, words: string): Promise<void> {
  const search = await screen.findByRole('searchbox', { name: 'Find a setting' });
  await user.tripleClick(search);
  await user.paste(words);
}

export async function type({ user }: TestWindow, name: string, text: string): Promise<HTMLInputElement> {
  const input = await field(name);
  await user.clear(input);
  if (text !== '') {
    await user.click(input);
    await user.paste(text);
  }
  return input;
}

export const reviewButton = (): HTMLElement => screen.getByRole('button', { name: 'Review changes' });
export const isEnabled = (button: HTMLElement): boolean => !button.hasAttribute('disabled');

export async function review({ user }: TestWindow): Promise<HTMLElement> {
  await waitFor(() => expect(isEnabled(reviewButton())).toBe(true));
  await user.click(reviewButton());
  return screen.findByRole('list', { name: 'Changes in the file' });
}

export async function save(window: TestWindow): Promise<void> {
  await review(window);
  await window.user.click(screen.getByRole('button', { name: 'Save' }));
}
