import { readFile, unlink } from 'node:fs/promises';
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
const SECRET = 'sk-of-somebody-else';
const matching = (words: RegExp): unknown => expect.stringMatching(words);

describe('SEC-83 entries that are not ours', () => {
  const foreign = `{\n  "mcpServers": {\n    "gateway": { "command": "npx", "env": { "TOKEN": "${SECRET}" } }\n  }\n}\n`;

  it('are not overwritten unasked; another name is proposed; undo brings a replaced one back', async () => {
    await bench.write(FILE, foreign);
    expect((await bench.row('cursor')).state).toEqual({ kind: 'name-taken' });
    expect(await bench.run('connect', 'cursor')).toMatchObject({
      kind: 'refused',
      message: matching(/not ours.*--name gateway-2.*--replace/),
    });
    const planned = await bench.plan('connect', 'cursor', { mayReplace: true });
    expect(JSON.stringify(planned.preview)).not.toContain(SECRET);
    expect(await planned.apply()).toMatchObject({ kind: 'done' });
    expect(await bench.read(FILE)).not.toContain(SECRET);
    await bench.write(FILE, `${await bench.read(FILE)} `);
    expect(await bench.run('undo', 'cursor')).toMatchObject({ kind: 'done' });
    expect(JSON.parse(await bench.read(FILE))).toEqual(JSON.parse(foreign));
  });

  it('are not touched by disconnect, and stay beside ours under its other name', async () => {
    await bench.write(FILE, foreign);
    expect(await bench.run('disconnect', 'cursor')).toMatchObject({ kind: 'nothing-to-do' });
    expect(await bench.run('repair', 'cursor')).toMatchObject({ kind: 'refused' });
    expect(await bench.run('connect', 'cursor', { name: 'router' })).toMatchObject({ kind: 'done' });
    expect((await bench.row('cursor')).name).toBe('router');
    expect(await bench.run('connect', 'cursor', { name: 'again' })).toMatchObject({ kind: 'refused' });
    expect(await bench.run('disconnect', 'cursor')).toMatchObject({ kind: 'done' });
    expect(JSON.parse(await bench.read(FILE))).toEqual(JSON.parse(foreign));
  });

  it.each(['', '__proto__', '-x', 'a b', 'a.b', 'x'.repeat(49)])('get no name like "%s"', async (name) => {
    await bench.write(FILE, '{}');
    expect(await bench.run('connect', 'cursor', { name })).toMatchObject({ kind: 'refused' });
  });

  it('are ours when they start this router, whoever wrote them', async () => {
    const { command, args } = bench.launcher;
    await bench.write(FILE, JSON.stringify({ mcpServers: { mine: { command, args } } }));
    expect(await bench.row('cursor')).toMatchObject({
      state: { kind: 'connected', by: 'by-hand' },
      name: 'mine',
    });
    expect(await bench.run('connect', 'cursor')).toMatchObject({ kind: 'nothing-to-do' });
    expect(await bench.run('disconnect', 'cursor')).toMatchObject({ kind: 'done' });
    expect(JSON.parse(await bench.read(FILE))).toEqual({ mcpServers: {} });
  });
});

describe('what a client adds to our entry', () => {
  const withMember = async (member: string): Promise<void> => {
    await bench.write(FILE, '{\n}\n');
    await bench.run('connect', 'cursor');
    await bench.write(FILE, (await bench.read(FILE)).replace('"command"', `${member},\n      "command"`));
  };

  it('as a preference is no drift, and is kept by repair', async () => {
    await withMember('"disabled": true, "autoApprove": ["read"]');
    expect(await bench.row('cursor')).toMatchObject({
      state: { kind: 'connected', by: 'us' },
      remarks: ['switched off in the client'],
    });
    await bench.write(FILE, (await bench.read(FILE)).replace('/bin/sh', '/bin/other'));
    expect(await bench.run('repair', 'cursor')).toMatchObject({ kind: 'done' });
    expect(await bench.read(FILE)).toContain('"autoApprove": [');
  });

  it.each(['"env": { "NODE_OPTIONS": "--require /x" }', '"url": "http://example.com"', '"cwd": "/x"'])(
    'SEC-83 as %s is a change',
    async (member) => {
      await withMember(member);
      expect((await bench.row('cursor')).state).toEqual({ kind: 'drifted', change: 'entry-changed' });
      expect(await bench.run('repair', 'cursor')).toMatchObject({ kind: 'done' });
      expect(await bench.read(FILE)).not.toContain(member);
    },
  );

  it('and a router that is gone is drift, which repair points to the one that runs', async () => {
    await bench.write(FILE, '{}');
    await bench.run('connect', 'cursor');
    await unlink(bench.path('router.js'));
    bench.launcher = { ...bench.launcher, args: [await bench.write('new/router.js', '')] };
    expect((await bench.row('cursor')).state).toEqual({ kind: 'drifted', change: 'router-moved' });
    expect(await bench.run('repair', 'cursor')).toMatchObject({ kind: 'done' });
    expect(await bench.read(FILE)).toContain('new/router.js');
  });
});

describe('SEC-82 what is remembered', () => {
  it('is 0600 in a folder of its own, and bounded', async () => {
    await bench.write(FILE, `{ "other": "${SECRET}" }`);
    for (let round = 0; round < 7; round += 1) {
      await bench.run('connect', 'cursor');
      await bench.run('disconnect', 'cursor');
    }
    const backups = await bench.names(`${ARCHIVE}/backups`);
    expect(backups).toHaveLength(10);
    for (const backup of backups) expect(await bench.mode(`${ARCHIVE}/backups/${backup}`)).toBe(0o600);
    expect(await bench.mode(`${ARCHIVE}/journal.json`)).toBe(0o600);
    expect(await bench.mode(ARCHIVE)).toBe(0o700);
    expect(await readFile(bench.path(`${ARCHIVE}/journal.json`), 'utf8')).not.toContain(SECRET);
    for (let step = 0; step < 10; step += 1)
      expect(await bench.run('undo', 'cursor')).toMatchObject({ kind: 'done' });
    expect(await bench.run('undo', 'cursor')).toMatchObject({ kind: 'nothing-to-do' });
    expect(await bench.names(`${ARCHIVE}/backups`)).toEqual([]);
  });

  it.each(['', '{', '[]', '{"changes":[{"client":"cursor"}]}', '{"changes":7}'])(
    'may be lost (%s): our entry is still known as ours',
    async (text) => {
      await bench.write(FILE, '{}');
      await bench.run('connect', 'cursor');
      await bench.write(`${ARCHIVE}/journal.json`, text);
      expect((await bench.row('cursor')).state).toEqual({ kind: 'connected', by: 'by-hand' });
      expect(await bench.run('undo', 'cursor')).toMatchObject({ kind: 'nothing-to-do' });
    },
  );

  it('SEC-83 restores nothing from a copy that was changed or is gone', async () => {
    await bench.write(FILE, '{}');
    await bench.run('connect', 'cursor');
    const [backup = ''] = await bench.names(`${ARCHIVE}/backups`);
    await bench.write(`${ARCHIVE}/backups/${backup}`, '{ "evil": 1 }');
    expect(await bench.run('undo', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/copy was changed/),
    });
    await unlink(bench.path(`${ARCHIVE}/backups/${backup}`));
    expect(await bench.run('undo', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/copy is gone/),
    });
  });

  it('SEC-81 is refused where others could write to its folder', async () => {
    await bench.write(FILE, '{}');
    await bench.run('connect', 'cursor');
    spawnSync('chmod', ['777', bench.path(ARCHIVE)]);
    expect(await bench.run('disconnect', 'cursor')).toMatchObject({
      kind: 'unusable',
      message: matching(/no copy can be kept/),
    });
  });
});
