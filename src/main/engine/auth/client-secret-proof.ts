import type { RouterConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import type { Credential } from './credentials';
import { exchange } from './oauth-exchange';
import { resolveOAuthSecrets } from './oauth-secrets';
import { oauthSettings } from './oauth-settings';
import { grantStore } from './oauth-sign-in-store';
import { exchangeSignedIn } from './oauth-signed-in';
import type { Secret } from './secret';

/** A fresh token, never one that is kept: only the identity provider knows whether the secret is right. */
const isFresh = (): boolean => false;

/**
 * Asks the identity provider for a token with this client secret. A refresh token that comes with it is kept where the
 * running router looks for it, because the one that was sent may be spent.
 *
 * @throws RouterError oauth-*, sign-in-needed, credential-*, keychain-*
 */
export async function tokenWith(
  candidate: Secret,
  config: Pick<RouterConfig, 'gateway' | 'advanced'>,
  ports: EnginePorts,
): Promise<Credential> {
  const { gateway } = config;
  const { auth } = gateway;
  const store = grantStore(gateway, ports);
  const isPersons = auth.grant_type === 'refresh_token' || auth.grant_type === 'authorization_code';
  if (isPersons && auth.token_storage === 'memory') {
    throw new RouterError(
      'sign-in-needed',
      'with token_storage "memory" the newest refresh token is known to the running router alone, and asking with an older one could end the sign-in',
    );
  }
  if (auth.grant_type === 'authorization_code') {
    return (await exchangeSignedIn({ config, store, ports, refused: null, isFresh, candidate })).credential;
  }
  const settings = oauthSettings(auth);
  const secrets = await resolveOAuthSecrets(auth, ports, candidate);
  const token = await exchange({
    config,
    settings,
    secrets,
    store,
    ports,
    refused: null,
    isFresh,
    isWider: false,
  });
  return token.credential;
}
