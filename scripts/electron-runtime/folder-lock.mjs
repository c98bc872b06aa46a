// @ts-check
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 500;

/** @param {unknown} error @param {string} code */
const hasCode = (error, code) => error instanceof Error && 'code' in error && error.code === code;

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    if (hasCode(error, 'EPERM')) return true;
    throw error;
  }
}

/**
 * A lock without a living owner is left over from a process that was killed.
 * @param {string} lock
 * @param {number} maxAgeMs
 * @returns {boolean}
 */
function isLeftOver(lock, maxAgeMs) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > maxAgeMs) return true;
    return !isAlive(Number(readFileSync(join(lock, 'pid'), 'utf8')));
  } catch (error) {
    // Its owner has just made or just removed it: look again.
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/**
 * Runs `work` while no other process runs its own under the same lock folder.
 * @template T
 * @param {string} lock folder that stands for the lock
 * @param {{ maxAgeMs: number, onWait?: () => void }} options a lock older than `maxAgeMs` is broken
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withFolderLock(lock, { maxAgeMs, onWait }, work) {
  let hasWaited = false;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (isLeftOver(lock, maxAgeMs)) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (!hasWaited) onWait?.();
    hasWaited = true;
    await delay(pollMs);
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}
