import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAutostartEntry } from '../../../src/main/platform/autostart-entry';

const hidden = { program: '/opt/MCP Router/mcp-router', args: ['--hidden'] };
const shown = { ...hidden, args: [] };
const uid = process.geteuid?.() ?? null;

let home: string;
const entry = (env: Record<string, string> = {}) =>
  createAutostartEntry({ platform: 'linux', env, home }, uid);
const path = (): string => join(home, '.config/autostart/mcp-router.desktop');

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'autostart-'));
});
afterEach(() => rmSync(home, { recursive: true }));

describe('start at login on Linux', () => {
  it('is off until it is switched on, and off again', async () => {
    expect(await entry().look([hidden, shown])).toEqual({ kind: 'off' });
    expect(await entry().write(hidden)).toBeNull();
    expect(statSync(path()).mode & 0o777).toBe(0o644);
    expect(readFileSync(path(), 'utf8')).toContain('Exec="/opt/MCP Router/mcp-router" --hidden\n');
    expect(await entry().look([hidden, shown])).toEqual({ kind: 'on' });
    expect(await entry().look([{ program: '/new', args: [] }])).toEqual({
      kind: 'other-copy',
      program: '"/opt/MCP Router/mcp-router" --hidden',
    });
    expect(await entry().remove()).toBeNull();
    expect(await entry().look([hidden])).toEqual({ kind: 'off' });
    expect(await entry().remove()).toBeNull();
  });

  it('follows XDG_CONFIG_HOME', async () => {
    await entry({ XDG_CONFIG_HOME: join(home, 'elsewhere') }).write(shown);
    expect(readFileSync(join(home, 'elsewhere/autostart/mcp-router.desktop'), 'utf8')).toContain('Exec=');
  });

  it('says why it cannot be written', async () => {
    mkdirSync(dirname(dirname(path())), { recursive: true });
    writeFileSync(dirname(path()), 'a file where the folder should be');
    expect(await entry().write(hidden)).toContain('autostart');
    expect(await entry().look([hidden])).toEqual({ kind: 'off' });
    expect(await entry().write({ program: '/a\nb', args: [] })).toContain('cannot name');
  });

  it('says so where there is no home folder', async () => {
    const without = createAutostartEntry({ platform: 'linux', env: {}, home: undefined }, uid);
    expect(await without.look([hidden])).toMatchObject({ kind: 'unavailable' });
    expect(await without.write(hidden)).toContain('home folder');
  });
});
