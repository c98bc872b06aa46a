// @ts-check
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const graceMs = 5_000;
const pollMs = 50;

/**
 * @param {number} target a process, or a group when negative
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether there was one to send it to
 */
export function signalTo(target, signal) {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // EPERM: somebody else's by now, so ours has gone.
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))
      return false;
    throw error;
  }
}

/**
 * @param {number[]} targets processes, or groups when negative
 * @param {number} [limitMs] how long they may take to end by themselves
 */
export async function end(targets, limitMs = graceMs) {
  let left = targets.filter((target) => signalTo(target, 'SIGTERM'));
  const deadline = Date.now() + limitMs;
  while (left.length > 0 && Date.now() < deadline) {
    await delay(pollMs);
    left = left.filter((target) => signalTo(target, 0));
  }
  for (const target of left) signalTo(target, 'SIGKILL');
}

/**
 * Starts a program as the leader of a process group of its own, so that all of it can be ended.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {{ child: import('node:child_process').ChildProcess, ended: Promise<{ code: number | null, signal: NodeJS.Signals | null }>, close: (limitMs?: number) => Promise<void> }}
 */
export function startOwned(command, args, options) {
  // On Windows a detached program would open a console of its own.
  const isGroup = process.platform !== 'win32';
  const child = spawn(command, args, { ...options, detached: isGroup });
  const ended = new Promise((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const close = async (limitMs = graceMs) => {
    if (child.pid === undefined) return;
    // The leader first: it may want to end its own helpers in good order.
    if (child.exitCode === null && child.signalCode === null) await end([child.pid], limitMs);
    if (isGroup) await end([-child.pid], limitMs);
  };
  return { child, ended, close };
}

/**
 * The processes whose environment carries `name=value`: also those that went into the background. Linux only.
 * @param {string} name
 * @param {string} value
 * @returns {number[]}
 */
export function processesMarked(name, value) {
  const mark = `${name}=${value}`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => {
      try {
        return readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0').includes(mark);
      } catch (error) {
        // It has ended, or belongs to somebody else.
        if (error instanceof Error && 'code' in error) return false;
        throw error;
      }
    })
    .map(Number);
}
