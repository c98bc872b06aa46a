// A process for tests of locks and atomic writes. Says in lines on stdout what it did; argv: what to do, the path.
import { openSync, closeSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

import { replaceFile, writeFileAtomically } from '../../src/main/platform/atomic-file';
import { takeLock, type TakenLock } from '../../src/main/platform/file-lock';
import { isRunning } from '../../src/main/platform/process-alive';

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
    await delay(1);
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

/** Takes the lock again and again until it is killed. */
async function race(path: string): Promise<never> {
  const inside = `${path}-inside`;
  for (;;) {
    const lock = await taken(path);
    enter(inside);
    say('in');
    await nextTurn();
    unlinkSync(inside);
    await lock.release();
  }
}

const [what, path = ''] = process.argv.slice(2);
switch (what) {
  case 'hold':
    await taken(path);
    say('held');
    await forever();
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
