import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createClientTokens, type ClientTokens } from '../../../src/main/platform/client-tokens';
import { createProcessLocks } from '../../../src/main/platform/process-lock';

let folder: string;
let path: string;
let tokens: ClientTokens;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'client-tokens-'));
  path = join(folder, 'state', 'client-tokens.json');
  tokens = open(path);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const open = (at: string | null): ClientTokens =>
  createClientTokens({
    path: at,
    platform: process.platform,
    uid: process.getuid?.() ?? null,
    locks: createProcessLocks(folder),
    now: () => new Date('2026-01-02T03:04:05Z'),
  });

const added = async (name: string): Promise<string> => {
  const change = await tokens.add(name);
  if (change.kind !== 'done') throw new Error(change.problem);
  return change.value;
};

describe('tokens of clients', () => {
  it('SEC-94 are 256 random bits, shown once, and kept as a hash in a file of this user alone', async () => {
    const [one, two] = [await added('one'), await added('two')];
    expect(Buffer.from(one, 'base64url')).toHaveLength(32);
    expect(two).not.toBe(one);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const kept = readFileSync(path, 'utf8');
    expect(kept).not.toContain(one);
    expect(kept).toContain(createHash('sha256').update(one).digest('hex'));
    expect(await tokens.list()).toMatchObject({ kind: 'done', value: [{ name: 'one' }, { name: 'two' }] });
  });

  it('SEC-94 are revoked one by one', async () => {
    await added('one');
    await added('two');
    expect(await tokens.revoke('one')).toEqual({ kind: 'done', value: null });
    expect(await tokens.list()).toMatchObject({ value: [{ name: 'two' }] });
    expect(await tokens.revoke('one')).toMatchObject({ kind: 'refused' });
  });

  it('are added by several processes at once, and none is lost', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, index) => open(path).add(`client ${String(index)}`)));
    const listed = await tokens.list();
    expect(listed.kind === 'done' ? listed.value.length : listed.problem).toBe(8);
  });

  it.each(['', ' ', 'a\nb', '../x', 'x'.repeat(65), 'é', '-x'])('have no name like %j', async (name) => {
    expect(await tokens.add(name)).toMatchObject({ kind: 'refused' });
  });

  it('have names of their own', async () => {
    await added('one');
    expect(await tokens.add('one')).toMatchObject({ kind: 'refused' });
  });

  it('need a home folder', async () => {
    expect(await open(null).add('one')).toMatchObject({ kind: 'unusable' });
  });

  it.each([
    ['that others can read', (): void => chmodSync(path, 0o644)],
    ['that is damaged', (): void => writeFileSync(path, '{')],
    ['of another shape', (): void => writeFileSync(path, '{"tokens":[{"name":"x"}]}')],
    [
      'with a hash that is none',
      (): void => writeFileSync(path, '{"tokens":[{"name":"x","tokenHash":"","createdAt":""}]}'),
    ],
  ])('SEC-94 of a file %s let nobody in, and the file stays as it is', async (_what, spoil) => {
    await added('one');
    spoil();
    const before = readFileSync(path, 'utf8');
    const problems: string[] = [];
    const followed = await tokens.follow((problem) => problems.push(problem));
    expect(followed.current()).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(await tokens.add('two')).toMatchObject({ kind: 'unusable' });
    expect(readFileSync(path, 'utf8')).toBe(before);
    followed.close();
  });

  it('are followed', async () => {
    const followed = await tokens.follow(() => undefined);
    expect(followed.current()).toEqual([]);
    const told = (): Promise<void> =>
      new Promise((resolve) => {
        followed.onChange(resolve);
      });
    const first = told();
    await added('one');
    await first;
    expect(followed.current()).toMatchObject([{ name: 'one' }]);
    const second = told();
    await tokens.revoke('one');
    await second;
    expect(followed.current()).toEqual([]);
    followed.close();
  });
});
