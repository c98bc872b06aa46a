import type { SecretStore } from '../engine/ports';

/** Secrets that live as long as this process and are written nowhere (`gateway.auth.token_storage: memory`). */
export function createMemorySecrets(now: () => Date): SecretStore {
  const stored = new Map<
    string,
    { readonly value: string; readonly storedAt: string; readonly expiresAt?: string }
  >();
  const read: SecretStore['read'] = (name) => {
    const found = stored.get(name);
    return Promise.resolve(found === undefined ? { kind: 'absent' } : { kind: 'found', value: found.value });
  };
  return {
    read,
    readAnew: read,
    write: (name, value, expiresAt) => {
      stored.set(name, {
        value,
        storedAt: now().toISOString(),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
      return Promise.resolve({ kind: 'done' });
    },
    delete: (name) => {
      stored.delete(name);
      return Promise.resolve({ kind: 'done' });
    },
    list: () => Promise.resolve([...stored].map(([name, { value: _, ...entry }]) => ({ name, ...entry }))),
  };
}
