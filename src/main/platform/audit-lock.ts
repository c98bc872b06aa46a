import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readFile, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';

import { errorCode } from './guarded-file';
import { isAlive } from './process-alive';

/** How often the holder shows that it lives, for other machines that share the folder. */
const SIGN_OF_LIFE_MS = 30_000;
/** A holder on another machine that gave no sign for so long is gone. */
const SILENT_FOR_MS = 180_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When that process began, as its system counts; tells it from another one with the same number. Empty: unknown. */
  readonly began: string;
  readonly nonce: string;
}

/** A lock that is held for as long as its process lives. */
export interface HeldLock {
  release(): Promise<void>;
}

/**
 * Takes the lock, also that of a process that died. Two processes must not try this at the same time: the caller keeps
 * them apart. Throws the system's error.
 *
 * @returns null when a living process holds it
 */
export async function holdLock(path: string): Promise<HeldLock | null> {
  if (await isHeld(path)) return null;
  await removeIfThere(path);
  const nonce = randomBytes(12).toString('hex');
  const holder: Holder = { pid: process.pid, host: hostname(), began: beginningOf(process.pid), nonce };
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(holder), 'utf8');
  } finally {
    await file.close();
  }
  const signs = setInterval(() => {
    // A lock that somebody removed is told by the next look at the file that it guards.
    utimes(path, new Date(), new Date()).catch(() => undefined);
  }, SIGN_OF_LIFE_MS);
  signs.unref();
  return {
    release: async () => {
      clearInterval(signs);
      const now = await holderOf(path);
      if (now?.nonce === nonce) await removeIfThere(path);
    },
  };
}

async function isHeld(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  if (holder === null) return false;
  if (holder.host !== hostname()) return Date.now() - (await stat(path)).mtimeMs < SILENT_FOR_MS;
  if (!isAlive(holder.pid)) return false;
  return holder.began === '' || holder.began === beginningOf(holder.pid);
}

/** Null when there is none, or nothing that can be read: its process died while it wrote it. */
async function holderOf(path: string): Promise<Holder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { pid, host, began, nonce }: Partial<Record<keyof Holder, unknown>> = value;
    if (typeof pid !== 'number' || typeof host !== 'string') return null;
    return typeof began === 'string' && typeof nonce === 'string' ? { pid, host, began, nonce } : null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Field 22 of /proc/PID/stat, behind the program's name, which may hold anything; empty where there is no such file. A
 * process that ended, and that its parent never asked about, still has one: in a container that can last.
 */
function beginningOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    const [state = '', ...others] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return /[ZX]/.test(state) ? 'ended' : (others[18] ?? '');
  } catch {
    return '';
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
