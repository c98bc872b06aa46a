import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { clientIds } from '../../src/shared/model/client-apps';
import { ARCHIVE, ClientBench } from '../support/client-bench';
import { clientFixtures, FOREIGN_SECRET, FOREIGN_VALUE } from '../support/client-fixtures';
import { TemporaryHome } from '../support/router-process';

let home: TemporaryHome;
let bench: ClientBench;

afterEach(() => home.remove());

beforeEach(async () => {
  home = new TemporaryHome();
  bench = new ClientBench(home.path);
  await bench.write('router.js', '');
});

/** Is `part` what is left of `whole` when characters are taken away? */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const character of part) {
    const found = whole.indexOf(character, at);
    if (found === -1) return false;
    at = found + character.length;
  }
  return true;
}

it('every client has a fixture', () => {
  expect(clientFixtures.map(({ id }) => id)).toEqual(clientIds);
});

describe.each(clientFixtures)('$id', ({ id, path, text }) => {
  const connected = async (): Promise<string> => {
    await bench.write(path, text, 0o644);
    expect(await bench.run('connect', id)).toMatchObject({ kind: 'done' });
    return bench.read(path);
  };

  it('SEC-80 connect inserts one entry, and takes nothing away', async () => {
    await bench.write(path, text, 0o644);
    expect((await bench.row(id)).state).toEqual({ kind: 'not-connected' });
    const { preview } = await bench.plan('connect', id);
    expect(await bench.read(path)).toBe(text);
    const after = await connected();
    expect(isWithin(text, after)).toBe(true);
    expect(after).toContain(JSON.stringify(bench.path('router.js')));
    expect(await bench.mode(path)).toBe(0o644);
    expect((await bench.row(id)).state).toEqual({ kind: 'connected', by: 'us' });
    expect(await bench.run('connect', id)).toMatchObject({ kind: 'nothing-to-do' });
    expect(preview.diff.join('\n')).toContain(bench.path('router.js'));
    if (text.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('SEC-82 the preview and what we remember hold nothing of others', async () => {
    await bench.write(path, text);
    const { preview } = await bench.plan('connect', id);
    expect(JSON.stringify(preview)).not.toContain(FOREIGN_SECRET);
    await connected();
    expect(await bench.read(`${ARCHIVE}/journal.json`)).not.toContain(FOREIGN_SECRET);
    const undo = await bench.plan('undo', id);
    expect(JSON.stringify(undo.preview)).not.toContain(FOREIGN_SECRET);
  });

  it('SEC-83 undo restores the file byte for byte', async () => {
    await connected();
    expect(await bench.run('undo', id)).toMatchObject({ kind: 'done' });
    expect(await bench.read(path)).toBe(text);
    expect(await bench.mode(path)).toBe(0o644);
    expect((await bench.row(id)).state).toEqual({ kind: 'not-connected' });
    expect(await bench.run('undo', id)).toMatchObject({ kind: 'nothing-to-do' });
  });

  it('SEC-83 undo takes only our entry out when somebody else changed the file', async () => {
    const after = await connected();
    await bench.write(path, after.replace(FOREIGN_VALUE, 'kept'), 0o644);
    const { preview } = await bench.plan('undo', id);
    expect(preview.summary).toContain('changed since by somebody else');
    expect(await bench.run('undo', id)).toMatchObject({ kind: 'done' });
    const left = await bench.read(path);
    expect(left).not.toContain('router.js');
    expect(isWithin(left.replaceAll(/\s/g, ''), after.replace(FOREIGN_VALUE, 'kept'))).toBe(true);
    expect(left).toContain('kept');
  });

  it('notices that the client lost the entry, and repairs it', async () => {
    const after = await connected();
    await bench.write(path, text, 0o644);
    expect((await bench.row(id)).state).toEqual({ kind: 'drifted', change: 'entry-removed' });
    expect(await bench.run('repair', id)).toMatchObject({ kind: 'done' });
    expect(await bench.read(path)).toBe(after);
    expect((await bench.row(id)).state).toEqual({ kind: 'connected', by: 'us' });
    await bench.run('undo', id);
    expect(await bench.read(path)).toBe(text);
  });

  it('SEC-83 notices that the entry was changed, does not remove it unasked, and repairs it', async () => {
    const after = await connected();
    await bench.write(path, after.replace('"/bin/sh"', '"/bin/evil"'), 0o644);
    expect((await bench.row(id)).state).toEqual({ kind: 'drifted', change: 'entry-changed' });
    expect(await bench.run('disconnect', id)).toMatchObject({ kind: 'refused' });
    expect(await bench.run('undo', id)).toMatchObject({ kind: 'refused' });
    expect(await bench.run('repair', id)).toMatchObject({ kind: 'done' });
    expect(await bench.read(path)).toBe(after);
  });

  it('SEC-80 disconnect removes the entry and nothing else', async () => {
    const after = await connected();
    expect(await bench.run('disconnect', id)).toMatchObject({ kind: 'done' });
    const left = await bench.read(path);
    expect(isWithin(left, after)).toBe(true);
    expect(left).not.toContain('router.js');
    expect((await bench.row(id)).state).toEqual({ kind: 'not-connected' });
    expect(await bench.run('disconnect', id)).toMatchObject({ kind: 'nothing-to-do' });
    await bench.run('undo', id);
    expect(await bench.read(path)).toBe(after);
    expect((await bench.row(id)).state).toEqual({ kind: 'connected', by: 'us' });
  });

  it('gets a file only when the client is there, and loses it again with undo', async () => {
    expect(await bench.run('connect', id)).toMatchObject({ kind: 'refused' });
    expect((await bench.row(id)).state).toEqual({ kind: 'not-found' });
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.claude';
    await bench.write(`${folder}/other`, '');
    expect(await bench.run('connect', id)).toMatchObject({ kind: 'done' });
    expect(await bench.mode(path)).toBe(0o600);
    expect((await bench.row(id)).state).toEqual({ kind: 'connected', by: 'us' });
    expect(await bench.run('undo', id)).toMatchObject({ kind: 'done' });
    await expect(bench.read(path)).rejects.toThrow('ENOENT');
  });

  it('SEC-81 leaves a file alone that it cannot understand, and says where', async () => {
    const broken = text.replace(FOREIGN_VALUE, '\n"');
    await bench.write(path, `${broken}\n]]`);
    for (const action of ['connect', 'repair', 'disconnect'] as const) {
      const outcome = await bench.run(action, id);
      if (action !== 'repair') expect(outcome).toMatchObject({ kind: 'unusable' });
      if (action === 'connect' && outcome.kind === 'unusable') {
        expect(outcome.message).toMatch(/left alone.*line \d+, column \d+: \w/);
      }
    }
    expect((await bench.row(id)).state).toMatchObject({ kind: 'unusable' });
    expect(await bench.read(path)).toBe(`${broken}\n]]`);
  });
});
