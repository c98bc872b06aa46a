import { readFile } from 'node:fs/promises';

import { clientIds, type ClientAction, type ClientId } from '../../../shared/model/client-apps';
import { writeFileAtomically } from '../atomic-file';
import { errorCode } from '../guarded-file';
import type { ClientEntry } from './client-document';

/** One change that we made to a client's file. It holds nothing of that file but our own entry. */
export interface ClientChange {
  readonly client: ClientId;
  readonly action: Exclude<ClientAction, 'undo'>;
  readonly path: string;
  readonly name: string;
  /** Our entry as it was written; null after a disconnect. */
  readonly entry: ClientEntry | null;
  /** SHA-256 of the file before and after; null where there was none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Name of the copy of the file as it was before. */
  readonly backup: string | null;
  readonly at: string;
}

/** Changes and their copies are kept for this many steps back, per file. */
export const MAX_STEPS = 10;

/** All changes, oldest first. A damaged file counts as empty: entries that start this router are known without it. */
export async function readJournal(path: string): Promise<readonly ClientChange[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return [];
  }
  return changesIn(text);
}

export async function writeJournal(
  path: string,
  changes: readonly ClientChange[],
  platform: NodeJS.Platform,
): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ version: 1, changes }, null, 2)}\n`, platform);
}

/** The changes that stay when one is added: the newest of each file. */
export function withChange(changes: readonly ClientChange[], change: ClientChange): readonly ClientChange[] {
  const all = [...changes, change];
  const own = all.filter((one) => isSameFile(one, change));
  const dropped = new Set(own.slice(0, -MAX_STEPS));
  return all.filter((one) => !dropped.has(one));
}

/** The changes without the last one of that file. */
export function withoutLast(
  changes: readonly ClientChange[],
  file: Pick<ClientChange, 'client' | 'path'>,
): readonly ClientChange[] {
  const last = changes.findLast((one) => isSameFile(one, file));
  return changes.filter((one) => one !== last);
}

export function isSameFile(
  a: Pick<ClientChange, 'client' | 'path'>,
  b: Pick<ClientChange, 'client' | 'path'>,
): boolean {
  return a.client === b.client && a.path === b.path;
}

function changesIn(text: string): readonly ClientChange[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  const changes = isRecord(value) ? value['changes'] : [];
  return Array.isArray(changes) ? changes.flatMap((one: unknown) => changeOf(one)) : [];
}

const ACTIONS = ['connect', 'disconnect', 'repair'] as const;
/** A copy lies in our own folder, whatever the journal says. */
const BACKUP_NAME = /^[a-z-]+-[\dTZ]+-[\da-f]+\.bak$/;

function changeOf(one: unknown): readonly ClientChange[] {
  if (!isRecord(one)) return [];
  const { path, name, entry, before, after, backup, at } = one;
  const client = clientIds.find((id) => id === one['client']);
  const action = ACTIONS.find((known) => known === one['action']);
  if (client === undefined || action === undefined) return [];
  if (typeof path !== 'string' || typeof name !== 'string' || typeof at !== 'string') return [];
  if (!isTextOrNull(before) || !isTextOrNull(after) || !isTextOrNull(backup)) return [];
  if (entry !== null && !isRecord(entry)) return [];
  if (backup !== null && !BACKUP_NAME.test(backup)) return [];
  return [{ client, action, path, name, entry, before, after, backup, at }];
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
