import { readFile } from 'node:fs/promises';

import type { StoredSecret } from '../engine/ports';
import { writeFileAtomically } from './atomic-file';

/** Which secrets were stored and when; never a secret. It tells "never stored" from "locked". */
export interface SecretIndex {
  list(): Promise<readonly StoredSecret[]>;
  has(name: string): Promise<boolean>;
  /** Rejects with the system's error when the file cannot be written. */
  remember(name: string, storedAt: string, expiresAt?: string): Promise<void>;
  forget(name: string): Promise<void>;
}

const MAX_ENTRIES = 1000;

/**
 * The index in a JSON file (0600). It is read anew each time, because several processes share it; a damaged file counts
 * as empty and is replaced by the next change.
 *
 * @param path null where there is no place for it: then it lives in memory
 */
export function createSecretIndex(path: string | null, platform: NodeJS.Platform): SecretIndex {
  let inMemory: readonly StoredSecret[] = [];
  const load = async (): Promise<readonly StoredSecret[]> => (path === null ? inMemory : readIndex(path));
  const save = async (entries: readonly StoredSecret[]): Promise<void> => {
    if (path === null) inMemory = entries;
    else
      await writeFileAtomically(
        path,
        `${JSON.stringify({ version: 1, secrets: entries }, null, 2)}\n`,
        platform,
      );
  };
  return {
    list: load,
    has: async (name) => (await load()).some((entry) => entry.name === name),
    remember: async (name, storedAt, expiresAt) => {
      const others = (await load()).filter((entry) => entry.name !== name);
      const entry = { name, storedAt, ...(expiresAt === undefined ? {} : { expiresAt }) };
      await save([...others, entry].slice(-MAX_ENTRIES));
    },
    forget: async (name) => {
      const entries = await load();
      const others = entries.filter((entry) => entry.name !== name);
      if (others.length !== entries.length) await save(others);
    },
  };
}

async function readIndex(path: string): Promise<readonly StoredSecret[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    // Not there yet, or not readable: nothing is known, which is what an empty index says.
    return [];
  }
  return entriesOf(text);
}

function entriesOf(text: string): readonly StoredSecret[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Damaged; JSON.parse throws nothing but SyntaxError.
    return [];
  }
  const secrets = typeof value === 'object' && value !== null && 'secrets' in value ? value.secrets : [];
  return Array.isArray(secrets) ? secrets.flatMap((entry: unknown) => entryOf(entry)) : [];
}

function entryOf(entry: unknown): readonly StoredSecret[] {
  if (typeof entry !== 'object' || entry === null || !('name' in entry) || !('storedAt' in entry)) return [];
  const { name, storedAt } = entry;
  if (typeof name !== 'string' || typeof storedAt !== 'string') return [];
  const expiresAt = 'expiresAt' in entry && typeof entry.expiresAt === 'string' ? entry.expiresAt : undefined;
  return [{ name, storedAt, ...(expiresAt === undefined ? {} : { expiresAt }) }];
}
