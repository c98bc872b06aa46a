import type { RouterConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import { openOAuthHttp } from './oauth-http';
import type { OAuthSecrets } from './oauth-secrets';
import type { OAuthSettings } from './oauth-settings';
import { seedOf, type TokenRecord, type TokenStore } from './oauth-store';
import { requestToken, type Grant, type TokenSet } from './oauth-token';
import { Secret } from './secret';
import type { Credential } from './credentials';

/** A token as it is held in memory. Times are epoch milliseconds. */
export interface HeldToken {
  readonly credential: Credential;
  readonly obtainedAt: number;
  readonly expiresAt: number;
}

/** What one exchange with the identity provider depends on. */
export interface ExchangeParts {
  readonly config: Pick<RouterConfig, 'gateway' | 'advanced'>;
  readonly settings: OAuthSettings;
  readonly secrets: OAuthSecrets;
  readonly store: TokenStore;
  readonly ports: EnginePorts;
  /** The access token that the other side refused; never the answer. */
  readonly refused: string | null;
  /** True when the scopes are not those of the token of before. */
  readonly isWider: boolean;
  /** True when a token that lives until then is good enough. */
  readonly isFresh: (obtainedAt: number, lifetimeMs: number) => boolean;
}

/** How long to wait for another process that refreshes the same token. */
const LOCK_LIMIT_MS = 60_000;

/** Gets a token with the grant that the configuration names. Throws RouterError. */
export async function exchange(parts: ExchangeParts): Promise<HeldToken> {
  const { settings, ports } = parts;
  switch (settings.grant) {
    case 'client_credentials':
      return held(parts, await ask(parts, { kind: 'client_credentials' }));
    case 'password':
      return held(parts, await askWithPassword(parts));
    case 'refresh_token':
      // A rotating refresh token is good for one use: two processes that use it at once would lose both.
      return ports.locks.exclusively(`oauth2 ${settings.issuer} ${settings.clientId}`, LOCK_LIMIT_MS, () =>
        refresh(parts),
      );
    case 'authorization_code':
      throw new RouterError('sign-in-needed', 'run: mcp-router sign-in');
    default:
      return assertNever(settings.grant);
  }
}

/** The refresh token of an earlier answer spares the password a journey. */
async function askWithPassword(parts: ExchangeParts): Promise<TokenSet> {
  const { secrets, store } = parts;
  const { auth } = parts.config.gateway;
  const { password } = secrets;
  if (password === null || auth.username === undefined) {
    throw new RouterError('config-invalid', 'grant_type password needs username and a password');
  }
  const kept = await store.read();
  const seed = seedOf(`${auth.username}\n${password.reveal()}`);
  let set: TokenSet | null = null;
  // A refresh gives no more than was given before (RFC 6749 section 6).
  if (kept?.seed === seed && !parts.isWider) set = await tryRefresh(parts, new Secret(kept.refreshToken));
  set ??= await ask(parts, { kind: 'password', username: auth.username, password });
  const refreshToken = set.refreshToken?.reveal() ?? (kept?.seed === seed ? kept.refreshToken : undefined);
  if (refreshToken !== undefined) await store.write(recordOf(parts, set, { seed, refreshToken }));
  return set;
}

/** Null when the refresh token is not accepted any more. */
async function tryRefresh(parts: ExchangeParts, refreshToken: Secret): Promise<TokenSet | null> {
  try {
    return await ask(parts, { kind: 'refresh_token', refreshToken });
  } catch (error) {
    if (error instanceof RouterError && error.code === 'sign-in-needed') return null;
    throw error;
  }
}

/** Runs under the lock. What another process got meanwhile is taken; otherwise the newest refresh token is used. */
async function refresh(parts: ExchangeParts): Promise<HeldToken> {
  const { secrets, store, ports, refused, isFresh } = parts;
  const given = secrets.refreshToken?.reveal() ?? '';
  const seed = seedOf(given);
  const kept = await store.read();
  const known = kept?.seed === seed ? kept : null;
  if (known !== null) {
    ports.mask.add(known.accessToken);
    ports.mask.add(known.refreshToken);
    if (known.accessToken !== refused && isFresh(known.obtainedAt, known.lifetimeMs)) {
      return heldUntil(parts, new Secret(known.accessToken), known);
    }
  }
  const current = known?.refreshToken ?? given;
  const set = await ask(parts, { kind: 'refresh_token', refreshToken: new Secret(current) });
  const record = recordOf(parts, set, { seed, refreshToken: set.refreshToken?.reveal() ?? current });
  // Kept before it is used: whoever dies in between leaves the new refresh token behind, not the spent one.
  if (!(await store.write(record))) {
    ports.logger.warn('the new refresh token could not be put into the keychain; it ends with this process', {
      client: parts.settings.name,
    });
  }
  return heldUntil(parts, set.accessToken, record);
}

async function ask(parts: ExchangeParts, grant: Grant): Promise<TokenSet> {
  const { config, settings, secrets, ports } = parts;
  // A client of its own for each exchange: tokens are fetched rarely, and nothing is left open.
  const http = openOAuthHttp(config, ports);
  try {
    const set = await requestToken({ settings, clientSecret: secrets.clientSecret, grant, http });
    ports.mask.add(set.accessToken.reveal());
    if (set.refreshToken !== null) ports.mask.add(set.refreshToken.reveal());
    ports.logger.info('token received from the identity provider', {
      client: settings.name,
      grant: grant.kind,
      lifetime_s: Math.round(set.lifetimeMs / 1000),
    });
    return set;
  } finally {
    await http.close();
  }
}

function recordOf(
  { ports }: ExchangeParts,
  set: TokenSet,
  origin: Pick<TokenRecord, 'seed' | 'refreshToken'>,
): TokenRecord {
  const { accessToken, lifetimeMs } = set;
  return { ...origin, accessToken: accessToken.reveal(), obtainedAt: ports.clock.now(), lifetimeMs };
}

function held(parts: ExchangeParts, set: TokenSet): HeldToken {
  return heldUntil(parts, set.accessToken, {
    obtainedAt: parts.ports.clock.now(),
    lifetimeMs: set.lifetimeMs,
  });
}

function heldUntil(
  { settings }: ExchangeParts,
  secret: Secret,
  { obtainedAt, lifetimeMs }: Pick<TokenRecord, 'obtainedAt' | 'lifetimeMs'>,
): HeldToken {
  const credential = { secret, inUse: { source: 'oauth2', name: settings.name } } as const;
  return { credential, obtainedAt, expiresAt: obtainedAt + lifetimeMs };
}
