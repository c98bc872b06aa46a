import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { takeLock, type LockRules } from '../../../src/main/platform/file-lock';
import { ownMark } from '../../../src/main/platform/process-alive';
import { LockProcesses } from '../../support/lock-processes';

const RULES: LockRules = { silentAfterMs: 60_000, forgottenAfterMs: 60_000 };
const isLinux = process.platform === 'linux';

let processes: LockProcesses;
let folder: string;
let path: string;

beforeAll(async () => {
  processes = await LockProcesses.build();
}, 60_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-router-file-lock-'));
  path = join(folder, 'a.lock');
});
afterEach(async () => {
  await processes.endAll();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => {
  processes.remove();
});

const isFree = async (rules = RULES): Promise<boolean> => {
  const lock = await takeLock(path, rules);
  await lock?.release();
  return lock !== null;
};

/** Writes a lock as somebody else would. */
function leave(holder: object, ageMs = 0): void {
  writeFileSync(path, JSON.stringify({ ...ownMark(), host: hostname(), since: 0, nonce: 'abc', ...holder }));
  age(ageMs);
}

function age(ms: number): void {
  const at = (Date.now() - ms) / 1000;
  utimesSync(path, at, at);
}

describe('a lock file', () => {
  it('is held until it is released, and nothing stays behind', async () => {
    const lock = await takeLock(path, RULES);
    expect(await takeLock(path, RULES)).toBeNull();
    expect(readdirSync(folder)).toEqual(['a.lock']);
    await lock?.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that was taken away from a holder who forgot it is not released by that one', async () => {
    const forgetful = await takeLock(path, RULES);
    age(61_000);
    const second = await takeLock(path, RULES);
    await forgetful?.release();
    expect(second).not.toBeNull();
    expect(await isFree()).toBe(false);
  });

  it('is as good as new after a sign of life', async () => {
    const lock = await takeLock(path, RULES);
    age(61_000);
    await lock?.touch();
    expect(await isFree()).toBe(false);
  });

  it('of a process that runs is held, and free when that was killed', async () => {
    const holder = processes.start('hold', path);
    await holder.says('held');
    expect(await isFree()).toBe(false);
    await holder.killed();
    expect(await isFree()).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(isLinux)('of a killed process that its parent never asks about is free', async () => {
    const [node = '', ...args] = processes.command('hold', path);
    // The parent is another program by the time its child ends, one that knows of no child.
    const script = `"$@" & echo "child $!"; exec sleep 600`;
    const parent = processes.startCommand(['sh', '-c', script, 'sh', node, ...args]);
    await parent.says('held');
    const pid = Number(/child (\d+)/.exec(parent.output)?.[1]);
    expect(await isFree()).toBe(false);
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => readFileSync(`/proc/${String(pid)}/stat`, 'latin1'), { timeout: 10_000 })
      .toMatch(/\) Z /);
    expect(process.kill(pid, 0)).toBe(true);
    expect(await isFree()).toBe(true);
  });

  it.runIf(isLinux)('of a process whose number another one has by now is free', async () => {
    const { pid } = processes.start('hold', join(folder, 'other.lock')).child;
    leave({ pid, began: '1' });
    expect(await isFree()).toBe(true);
    leave({ began: '1' });
    expect(await isFree()).toBe(true);
  });

  it.runIf(isLinux)('that gives the number of a thread is free, also one of an earlier version', async () => {
    const threads = readdirSync('/proc/self/task').map(Number);
    const pid = threads.find((thread) => thread !== process.pid) ?? 0;
    expect(process.kill(pid, 0)).toBe(true);
    leave({ pid, began: undefined });
    expect(await isFree()).toBe(true);
  });

  it.each([
    ['with the number of a process that runs', { began: undefined }, false],
    ['with that of none', { pid: 2 ** 22 + 1, began: undefined }, true],
  ])('of an earlier version, %s', async (_which, holder, expected) => {
    leave(holder);
    expect(await isFree()).toBe(expected);
    writeFileSync(path, `${String({ ...ownMark(), ...holder }.pid)} 0123abcd\n`);
    expect(await isFree()).toBe(expected);
  });

  it.each(['', '{"pid":1', 'null'])('that names nobody (%j) is free after some seconds', async (text) => {
    writeFileSync(path, text);
    expect(await isFree()).toBe(false);
    age(6000);
    expect(await isFree()).toBe(true);
  });

  it('of another machine is held until that is silent for too long', async () => {
    leave({ host: 'elsewhere', pid: 2 ** 22 + 1 }, 59_000);
    expect(await isFree()).toBe(false);
    age(61_000);
    expect(await isFree()).toBe(true);
  });

  it('of a process that runs is forgotten only where that is said', async () => {
    leave({}, 3_600_000);
    expect(await isFree({ ...RULES, forgottenAfterMs: Number.POSITIVE_INFINITY })).toBe(false);
    expect(await isFree()).toBe(true);
  });

  it('says why where none can be', async () => {
    await expect(takeLock(join(folder, 'none', 'a.lock'), RULES)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a process that is killed at any step of taking and releasing a lock', () => {
  it('leaves nothing that keeps another one away, or that stays', { timeout: 120_000 }, async () => {
    const moments: number[] = [];
    for (let at = 1; ; at += 1) {
      const one = processes.start('once', path, {
        KILL_AT: String(at),
        KILL_STEPS: 'open,link,unlink',
        NODE_OPTIONS: `--require=${join(process.cwd(), 'test/support/kill-at-step.cjs')}`,
      });
      await one.exited;
      if (one.child.signalCode !== 'SIGKILL') break;
      moments.push(at);
      expect(await isFree(), `killed at moment ${String(at)}`).toBe(true);
      expect(readdirSync(folder), `killed at moment ${String(at)}`).toEqual([]);
    }
    expect(moments.length).toBeGreaterThan(10);
  });
});

describe('many processes that are killed at any time', () => {
  it(
    'one at a time holds the lock, and nothing of the dead keeps the others away',
    { timeout: 120_000 },
    async () => {
      const start = () => processes.start('race', path);
      const racers = Array.from({ length: 4 }, start);
      const all = [...racers];
      const entries = (): number => all.reduce((sum, { output }) => sum + output.split('in\n').length - 1, 0);
      for (let kills = 0; kills < 12; kills += 1) {
        const at = kills % racers.length;
        const before = entries();
        // Whoever got it since the last kill, so that the lock has been passed on.
        await expect
          .poll(entries, { timeout: 20_000, interval: 2 + (kills % 7) })
          .toBeGreaterThan(before + 4);
        await racers[at]?.killed();
        const next = start();
        racers[at] = next;
        all.push(next);
      }
      await processes.endAll();
      expect(all.map(({ output }) => output.replaceAll('in\n', '')).join('')).toBe('');
      const last = await takeLock(path, RULES);
      await last?.release();
      expect(last).not.toBeNull();
      expect(readdirSync(folder).filter((name) => !name.startsWith('a.lock-'))).toEqual([]);
      expect(existsSync(path)).toBe(false);
    },
  );
});
