import type { GatewayConfig } from '../../../shared/model/config';
import type { EnginePorts } from '../ports';

import { tokenStore } from './credentials';
import { oauthSettings } from './oauth-settings';
import { memoryTokenStore, secretTokenStore, recordName, type TokenStore } from './oauth-store';

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
