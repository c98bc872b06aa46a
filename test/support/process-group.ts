import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

const canSignalGroups = process.platform !== 'win32';
const GONE_LIMIT_MS = 250;
const GONE_STEP_MS = 5;

/** Options that give a child a process group of its own, so that its children can be ended with it. */
export const ownGroup = { detached: canSignalGroups, windowsHide: true } as const;

/** Sends a signal to a child and everything it started. The child must have been spawned with {@link ownGroup}. */
export function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  if (!canSignalGroups) {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/**
 * Ends a child: closes its stdin, sends SIGTERM after `graceMs` and SIGKILL after another; 0 means SIGKILL at once.
 * Resolves when the child is reaped and nothing of its group is left.
 */
export async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  const exited = exitOf(child);
  child.stdin?.end();
  if (graceMs > 0 && !(await isSettledWithin(exited, graceMs))) {
    signalGroup(child, 'SIGTERM');
    await isSettledWithin(exited, graceMs);
  }
  signalGroup(child, 'SIGKILL');
  await exited;
  await groupGone(child);
}

/**
 * A killed grandchild needs a moment to go. Gives up after GONE_LIMIT_MS, because one whose new parent does not look
 * after it stays as a zombie.
 */
async function groupGone(child: ChildProcess): Promise<void> {
  for (let waitedMs = 0; waitedMs < GONE_LIMIT_MS && isGroupThere(child); waitedMs += GONE_STEP_MS)
    await delay(GONE_STEP_MS);
}

function isGroupThere(child: ChildProcess): boolean {
  if (child.pid === undefined || !canSignalGroups) return false;
  try {
    return process.kill(-child.pid, 0);
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

async function exitOf(child: ChildProcess): Promise<void> {
  const neverStarted = child.pid === undefined;
  if (neverStarted || child.exitCode !== null || child.signalCode !== null) return;
  await once(child, 'exit');
}

async function isSettledWithin(promise: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const isSettled = await Promise.race([promise.then(() => true), limit]);
  clearTimeout(timer);
  return isSettled;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM');
}
