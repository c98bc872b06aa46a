import type { GatewayConfig } from '../../../shared/model/config';
import type { EnginePorts } from '../ports';

import { tokenStore } from './credentials';
import { oauthSettings } from './oauth-settings';
import {
  memoryTokenStore,
  secretTokenStore,
  recordName,
  type TokenRecord,
  type TokenStore,
} from './oauth-store';

/** The keychain entry of the sign-in for a server: another server, issuer or client is another sign-in. */
export function signInName({ url, auth }: GatewayConfig): string {
  return recordName(`${url}\n${auth.issuer ?? ''}`, auth.client_id ?? '');
}

/** What signing in leaves for the processes that connect. */
export function signInStore(
  gateway: GatewayConfig,
  ports: Pick<EnginePorts, 'secrets' | 'memory'>,
): TokenStore {
  return secretTokenStore(tokenStore(gateway.auth, ports), signInName(gateway));
}

/** What is known of a sign-in without its tokens. */
export interface SignInRecord {
  readonly issuer: string;
  readonly clientId: string;
  /** Epoch milliseconds. */
  readonly tokenUntil: number;
  /** Whether the identity provider gave what the access token is renewed with. */
  readonly isRenewable: boolean;
  /** The identity provider takes it no more. */
  readonly isEnded: boolean;
}

/** The sign-in that connections to this server use; null when nobody has signed in. Throws RouterError keychain-*. */
export async function signInRecord(
  gateway: GatewayConfig,
  ports: Pick<EnginePorts, 'secrets' | 'memory'>,
): Promise<SignInRecord | null> {
  const record = await signInStore(gateway, ports).read();
  return record?.signIn === undefined ? null : withoutTokens(record, record.signIn);
}

const withoutTokens = (
  { obtainedAt, lifetimeMs, refreshToken, accessToken }: TokenRecord,
  { issuer, clientId }: NonNullable<TokenRecord['signIn']>,
): SignInRecord => ({
  issuer,
  clientId,
  tokenUntil: obtainedAt + lifetimeMs,
  isRenewable: refreshToken !== '',
  isEnded: refreshToken === '' && accessToken === '',
});

/**
 * Where the tokens of this grant are kept. Guide, Data Protection: nothing is kept beyond memory, unless a rotating
 * refresh token has to be.
 */
export function grantStore(
  gateway: GatewayConfig,
  ports: Pick<EnginePorts, 'secrets' | 'memory'>,
): TokenStore {
  const { auth } = gateway;
  if (auth.grant_type === 'authorization_code') return signInStore(gateway, ports);
  if (auth.grant_type !== 'refresh_token') return memoryTokenStore();
  const { issuer, clientId } = oauthSettings(auth);
  return secretTokenStore(tokenStore(auth, ports), recordName(issuer, clientId));
}
