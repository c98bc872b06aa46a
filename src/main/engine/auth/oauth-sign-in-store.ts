import type { GatewayConfig } from '../../../shared/model/config';
import type { EnginePorts } from '../ports';

import { tokenStore } from './credentials';
import { secretTokenStore, recordName, type TokenStore } from './oauth-store';

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
