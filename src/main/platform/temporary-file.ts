import { createHash, randomBytes } from 'node:crypto';
import { readdir, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { isRunning, ownMark } from './process-alive';

/** What a machine cannot tell about a writer of another one, or of an earlier version, its age tells. */
const LEFT_AFTER_MS = 3_600_000;
const NAME = /^(?:(?<host>[0-9a-f]{8})-(?<pid>\d+)-(?<began>[\w-]*)-)?[0-9a-f]{12}\.tmp$/;

/** The name of a file that is to become `name` when it is whole. It says who writes it. */
export function temporaryName(name: string): string {
  const { pid, began } = ownMark();
  return `.${name}.${ownHost()}-${String(pid)}-${began}-${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Removes what writers of that file left behind who were killed in the middle of it, which may hold secrets; never what
 * somebody is writing. What cannot be removed stays for the next one.
 */
export async function removeLeftovers(folder: string, name: string): Promise<void> {
  const prefix = `.${name}.`;
  for (const entry of await namesIn(folder)) {
    if (!entry.startsWith(prefix)) continue;
    const writer = NAME.exec(entry.slice(prefix.length))?.groups;
    if (writer === undefined) continue;
    const path = join(folder, entry);
    if (isOver(writer) || (await ageOf(path)) > LEFT_AFTER_MS) await removeQuietly(path);
  }
}

const ownHost = (): string => createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** True where it is known that its writer ended. */
const isOver = ({ host, pid, began }: Readonly<Record<string, string | undefined>>): boolean =>
  host === ownHost() && !isRunning({ pid: Number(pid), began: began ?? '' });

/** The names in a folder; none where it cannot be read. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Whatever is wrong with it, writing into it will name the reason.
    return [];
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return 0; // somebody else was quicker
  }
}

async function removeQuietly(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch {
    return;
  }
}
