import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { writeFileAtomically } from '../../../src/main/platform/atomic-file';
import { LockProcesses } from '../../support/lock-processes';

let processes: LockProcesses;
let folder: string;
let path: string;

beforeAll(async () => {
  processes = await LockProcesses.build();
}, 60_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-router-atomic-'));
  path = join(folder, 'client.key');
  writeFileSync(path, 'old text');
});
afterEach(async () => {
  await processes.endAll();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => {
  processes.remove();
});

const others = (): readonly string[] => readdirSync(folder).filter((name) => name !== 'client.key');
const write = (): Promise<void> => writeFileAtomically(path, 'newest text', process.platform);

describe('an atomic write that is killed', () => {
  it('leaves the old text, and what it leaves besides is removed by the next write of that file', async () => {
    const writer = processes.start('write', path, {
      KILL_AT: '1',
      NODE_OPTIONS: `--require=${join(process.cwd(), 'test/support/kill-at-step.cjs')}`,
    });
    await writer.exited;
    expect(writer.child.signalCode).toBe('SIGKILL');
    const [left = ''] = others();
    expect(readFileSync(join(folder, left), 'utf8')).toBe('new text');
    expect(readFileSync(path, 'utf8')).toBe('old text');
    await writeFileAtomically(join(folder, 'client.key.next'), 'another file', process.platform);
    expect(others()).toContain(left);
    rmSync(join(folder, 'client.key.next'));
    await write();
    expect([others(), readFileSync(path, 'utf8')]).toEqual([[], 'newest text']);
  });

  it('is not taken from a process that still writes', async () => {
    const writer = processes.start('write-slowly', path);
    await writer.says('nearly');
    await write();
    expect(others()).toHaveLength(1);
    await writer.killed();
    await write();
    expect(others()).toEqual([]);
  });

  it.each([
    ['an earlier version', '.client.key.0123456789ab.tmp'],
    ['another machine', '.client.key.00000000-1-1-0123456789ab.tmp'],
  ])('of %s is removed when it is old', async (_whose, name) => {
    writeFileSync(join(folder, name), 'left');
    await write();
    expect(others()).toEqual([name]);
    const before = Date.now() / 1000 - 3700;
    utimesSync(join(folder, name), before, before);
    await write();
    expect(others()).toEqual([]);
  });

  it.each(['.client.key.tmp', '.client.key.notes.tmp', '.client.keys.0123456789ab.tmp', 'client.key.bak'])(
    'is never mistaken for %s',
    async (name) => {
      const file = join(folder, name);
      writeFileSync(file, 'of somebody');
      utimesSync(file, 0, 0);
      await write();
      expect(others()).toEqual([name]);
    },
  );
});
