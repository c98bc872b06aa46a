import { createHash } from 'node:crypto';

import type { SecretLookup, SecretStore } from '../ports';

import { storedValue } from './stored-value';

/** What a grant with a refresh token leaves behind for the next process. */
export interface TokenRecord {
  /** A digest of the refresh token that the person put there; another one there makes the record obsolete. */
  readonly seed: string;
  readonly refreshToken: string;
  readonly accessToken: string;
  /** Epoch milliseconds. */
  readonly obtainedAt: number;
  readonly lifetimeMs: number;
  /** With whom a person signed in, and as which client; absent for refresh tokens that a person brought. */
  readonly signIn?: SignInFacts;
}

/** What signing in found out about an authorization server, and the registration there. */
export interface SignInFacts {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string | null;
  readonly resource: string;
  readonly clientId: string;
  /** What was asked for; names with spaces between them. */
  readonly scope: string;
  /** What the next sign-in asks for besides, because the server wants it. */
  readonly wanted: string;
  /** Of a registration that gave one; secrets that a person brought stay where they are. */
  readonly clientSecret: string | null;
  /** How the secret is shown at the token endpoint; null in records of before, where the configuration says. */
  readonly clientAuth: 'basic' | 'post' | null;
}

/** The `seed` of records that signing in wrote. */
export const SIGN_IN_SEED = 'sign-in';

/** Keeps one record. */
export interface TokenStore {
  /** Past every cache. Throws RouterError keychain-*. */
  read(): Promise<TokenRecord | null>;
  /** False when it could not be kept for other processes. */
  write(record: TokenRecord): Promise<boolean>;
}

/** The digest that {@link TokenRecord.seed} holds. */
export const seedOf = (refreshToken: string): string =>
  createHash('sha256').update(refreshToken).digest('base64url');

/** The name of the keychain entry for a client at an identity provider. */
export function recordName(issuer: string, clientId: string): string {
  const digest = createHash('sha256').update(`${issuer}\n${clientId}`).digest('hex').slice(0, 24);
  return `oauth2-${digest}`;
}

/** Records that end with the process. */
export function memoryTokenStore(): TokenStore {
  let kept: TokenRecord | null = null;
  return {
    read: () => Promise.resolve(kept),
    write: (record) => {
      kept = record;
      return Promise.resolve(true);
    },
  };
}

/** Records among the secrets. One that could not be written is kept in memory, because the old one is of no use any more. */
export function secretTokenStore(secrets: SecretStore, name: string): TokenStore {
  let unsaved: TokenRecord | null = null;
  return {
    read: async () => unsaved ?? recordIn(await secrets.readAnew(name), name),
    write: async (record) => {
      const change = await secrets.write(name, JSON.stringify({ version: 1, ...record }));
      unsaved = change.kind === 'done' ? null : record;
      return change.kind === 'done';
    },
  };
}

function recordIn(lookup: SecretLookup, name: string): TokenRecord | null {
  const text = storedValue(lookup, name);
  return text === null ? null : parsedRecord(text);
}

/** Null for what this version did not write; the refresh token that the person put there is tried instead. */
function parsedRecord(text: string): TokenRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const {
      seed,
      refreshToken,
      accessToken,
      obtainedAt,
      lifetimeMs,
      signIn,
    }: Partial<Record<keyof TokenRecord, unknown>> = value;
    if (typeof seed !== 'string' || typeof refreshToken !== 'string') return null;
    if (typeof accessToken !== 'string' || typeof obtainedAt !== 'number') return null;
    if (typeof lifetimeMs !== 'number') return null;
    const facts = parsedFacts(signIn);
    const record = { seed, refreshToken, accessToken, obtainedAt, lifetimeMs };
    return facts === null ? record : { ...record, signIn: facts };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function parsedFacts(value: unknown): SignInFacts | null {
  if (typeof value !== 'object' || value === null) return null;
  const facts: Partial<Record<keyof SignInFacts, unknown>> = value;
  const { issuer, tokenEndpoint, revocationEndpoint, resource, clientId, clientSecret } = facts;
  const { clientAuth, scope, wanted } = facts;
  if (typeof issuer !== 'string' || typeof tokenEndpoint !== 'string') return null;
  if (typeof resource !== 'string' || typeof clientId !== 'string') return null;
  return {
    issuer,
    tokenEndpoint,
    resource,
    clientId,
    scope: typeof scope === 'string' ? scope : '',
    wanted: typeof wanted === 'string' ? wanted : '',
    revocationEndpoint: typeof revocationEndpoint === 'string' ? revocationEndpoint : null,
    clientSecret: typeof clientSecret === 'string' ? clientSecret : null,
    clientAuth: clientAuth === 'basic' || clientAuth === 'post' ? clientAuth : null,
  };
}
