import type { RouterConfig } from '../../../shared/model/config';
import type { EnginePorts } from '../ports';

import { bearerSource, type CredentialSource } from './credential-source';
import { oauthSource, type OAuthTokens, type OnClientRefused } from './oauth-source';

/** The credential source that `gateway.auth.type` names at the moment of each call, so that a reload may change it. */
export function configuredSource(
  config: () => RouterConfig,
  ports: EnginePorts,
  onClientRefused?: OnClientRefused,
): OAuthTokens {
  const bearer = bearerSource(config, ports);
  const oauth = oauthSource(config, ports, onClientRefused);
  const isOAuth = (): boolean => config().gateway.auth.type === 'oauth2';
  const chosen = (): CredentialSource => (isOAuth() ? oauth : bearer);
  return {
    current: (signal) => chosen().current(signal),
    renewed: (refused, signal) => chosen().renewed(refused, signal),
    widened: (held, scopes, signal) => chosen().widened(held, scopes, signal),
    refusedForGood: (cause) => chosen().refusedForGood(cause),
    lookAtSecrets: () => (isOAuth() ? oauth.lookAtSecrets() : Promise.resolve()),
    forget: () => {
      bearer.forget?.();
      oauth.forget();
    },
    get missingScope() {
      return chosen().missingScope;
    },
  };
}
