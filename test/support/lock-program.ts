// A process for tests of locks and atomic writes. Says in lines on stdout what it did; argv: what to do, the path.
import { closeSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { replaceFile, writeFileAtomically } from '../../src/main/platform/atomic-file';
import { takeLock, type TakenLock } from '../../src/main/platform/file-lock';
import { isRunning } from '../../src/main/platform/process-alive';

/** Above what systems give. */
const NOBODY = 2 ** 22 + 1;
const RULES = { silentAfterMs: 60_000, forgottenAfterMs: 60_000 };

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Until the process is ended. */
const forever = (): Promise<never> =>
  new Promise(() => {
    setInterval(() => undefined, 60_000);
  });

async function taken(path: string): Promise<TakenLock> {
  for (;;) {
    const lock = await takeLock(path, RULES);
    if (lock !== null) return lock;
    await nextTurn();
  }
}

/** Notes who is inside, as no lock would; says so when a process that runs is there already. */
function enter(inside: string): void {
  try {
    const file = openSync(inside, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
  } catch {
    const other = Number(readFileSync(inside, 'utf8'));
    if (isRunning({ pid: other, began: '' })) say(`VIOLATION ${String(other)} and ${String(process.pid)}`);
    unlinkSync(inside);
    enter(inside);
  }
}

/** The lock looks as if we had died while we held it. */
function abandon(path: string): void {
  const holder: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const other = `${path}-${String(process.pid)}`;
  writeFileSync(other, JSON.stringify({ ...Object(holder), pid: NOBODY }));
  renameSync(other, path);
}

/** Takes the lock again and again until it is killed; gives it back, or not, by turns. */
async function race(path: string): Promise<never> {
  const inside = `${path}-inside`;
  for (let turn = 0; ; turn += 1) {
    const lock = await taken(path);
    enter(inside);
    say('in');
    await nextTurn();
    unlinkSync(inside);
    if (turn % 2 === 0) abandon(path);
    else await lock.release();
  }
}

const [what, path = ''] = process.argv.slice(2);
switch (what) {
  case 'hold':
    await taken(path);
    say('held');
    await forever();
    break;
  case 'once':
    await (await taken(path)).release();
    say('done');
    break;
  case 'race':
    await race(path);
    break;
  case 'write':
    await writeFileAtomically(path, 'new text', process.platform);
    say('written');
    break;
  case 'write-slowly':
    await replaceFile(path, 'slow text', {
      platform: process.platform,
      isStillWanted: () => {
        say('nearly');
        return forever();
      },
    });
    break;
  default:
    throw new Error(`what is ${String(what)}?`);
}
