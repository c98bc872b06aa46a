import type { RouterConfig } from './config';

const DAY_MS = 86_400_000;

/** A stored credential that should be rotated. */
export interface OldCredential {
  readonly name: string;
  /** Whole days since it was stored. */
  readonly days: number;
}

/** The entries that this configuration uses and that are older than `security.rotation_days`. */
export function oldCredentials(
  { gateway, security }: Pick<RouterConfig, 'gateway' | 'security'>,
  stored: readonly { readonly name: string; readonly storedAt: string }[],
  now: number,
): readonly OldCredential[] {
  const limit = security.rotation_days;
  const { auth } = gateway;
  const isStored = auth.type === 'bearer' && auth.token_storage === 'keychain';
  if (limit === 0 || !isStored) return [];
  return stored
    .filter(({ name }) => name === auth.token_secure_key)
    .map(({ name, storedAt }) => ({ name, days: Math.floor((now - Date.parse(storedAt)) / DAY_MS) }))
    .filter(({ days }) => days >= limit);
}
