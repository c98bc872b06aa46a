import type { GatewayConfig, RouterConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import { createAddressGuard } from './address-guard';
import { scopesWanted, unionOfScopes } from './challenge';
import type { HeldToken } from './oauth-exchange';
import { openOAuthHttp, type OAuthHttp } from './oauth-http';
import { resolveOAuthSecrets } from './oauth-secrets';
import type { OAuthSettings } from './oauth-settings';
import { signInName } from './oauth-sign-in-store';
import type { SignInFacts, TokenRecord, TokenStore } from './oauth-store';
import { requestToken, type TokenSet } from './oauth-token';
import { Secret } from './secret';

/** What a token for a signed-in person depends on. */
export interface SignedInParts {
  readonly config: Pick<RouterConfig, 'gateway' | 'advanced'>;
  readonly store: TokenStore;
  readonly ports: EnginePorts;
  /** The access token that the other side refused; never the answer. */
  readonly refused: string | null;
  readonly isFresh: (obtainedAt: number, lifetimeMs: number) => boolean;
  /** A client secret that is tried in place of the one that is stored. */
  readonly candidate?: Secret;
}

const LOCK_LIMIT_MS = 60_000;
const signInNeeded = (detail: string): RouterError =>
  new RouterError('sign-in-needed', `${detail}; run: mcp-router sign-in`);

/** The token of the person who signed in, refreshed where needed. Throws RouterError. */
export function exchangeSignedIn(parts: SignedInParts): Promise<HeldToken> {
  return parts.ports.locks.exclusively(signInName(parts.config.gateway), LOCK_LIMIT_MS, () =>
    underLock(parts),
  );
}

async function underLock(parts: SignedInParts): Promise<HeldToken> {
  const { store, ports, refused, isFresh } = parts;
  const record = await store.read();
  const facts = record?.signIn;
  if (record === null || facts === undefined) throw signInNeeded('nobody has signed in yet');
  for (const value of [record.accessToken, record.refreshToken, facts.clientSecret])
    ports.mask.add(value ?? '');
  const isUsable = record.accessToken !== '' && record.accessToken !== refused;
  if (isUsable && isFresh(record.obtainedAt, record.lifetimeMs)) return held(facts, record);
  if (record.refreshToken === '') throw signInNeeded('the sign-in has ended');
  const set = await refreshed(parts, record, facts);
  const next: TokenRecord = {
    ...record,
    accessToken: set.accessToken.reveal(),
    refreshToken: set.refreshToken?.reveal() ?? record.refreshToken,
    obtainedAt: ports.clock.now(),
    lifetimeMs: set.lifetimeMs,
  };
  // Kept before it is used, so that no other process spends the old one.
  if (!(await store.write(next))) {
    ports.logger.warn('the new refresh token could not be put into the keychain; it ends with this process');
  }
  return held(facts, next);
}

async function refreshed(parts: SignedInParts, record: TokenRecord, facts: SignInFacts): Promise<TokenSet> {
  const { config, store, ports } = parts;
  const { auth } = config.gateway;
  const settings = settingsOf(facts, auth);
  const clientSecret = parts.candidate ?? (await secretOf(facts, auth, ports));
  const http = await openSignedInHttp(config, ports);
  try {
    const grant = { kind: 'refresh_token', refreshToken: new Secret(record.refreshToken) } as const;
    const set = await requestToken({ settings, clientSecret, grant, http });
    ports.mask.add(set.accessToken.reveal());
    ports.mask.add(set.refreshToken?.reveal() ?? '');
    return set;
  } catch (error) {
    if (!(error instanceof RouterError) || error.code !== 'sign-in-needed') throw error;
    // Spent for good: the next caller is told so without asking the identity provider again.
    await store.write({ ...record, refreshToken: '', accessToken: '' });
    throw signInNeeded(error.detail);
  } finally {
    await http.close();
  }
}

/**
 * The server wants more scopes than the person agreed to. A token that somebody signed in for meanwhile is taken;
 * otherwise the next sign-in asks for the union.
 *
 * @throws RouterError sign-in-needed, keychain-*
 */
export function widenSignedIn(parts: SignedInParts, scopes: readonly string[]): Promise<HeldToken> {
  return parts.ports.locks.exclusively(signInName(parts.config.gateway), LOCK_LIMIT_MS, async () => {
    const { store, refused } = parts;
    const record = await store.read();
    const facts = record?.signIn;
    if (record === null || facts === undefined) throw signInNeeded('nobody has signed in yet');
    if (record.accessToken !== '' && record.accessToken !== refused) return held(facts, record);
    const wanted = unionOfScopes(facts.wanted === '' ? facts.scope : facts.wanted, scopes);
    if (wanted !== facts.wanted) await store.write({ ...record, signIn: { ...facts, wanted } });
    throw signInNeeded(scopesWanted(scopes));
  });
}

/** A client for addresses that signing in found out. */
export async function openSignedInHttp(
  config: Pick<RouterConfig, 'gateway' | 'advanced'>,
  ports: EnginePorts,
): Promise<OAuthHttp> {
  const guard = await createAddressGuard(configuredAddresses(config.gateway));
  return openOAuthHttp(config, ports, guard.lookup);
}

/** The addresses that a person wrote, and so answers for. */
export function configuredAddresses({ url, auth }: GatewayConfig): readonly URL[] {
  return [url, ...(auth.issuer === undefined ? [] : [auth.issuer])].map((address) => new URL(address));
}

/** The settings of requests for what signing in found out. */
export function settingsOf(facts: SignInFacts, auth: GatewayConfig['auth']): OAuthSettings {
  return {
    clientId: facts.clientId,
    tokenEndpoint: new URL(facts.tokenEndpoint),
    issuer: facts.issuer,
    grant: 'authorization_code',
    clientAuth: facts.clientAuth ?? auth.client_auth,
    parameters: { resource: facts.resource },
    name: `${facts.clientId} @ ${new URL(facts.issuer).host}`,
  };
}

/** The secret of the registration, or the one that the configuration names. */
export async function secretOf(
  facts: Pick<SignInFacts, 'clientSecret'>,
  auth: GatewayConfig['auth'],
  ports: EnginePorts,
): Promise<Secret | null> {
  if (facts.clientSecret !== null) return new Secret(facts.clientSecret);
  return (await resolveOAuthSecrets(auth, ports)).clientSecret;
}

function held(facts: SignInFacts, { accessToken, obtainedAt, lifetimeMs }: TokenRecord): HeldToken {
  const name = `${facts.clientId} @ ${new URL(facts.issuer).host}`;
  const credential = { secret: new Secret(accessToken), inUse: { source: 'oauth2', name } } as const;
  return { credential, obtainedAt, expiresAt: obtainedAt + lifetimeMs };
}
