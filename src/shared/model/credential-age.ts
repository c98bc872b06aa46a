import type { RouterConfig } from './config';
import type { CertificateFacts, CredentialKind } from './status';

const DAY_MS = 86_400_000;

/** A credential that should be rotated. */
export interface OldCredential {
  readonly what: CredentialKind;
  /** The keychain entry, or the path of the certificate. */
  readonly name: string;
  /** Whole days since it was stored; for a certificate since it was issued. */
  readonly days: number;
}

/** A client certificate that the configuration names. */
export interface NamedCertificate {
  readonly path: string;
  readonly facts: CertificateFacts;
}

/** Whole days from a moment (ISO 8601) until `now` (epoch ms). */
export const daysSince = (moment: string, now: number): number =>
  Math.floor((now - Date.parse(moment)) / DAY_MS);

/** The credentials that this configuration uses and that are older than `security.rotation_days`. */
export function oldCredentials(
  config: Pick<RouterConfig, 'gateway_pool' | 'security'>,
  stored: readonly { readonly name: string; readonly storedAt: string }[],
  certificates: readonly { readonly path: string; readonly facts: Pick<CertificateFacts, 'validFrom'> }[],
  now: number,
): readonly OldCredential[] {
  const limit = config.security.rotation_days;
  if (limit === 0) return [];
  const kinds = storedKinds(config);
  const entries = stored.flatMap(({ name, storedAt }) => {
    const what = kinds.get(name);
    return what === undefined ? [] : [{ what, name, days: daysSince(storedAt, now) }];
  });
  const issued = certificates.map(({ path, facts }) => ({
    what: 'certificate' as const,
    name: path,
    days: daysSince(facts.validFrom, now),
  }));
  return [...entries, ...issued].filter(({ days }) => days >= limit);
}

/** What the keychain entries of this configuration are. */
export function storedKinds({
  gateway_pool: pool,
}: Pick<RouterConfig, 'gateway_pool'>): ReadonlyMap<string, CredentialKind> {
  const kinds = new Map<string, CredentialKind>();
  for (const { auth } of pool.endpoints) {
    const { token_secure_key: token, client_secret_secure_key: secret } = auth;
    if (auth.type === 'bearer' && auth.token_storage === 'keychain' && token !== undefined)
      kinds.set(token, 'token');
    if (auth.type === 'oauth2' && secret !== undefined) kinds.set(secret, 'client-secret');
  }
  return kinds;
}

/** The words for people. */
export const kindWords: Readonly<Record<CredentialKind, string>> = {
  token: 'token',
  'client-secret': 'client secret',
  certificate: 'client certificate',
};
