import type { RouterConfig } from '../../../shared/model/config';
import type { EnginePorts } from '../ports';

import { bearerSource, type CredentialSource } from './credential-source';
import { oauthSource } from './oauth-source';

/** The credential source that `gateway.auth.type` names at the moment of each call, so that a reload may change it. */
export function configuredSource(config: () => RouterConfig, ports: EnginePorts): CredentialSource {
  const bearer = bearerSource(config, ports);
  const oauth = oauthSource(config, ports);
  const chosen = (): CredentialSource => (config().gateway.auth.type === 'oauth2' ? oauth : bearer);
  return {
    current: (signal) => chosen().current(signal),
    renewed: (refused, signal) => chosen().renewed(refused, signal),
    widened: (held, scopes, signal) => chosen().widened(held, scopes, signal),
    refusedForGood: (cause) => chosen().refusedForGood(cause),
    get missingScope() {
      return chosen().missingScope;
    },
  };
}
