import { statSync, writeFileSync } from 'node:fs';
import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { settingEffects } from '../../src/shared/model/setting-effects';
import {
  FILE,
  field,
  find,
  isEnabled,
  openSettings,
  place,
  review,
  reviewButton,
  save,
  saved,
  type,
} from './settings-bench';
import { accessibilityProblems } from './window';

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
    expect(statSync(place.path).mode & 0o777).toBe(0o600);
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
    writeFileSync(place.path, newer);
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
    writeFileSync(place.path, `${FILE}# more\n`);
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
