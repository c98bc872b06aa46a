import { readFileSync } from 'node:fs';

import { errorCode } from './guarded-file';

/** A process, told from a later one that got the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, as its system counts. Empty: unknown. */
  readonly began: string;
}

/** This process. */
export const ownMark = (): ProcessMark => ({ pid: process.pid, began: ownBeginning() });

/**
 * True while that very process runs. One that ended and that its parent never asked about is gone, although it has its
 * number still: in a container that can last. So is one whose number is a thread's of another process by now. Where the
 * system tells less (no /proc), a process that has the number counts.
 */
export function isRunning({ pid, began }: ProcessMark): boolean {
  if (!(Number.isSafeInteger(pid) && pid > 0)) return false;
  if (pid === process.pid) return began === '' || began === ownBeginning();
  if (!hasNumber(pid)) return false;
  const found = inProc(pid);
  if (found === null) return true;
  if (found.isEnded) return false;
  // A thread began after the process whose number it has, so that only a mark without a beginning can mean it.
  return began === '' ? !isThread(pid) : began === found.began;
}

/** Signal 0 only asks; a process of another user answers EPERM and lives. */
function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** Without /proc only this process itself can tell its own from one that had its number before. */
const ownBeginning = (): string =>
  inProc(process.pid)?.began ?? `at-${String(Math.floor(performance.timeOrigin))}`;

interface InProc {
  /** Field 22 of /proc/PID/stat: clock ticks since the system began. */
  readonly began: string;
  readonly isEnded: boolean;
}

/** Null where there is nothing to read. Fields are counted behind the program's name, which may hold anything (proc(5)). */
function inProc(pid: number): InProc | null {
  const text = textOf(`/proc/${String(pid)}/stat`);
  const [state, ...others] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const began = others[18];
  if (state === undefined || began === undefined) return null;
  return { began, isEnded: /[ZXx]/.test(state) };
}

/** Threads answer signals and have files in /proc as processes do; they name the process that they belong to. */
function isThread(pid: number): boolean {
  const owner = /^Tgid:\s*(\d+)$/m.exec(textOf(`/proc/${String(pid)}/status`))?.[1];
  return owner !== undefined && Number(owner) !== pid;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // No /proc, or none for us to read: then nothing is known.
    return '';
  }
}
