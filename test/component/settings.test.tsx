import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { act, cleanup, configure, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { desktopSettings } from '../../src/main/compose/desktop-settings';
import { loadConfig, type LoadOptions } from '../../src/main/platform/load-config';
import type { RouterBridge } from '../../src/shared/ipc/contract';
import { settingEffects } from '../../src/shared/model/setting-effects';
import { sampleSituations, withRouter } from '../support/fake-desktop-router';
import type { TestWindow } from './window';
import { accessibilityProblems, openWindow } from './window';

// Many fields on a machine that does other things as well; asking what is hidden takes most of the time.
configure({ asyncUtilTimeout: 20_000, defaultHidden: true });
vi.setConfig({ testTimeout: 120_000 });

const FILE = [
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

let home: string;
let path: string;
let opened: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'settings-'));
  path = join(home, 'mcp-router.yaml');
  opened = [];
});

afterEach(() => {
  cleanup();
  rmSync(home, { recursive: true, force: true });
});

interface Options {
  readonly text?: string | null;
  readonly env?: Record<string, string>;
  readonly status?: Parameters<typeof openWindow>[0];
  readonly change?: (bridge: RouterBridge) => RouterBridge;
}

/** The page on a real file. */
async function openSettings({ text = FILE, env = {}, status, change }: Options = {}): Promise<TestWindow> {
  if (text !== null) writeFileSync(path, text, { mode: 0o600 });
  const place = { platform: process.platform, env, home };
  const load: LoadOptions = { place, cwd: home, uid: process.geteuid?.() ?? null };
  const settings = desktopSettings({
    machine: {
      place,
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

const field = (name: string): Promise<HTMLInputElement> => screen.findByLabelText<HTMLInputElement>(name);
const saved = (): string => readFileSync(path, 'utf8');

async function find({ user }: TestWindow, words: string): Promise<void> {
  const search = await screen.findByRole('searchbox', { name: 'Find a setting' });
  await user.tripleClick(search);
  await user.paste(words);
}

async function type({ user }: TestWindow, name: string, text: string): Promise<HTMLInputElement> {
  const input = await field(name);
  await user.clear(input);
  if (text !== '') {
    await user.click(input);
    await user.paste(text);
  }
  return input;
}

const reviewButton = (): HTMLElement => screen.getByRole('button', { name: 'Review changes' });
const isEnabled = (button: HTMLElement): boolean => !button.hasAttribute('disabled');

async function review({ user }: TestWindow): Promise<HTMLElement> {
  await waitFor(() => expect(isEnabled(reviewButton())).toBe(true));
  await user.click(reviewButton());
  return screen.findByRole('list', { name: 'Changes in the file' });
}

async function save(window: TestWindow): Promise<void> {
  await review(window);
  await window.user.click(screen.getByRole('button', { name: 'Save' }));
}

describe('the settings page', () => {
  it('shows limits open, the rest closed, and what differs from the default', async () => {
    const { container } = await openSettings();
    const input = await field('Clients at once');
    expect(input.value).toBe('3');
    const group = input.closest('[data-setting]');
    expect(group?.textContent).toContain('Changed from the default');
    expect(group?.textContent).toContain('Default: 64');
    expect(screen.queryByLabelText('Least TLS version')).toBeNull();
    expect(screen.getByRole('button', { name: /^What clients may do 1 set, 5 settings/ })).toBeDefined();
    expect(await accessibilityProblems(container)).toEqual([]);
  });

  it('opens each section by keyboard, each accessible, and has every key in one of them', async () => {
    const { user, container } = await openSettings();
    await user.click(await screen.findByRole('button', { name: /^Limits/ }));
    const found: string[] = [];
    for (const toggle of screen.getAllByRole('button', { expanded: false })) {
      act(() => toggle.focus());
      await user.keyboard('{Enter}');
      const fields = [...container.querySelectorAll<HTMLElement>('[data-setting]')];
      found.push(...fields.map(({ dataset }) => dataset['setting'] ?? ''));
      const section = toggle.closest<HTMLElement>('section');
      if (section !== null) expect(await accessibilityProblems(section)).toEqual([]);
      await user.keyboard('{Enter}');
    }
    expect(found.sort()).toEqual(Object.keys(settingEffects).sort());
  }, 120_000);

  it.each([
    ['timeout', 'Time to connect'],
    ['max_line', 'Longest line'],
    ['e-mail addresses', 'Mask personal data'],
    ['gateway tls min', 'Least TLS version'],
  ])('finds by name, key and explanation: %s', async (words, name) => {
    const window = await openSettings();
    await find(window, words);
    expect(await screen.findByText(name)).toBeDefined();
    expect(screen.getByText(/settings? found/)).toBeDefined();
  });

  it('says when nothing is found', async () => {
    const window = await openSettings();
    await find(window, 'zebra');
    expect(await screen.findByText('Nothing fits these words')).toBeDefined();
  });
});

describe('SEC-109 a change of settings', () => {
  it('is checked while it is typed, reviewed, and written with everything else as it was', async () => {
    const window = await openSettings();
    await type(window, 'Clients at once', '12');
    const lines = await review(window);
    expect(saved()).toBe(FILE);
    expect(
      within(lines)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual([
      expect.stringContaining('url: wss://gateway.example/ # ...'),
      expect.stringContaining('local:'),
      expect.stringContaining('removed:   max_sessions: 3   # ...'),
      expect.stringContaining('added:   max_sessions: 12   # ...'),
      expect.stringContaining('blocked_clients: [old]'),
      expect.stringContaining('metrics:'),
    ]);
    expect(await accessibilityProblems(window.container)).toEqual([]);
    await window.user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(saved()).toBe(FILE.replace('max_sessions: 3', 'max_sessions: 12'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(window.router.calls).toEqual(['read changes']);
    expect(screen.queryByRole('button', { name: 'Review changes' })).toBeNull();
  });

  it('is not written when it is not valid; the problem stands at its field', async () => {
    const window = await openSettings();
    const input = await type(window, 'Clients at once', 'many');
    expect(
      await screen.findByText(/Line 5: local\.max_sessions must be a whole number from 1/),
    ).toBeDefined();
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(isEnabled(reviewButton())).toBe(false);
    expect(await accessibilityProblems(window.container)).toEqual([]);
    await window.user.click(screen.getByRole('button', { name: 'Undo the change of Clients at once' }));
    expect(screen.queryByText(/must be a whole number/)).toBeNull();
    expect(saved()).toBe(FILE);
  });

  it('shows above the fields what belongs to none of them', async () => {
    await openSettings({ text: `${FILE}  lables: {}\n` });
    const notice = await screen.findByRole('region', { name: 'Something does not fit together' });
    expect(notice.textContent).toContain('Line 9: metrics.lables unknown key; did you mean metrics.labels?');
  });

  it('of a file that changed meanwhile is refused, and stands on top of the newer file', async () => {
    const window = await openSettings();
    await type(window, 'Clients at once', '12');
    await review(window);
    const newer = FILE.replace('# few', '# by hand').replace('[old]', '[old, other]');
    writeFileSync(path, newer);
    await window.user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('The file was changed meanwhile')).toBeDefined();
    expect(saved()).toBe(newer);
    expect(window.router.calls).toEqual([]);
    expect((await field('Clients at once')).value).toBe('12');
    await save(window);
    await screen.findByText('Saved.');
    expect(saved()).toBe(newer.replace('max_sessions: 3', 'max_sessions: 12'));
  });

  it('is noticed to be of an older file when the window is looked at again', async () => {
    const window = await openSettings();
    await type(window, 'Clients at once', '12');
    writeFileSync(path, `${FILE}# more\n`);
    act(() => void globalThis.dispatchEvent(new Event('focus')));
    expect(await screen.findByText('The file was changed outside this window')).toBeDefined();
  });

  it('goes back to the default, and says what waits for the next start', async () => {
    const window = await openSettings();
    await find(window, 'log');
    await window.user.selectOptions(await field('Level'), 'debug');
    await find(window, 'clients at once');
    await window.user.click(
      await screen.findByRole('button', { name: 'Reset Clients at once to its default' }),
    );
    expect((await field('Clients at once')).value).toBe('64');
    await save(window);
    await screen.findByText('Saved.');
    expect(screen.getByText('After the next start of MCP Router').nextSibling?.textContent).toBe('Level');
    expect(screen.getByText('In effect now').nextSibling?.textContent).toBe('Clients at once');
    expect(saved()).toBe(
      FILE.replace('  max_sessions: 3   # few\n', '  # few\n') + 'logging:\n  level: debug\n',
    );
  });

  it('writes each kind of value', async () => {
    const window = await openSettings();
    const { user } = window;
    await find(window, 'blocked');
    await type(window, 'Blocked clients', 'old\nnew one');
    await find(window, 'labels');
    await type(window, 'Labels', 'team=blue\nsite=north');
    await find(window, 'serve metrics');
    await user.selectOptions(await field('Serve metrics'), 'off');
    await find(window, 'limit the rate');
    await user.click(await field('Limit the rate'));
    await find(window, 'cipher');
    await user.click(screen.getByRole('checkbox', { name: 'TLS_AES_128_GCM_SHA256' }));
    await find(window, 'contact');
    await type(window, 'Contact for incidents', 'ops@example.com');
    await save(window);
    await screen.findByText('Saved.');
    const text = saved();
    expect(text).toContain('blocked_clients: [old, "new one"]');
    expect(text).toContain('labels: { team: blue, site: north }');
    expect(text).toContain('enabled: false');
    expect(text).not.toContain('TLS_AES_128_GCM_SHA256');
    expect(text).toContain('contact: ops@example.com');
    expect(text.startsWith('# mine: keep\ngateway:\n  url: wss://gateway.example/ # the one\n')).toBe(true);
  }, 60_000);

  it('can be thrown away', async () => {
    const window = await openSettings();
    await type(window, 'Clients at once', '12');
    await window.user.click(await screen.findByRole('button', { name: 'Discard' }));
    expect((await field('Clients at once')).value).toBe('3');
  });
});

describe('SEC-108 the settings page', () => {
  it('shows no secret that stands in the file, and leads to Credentials', async () => {
    const text = [
      'gateway:',
      '  url: wss://gateway.example/',
      '  auth:',
      '    token_env: sk-abcdefghijklmnopqrstuvwxyz',
      '    token: hunter2 # and sk-zzzzzzzzzzzzzzzzzzzzzz',
      '    token_command: [print-token, --secret, hunter3]',
      '',
    ].join('\n');
    const window = await openSettings({ text });
    await find(window, 'gateway.auth.token');
    expect(await screen.findByText(/"token" would hold the secret itself/)).toBeDefined();
    const shown = document.body.innerHTML;
    for (const secret of ['sk-abc', 'hunter2', 'hunter3', 'sk-zzz']) expect(shown).not.toContain(secret);
    expect((await field('Token in a variable')).disabled).toBe(true);
    await window.user.click(screen.getByRole('button', { name: 'Open Credentials' }));
    expect(await screen.findByRole('heading', { level: 1, name: 'Credentials' })).toBeDefined();
  });
});

describe('a settings file', () => {
  it('that does not parse is shown with line and reason, and opened in an editor', async () => {
    const { user, container } = await openSettings({ text: 'gateway:\n  url: [\n' });
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The settings file cannot be read');
    expect(alert.textContent).toContain('Line ');
    expect(screen.queryByRole('searchbox')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Open in editor' }));
    await waitFor(() => expect(opened).toEqual([path]));
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
    const made = join(home, '.config/claude-cli/mcp-router.yaml');
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
