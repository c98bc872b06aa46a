import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createProcessLocks } from '../../../src/main/platform/process-lock';

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'mcp-router-lock-')), 'locks');
});

afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

const lockFile = (): string => {
  const [name] = readdirSync(folder);
  if (name === undefined) throw new Error('no lock');
  return join(folder, name);
};

/** Leaves a lock behind as a process that died, or one that is somewhere else. */
async function leaveLock(holder: object, ageMs = 0): Promise<void> {
  const path = await createProcessLocks(folder).exclusively('token', 1000, () => Promise.resolve(lockFile()));
  writeFileSync(path, JSON.stringify({ host: hostname(), since: Date.now(), nonce: 'other', ...holder }));
  const at = (Date.now() - ageMs) / 1000;
  utimesSync(path, at, at);
}

const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

describe('a lock between processes', () => {
  it('lets one at a time through, each in the end, and leaves nothing behind', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    const holders = Array.from({ length: 8 }, () => createProcessLocks(folder));
    await Promise.all(holders.map((locks) => locks.exclusively('token', 20_000, work)));
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is private, and does not show what it is for', async () => {
    await createProcessLocks(folder).exclusively('client @ host/../..', 1000, () => {
      expect(lockFile()).toMatch(/\/[0-9a-f]{32}\.lock$/);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(statSync(lockFile()).mode & 0o777).toBe(0o600);
      return Promise.resolve();
    });
  });

  it('is given back when the work fails', async () => {
    const locks = createProcessLocks(folder);
    await expect(locks.exclusively('token', 1000, () => Promise.reject(new Error('work')))).rejects.toThrow(
      'work',
    );
    expect(await locks.exclusively('token', 0, () => Promise.resolve('again'))).toBe('again');
  });

  it.each([
    ['of a process that died', () => ({ pid: deadPid() }), 0],
    ['that was forgotten long ago', () => ({ pid: process.pid }), 3_600_000],
    ['of another machine that was forgotten', () => ({ pid: 1, host: 'elsewhere' }), 3_600_000],
  ])('%s is taken over by one of those who wait', async (_which, holder, ageMs) => {
    await leaveLock(holder(), ageMs);
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    const waiting = Array.from({ length: 6 }, () =>
      createProcessLocks(folder).exclusively('token', 20_000, work),
    );
    await Promise.all(waiting);
    expect(most).toBe(1);
  });

  it.each([
    ['of a living process', () => ({ pid: process.pid })],
    ['of another machine', () => ({ pid: deadPid(), host: 'elsewhere' })],
  ])('%s is respected, and waiting ends with a reason', async (_which, holder) => {
    await leaveLock(holder());
    const waiting = createProcessLocks(folder).exclusively('token', 10, () => Promise.resolve());
    await expect(waiting).rejects.toMatchObject({ code: 'token-lock-unavailable' });
  });

  it('without a name, as a process leaves it that ends while it makes one, is taken over after some seconds only', async () => {
    await leaveLock({ pid: process.pid });
    const path = lockFile();
    writeFileSync(path, '');
    const attempt = (): Promise<string> =>
      createProcessLocks(folder).exclusively('token', 10, () => Promise.resolve('done'));
    await expect(attempt()).rejects.toMatchObject({ code: 'token-lock-unavailable' });
    const before = Date.now() / 1000 - 6;
    utimesSync(path, before, before);
    expect(await attempt()).toBe('done');
  });

  it.each([
    ['without a home folder', () => null],
    ['where no folder can be made', () => '/dev/null/locks'],
  ])('%s says so and does not run the work', async (_where, place) => {
    let hasRun = false;
    const attempt = createProcessLocks(place()).exclusively('token', 10, () => {
      hasRun = true;
      return Promise.resolve();
    });
    await expect(attempt).rejects.toMatchObject({ code: 'token-lock-unavailable' });
    expect(hasRun).toBe(false);
  });
});
