import { mkdir, readlink, symlink, unlink, utimes } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ARCHIVE, ClientBench } from '../support/client-bench';
import { TemporaryHome } from '../support/router-process';

let home: TemporaryHome;
let bench: ClientBench;

beforeEach(async () => {
  home = new TemporaryHome();
  bench = new ClientBench(home.path);
  await bench.write('router.js', '');
});

afterEach(() => home.remove());

const FILE = '.cursor/mcp.json';
const matching = (words: RegExp): unknown => expect.stringMatching(words);

describe('SEC-81 the file is the one of the preview', () => {
  it('or nothing is written, when it changed before the confirmation', async () => {
    await bench.write(FILE, '{}');
    const planned = await bench.plan('connect', 'cursor');
    await bench.write(FILE, '{ "a": 1 }');
    expect(await planned.apply()).toEqual({ kind: 'stale' });
    expect(await bench.read(FILE)).toBe('{ "a": 1 }');
  });

  it.each(['connect', 'undo'] as const)(
    'or nothing is written by %s, when it changes at the last moment',
    async (action) => {
      const file = '.config/Claude/claude_desktop_config.json';
      await bench.write(file, '{}');
      if (action === 'undo') await bench.run('connect', 'claude-desktop');
      const planned = await bench.plan(action, 'claude-desktop');
      bench.meanwhile = async () => {
        await bench.write(file, '{ "b": 2 }');
      };
      expect(await planned.apply()).toEqual({ kind: 'stale' });
      expect(await bench.read(file)).toBe('{ "b": 2 }');
      expect((await bench.names('.config/Claude')).length).toBe(1);
    },
  );

  it('or nothing is written, when a file appeared or went away', async () => {
    await bench.write('.cursor/other', '');
    const creating = await bench.plan('connect', 'cursor');
    await bench.write(FILE, '{}');
    expect(await creating.apply()).toEqual({ kind: 'stale' });
    const editing = await bench.plan('connect', 'cursor');
    await unlink(bench.path(FILE));
    expect(await editing.apply()).toEqual({ kind: 'stale' });
  });

  it('and of several at the same time one is carried out, once', async () => {
    await bench.write(FILE, '{}');
    const planned = await Promise.all([1, 2, 3].map(() => bench.plan('connect', 'cursor')));
    const outcomes = await Promise.all(planned.map((one) => one.apply()));
    expect(outcomes.filter(({ kind }) => kind === 'done').length).toBe(1);
    expect(outcomes.filter(({ kind }) => kind === 'stale' || kind === 'unusable').length).toBe(2);
    expect((await bench.read(FILE)).match(/gateway/g)).toHaveLength(1);
    expect(await bench.names(ARCHIVE)).toEqual(['backups', 'journal.json']);
  });

  it('and the lock of a process that is gone, or holds it too long, is taken over', async () => {
    await bench.write(FILE, '{}');
    const ended = spawnSync('/bin/sh', ['-c', ':']).pid;
    await bench.write(`${ARCHIVE}/lock`, `${ended} ab\n`);
    expect(await bench.run('connect', 'cursor')).toMatchObject({ kind: 'done' });
    const lock = await bench.write(`${ARCHIVE}/lock`, `${process.pid} cd\n`);
    expect(await bench.run('undo', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/another mcp-router/),
    });
    const old = new Date(Date.now() - 61_000);
    await utimes(lock, old, old);
    expect(await bench.run('undo', 'cursor')).toMatchObject({ kind: 'done' });
    expect(await bench.names(ARCHIVE)).not.toContain('lock');
  });
});

describe('SEC-81 a file is left alone', () => {
  it.skipIf(process.platform === 'win32')('when others can write to it or to its folder', async () => {
    const path = await bench.write(FILE, '{}', 0o664);
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/other users can change it.*chmod 600/),
    });
    await bench.write(FILE, '{}');
    await mkdir(bench.path('open'), { mode: 0o700 });
    spawnSync('chmod', ['777', bench.path('.cursor')]);
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/chmod go-w/),
    });
    await unlink(path);
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/not created/),
    });
  });

  it('when it is write-protected, not text, or no file', async () => {
    await bench.write(FILE, '{}', 0o400);
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      message: matching(/write-protected.*chmod u\+w/),
    });
    await bench.write(FILE, Uint8Array.of(0xff, 0xfe, 0x7b, 0x00), 0o600);
    expect(await bench.run('connect', 'cursor')).toMatchObject({ message: matching(/UTF-8/) });
    await unlink(bench.path(FILE));
    await mkdir(bench.path(FILE));
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/a folder/),
    });
  });

  it('when a part of its path is no folder', async () => {
    await bench.write('.cursor', 'a file');
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/not a folder/),
    });
  });

  it('when it is larger than the limit, which is named', async () => {
    bench.maxBytes = 2048;
    await bench.write(FILE, `{}${' '.repeat(2046)}`);
    expect((await bench.row('cursor')).state).toEqual({ kind: 'not-connected' });
    await bench.write(FILE, `{}${' '.repeat(2047)}`);
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/2 KiB/),
    });
  });

  it.each([
    ['[]', /line 1, column 1: the file must hold an object/],
    ['{ "mcpServers": [] }', /line 1, column 17: "mcpServers" must be an object/],
    ['{ "mcpServers": {}, "mcpServers": {} }', /"mcpServers" is there twice/],
    ['{ "mcpServers": { "a": {}, "a": {} } }', /two servers have the same name/],
    ['{\n  "a": 1\n  "b": 2 }', /line 3, column 3: comma expected/],
    ['['.repeat(100_000), /nested too deeply/],
  ])('when it is %.30s', async (text, words) => {
    await bench.write(FILE, text);
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(words),
    });
    expect(await bench.read(FILE)).toBe(text);
  });

  it.each([
    ['a = 1\nb = \n', /line 2, column \d+/],
    ['[[mcp_servers]]\na = 1\n', /must be a table/],
    ['mcp_servers = { other = { command = "x" } }\n', /inline table/],
    ['[mcp_servers]\ngateway = { command = "x" }\n', /not ours/],
  ])('when it is %s', async (text, words) => {
    await bench.write('.codex/config.toml', text);
    expect(await bench.run('connect', 'codex')).toMatchObject({ message: matching(words) });
    expect(await bench.read('.codex/config.toml')).toBe(text);
  });

  it('while Claude Desktop runs, or may run', async () => {
    const file = '.config/Claude/claude_desktop_config.json';
    await bench.write(file, '{}');
    const planned = await bench.plan('connect', 'claude-desktop');
    expect(planned.preview.obstacle).toBeNull();
    for (const verdict of ['running', 'unknown'] as const) {
      bench.verdict = verdict;
      expect((await bench.plan('connect', 'claude-desktop')).preview.obstacle).toMatch(/running/);
      expect(await planned.apply()).toMatchObject({
        kind: 'refused',
        message: matching(/overwrite the change/),
      });
    }
    expect(await bench.read(file)).toBe('{}');
    bench.verdict = 'not-running';
    expect(await planned.apply()).toMatchObject({ kind: 'done' });
  });
});

describe('SEC-81 links', () => {
  it('stay links; their target changes, keeps its mode, and is named', async () => {
    await bench.write('dotfiles/cursor.json', '{}', 0o640);
    await mkdir(bench.path('.cursor'), { mode: 0o700 });
    await symlink('../dotfiles/cursor.json', bench.path(FILE));
    const planned = await bench.plan('connect', 'cursor');
    expect(planned.preview.warnings).toEqual([matching(/is a link.*dotfiles\/cursor\.json/)]);
    expect(await planned.apply()).toMatchObject({ kind: 'done' });
    expect(await readlink(bench.path(FILE))).toBe('../dotfiles/cursor.json');
    expect(await bench.mode('dotfiles/cursor.json')).toBe(0o640);
    expect(await bench.run('undo', 'cursor')).toMatchObject({ kind: 'done' });
    expect(await bench.read('dotfiles/cursor.json')).toBe('{}');
  });

  it('out of the home folder are said to be that, and one that leads nowhere is refused', async () => {
    const elsewhere = new TemporaryHome();
    try {
      elsewhere.write('cursor.json', '{}');
      await mkdir(bench.path('.cursor'), { mode: 0o700 });
      await symlink(`${elsewhere.path}/cursor.json`, bench.path(FILE));
      const { preview } = await bench.plan('connect', 'cursor');
      expect(preview.warnings).toContainEqual(matching(/outside of your home folder/));
      expect((await bench.row('cursor')).remarks).toContainEqual(matching(/outside of your home folder/));
    } finally {
      elsewhere.remove();
    }
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/leads nowhere/),
    });
  });

  it('that are turned to another file between preview and confirmation change nothing', async () => {
    await bench.write('one.json', '{}');
    await bench.write('two.json', '{}');
    await mkdir(bench.path('.cursor'), { mode: 0o700 });
    await symlink(bench.path('one.json'), bench.path(FILE));
    const planned = await bench.plan('connect', 'cursor');
    await unlink(bench.path(FILE));
    await symlink(bench.path('two.json'), bench.path(FILE));
    expect(await planned.apply()).toEqual({ kind: 'stale' });
  });
});
