import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPreferencesFile } from '../../../src/main/platform/preferences-file';
import { defaultPreferences } from '../../../src/shared/model/preferences';

let home: string;
const file = () => createPreferencesFile({ platform: 'linux', env: {}, home }, process.geteuid?.() ?? null);
const path = (): string => join(home, '.local/state/mcp-router/preferences.json');
const put = (text: string): void => {
  mkdirSync(dirname(path()), { recursive: true, mode: 0o700 });
  writeFileSync(path(), text, { mode: 0o600 });
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'preferences-'));
});
afterEach(() => rmSync(home, { recursive: true }));

describe('the preferences of a person', () => {
  it('are the defaults at first, and what was chosen later', async () => {
    expect(await file().read()).toEqual({ preferences: defaultPreferences, problem: null });
    const chosen = { theme: 'dark', notifications: 'alerts', startsHidden: false } as const;
    expect(await file().write(chosen)).toBeNull();
    expect(await file().read()).toEqual({ preferences: chosen, problem: null });
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readFileSync(path(), 'utf8').endsWith('\n')).toBe(true);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', 'null'],
    ['far too large', `"${'x'.repeat(20_000)}"`],
  ])('a file that is %s counts as nothing chosen, and is told', async (_name, text) => {
    put(text);
    const { preferences, problem } = await file().read();
    expect(preferences).toEqual(defaultPreferences);
    expect(problem).toContain(path());
  });

  it('what is no choice counts as not chosen, the rest stays', async () => {
    put(JSON.stringify({ theme: 'pink', notifications: 'none', startsHidden: 'yes', more: 1 }));
    expect((await file().read()).preferences).toEqual({ ...defaultPreferences, notifications: 'none' });
  });

  it('are not kept where there is no place, and the reason is told', async () => {
    put('{}');
    rmSync(dirname(path()), { recursive: true });
    writeFileSync(dirname(path()), '');
    expect(await file().write(defaultPreferences)).toContain(path());
    const without = createPreferencesFile({ platform: 'linux', env: {}, home: undefined }, null);
    expect(await without.write(defaultPreferences)).toContain('home folder');
  });
});
