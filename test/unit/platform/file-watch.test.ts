import { chmod, mkdir, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';

import { afterEach, describe, expect, it } from 'vitest';

import { createFileWatch, type FileWatch } from '../../../src/main/platform/file-watch';
import { ChangeSignal } from '../../support/change-signal';
import { useTemporaryHome } from './temporary-home';

const home = useTemporaryHome();
let watch: FileWatch;
afterEach(() => {
  watch.close();
});

/** A watch with everything that it told. */
async function follow(paths: readonly string[], pollMs = 100): Promise<Told> {
  const told = new Told();
  watch = createFileWatch({
    pollMs,
    onChange: (changed) => {
      told.add(changed);
    },
  });
  await watch.follow(paths);
  return told;
}

class Told {
  readonly changes: (readonly string[])[] = [];
  private readonly signal = new ChangeSignal();

  add(changed: readonly string[]): void {
    this.changes.push(changed);
    this.signal.changed();
  }

  async until(count: number): Promise<void> {
    await this.signal.until(`${String(count)} changes`, () => this.changes.length >= count);
  }
}

/** A change that must be told last: whatever came before it was looked at by then. */
async function marked(told: Told, marker: string): Promise<readonly (readonly string[])[]> {
  const before = told.changes.length;
  await writeFile(marker, `marker ${String(before)} ${String(Math.random())}`);
  await told.until(before + 1);
  return told.changes;
}

describe('a watched file', () => {
  it('is told when another one is renamed over it, each time', async () => {
    const path = await home.write('token', 'first');
    const told = await follow([path]);
    for (const [at, text] of ['second', 'third'].entries()) {
      await rename(await home.write('token.new', text), path);
      await told.until(at + 1);
    }
    expect(told.changes).toEqual([[path], [path]]);
  });

  it('is told when it is written in place, appears and goes away', async () => {
    const path = `${home.path()}/token`;
    const told = await follow([path]);
    await writeFile(path, 'here');
    await told.until(1);
    await writeFile(path, 'changed');
    await told.until(2);
    await unlink(path);
    await told.until(3);
    expect(told.changes).toEqual([[path], [path], [path]]);
  });

  it('is not told when it holds the same as before, whatever was done to it', async () => {
    const path = await home.write('token', 'same');
    const marker = await home.write('marker', '');
    const told = await follow([path, marker]);
    await utimes(path, new Date(), new Date(0));
    await rename(await home.write('token.new', 'same'), path);
    await writeFile(path, 'same');
    expect(await marked(told, marker)).toEqual([[marker]]);
  });

  it('is told when others may read it, and when they may not any more', async () => {
    const path = await home.write('token', 'same');
    const told = await follow([path]);
    await chmod(path, 0o644);
    await told.until(1);
    await chmod(path, 0o600);
    await told.until(2);
  });

  it('is not told after it was taken note of, or is no longer followed', async () => {
    const [path, marker] = [await home.write('token', '1'), await home.write('marker', '')];
    const told = await follow([path, marker]);
    await writeFile(path, '2');
    await watch.accept();
    const early = told.changes.length;
    await marked(told, marker);
    expect(told.changes.slice(early)).toEqual([[marker]]);
    await watch.follow([marker]);
    await writeFile(path, '3');
    expect((await marked(told, marker)).slice(early + 1)).toEqual([[marker]]);
  });

  it('in a folder that comes later is noticed', async () => {
    const path = `${home.path()}/later/token`;
    const told = await follow([path]);
    await mkdir(`${home.path()}/later`);
    await writeFile(path, 'here');
    await told.until(1);
  });

  it('is followed into a folder that takes the place of its own', async () => {
    const path = await home.write('place/token', 'first');
    await home.write('other/token', 'second');
    const told = await follow([path]);
    await rename(`${home.path()}/place`, `${home.path()}/gone`);
    await rename(`${home.path()}/other`, `${home.path()}/place`);
    await told.until(1);
    await writeFile(path, 'third');
    await told.until(2);
  });

  it('is followed through links, as Kubernetes swaps a whole folder of secrets', async () => {
    const root = home.path();
    await home.write('..v1/token', 'first');
    await home.write('..v2/token', 'second');
    await symlink('..v1', `${root}/..data`);
    await symlink('..data/token', `${root}/token`);
    const told = await follow([`${root}/token`]);
    await symlink('..v2', `${root}/..data_tmp`);
    await rename(`${root}/..data_tmp`, `${root}/..data`);
    await told.until(1);
    await writeFile(`${root}/..v2/token`, 'third');
    await told.until(2);
    await rm(`${root}/..v1`, { recursive: true });
  });

  it('SEC-73 leaves nothing of its content in memory that a guess could be tried against', async () => {
    const path = await home.write('token', 'token-value-0123456789');
    await follow([path]);
    const kept = inspect(watch, { depth: 5, showHidden: true });
    expect(kept).not.toContain('token-value-0123456789');
    const { createHash } = await import('node:crypto');
    expect(kept).not.toContain(createHash('sha256').update('token-value-0123456789').digest('hex'));
  });
});

describe('what cannot be watched', () => {
  it.skipIf(process.getuid?.() === 0)('says so', async () => {
    await home.write('closed/inner/token', 'x');
    await chmod(`${home.path()}/closed`, 0o000);
    await follow([`${home.path()}/closed/inner/token`]);
    expect(watch.problem()).toContain('no permission');
    await chmod(`${home.path()}/closed`, 0o700);
  });

  it('a file that is a folder, or cannot be opened, is no trouble', async () => {
    const told = await follow([home.path()]);
    expect(watch.problem()).toBeNull();
    expect(told.changes).toEqual([]);
  });
});
