import type { GatewayConfig, RouterConfig } from '../../../shared/model/config';

import type { CredentialSource } from './credential-source';

/** The source for an endpoint; endpoints whose `auth` is the same share one, and with it each refresh. */
export type CredentialSources<Source extends CredentialSource = CredentialSource> = (
  auth: GatewayConfig['auth'],
) => Source;

/**
 * One source for each `auth` that the configuration of now has, kept over reloads.
 *
 * @param make builds a source from a configuration whose `gateway` is the endpoint in question
 */
export function credentialSources<Source extends CredentialSource>(
  config: () => RouterConfig,
  make: (endpointConfig: () => RouterConfig) => Source,
): CredentialSources<Source> {
  const sources = new Map<string, Source>();
  return (auth) => {
    const name = nameOf(auth);
    const known = sources.get(name);
    if (known !== undefined) return known;
    for (const old of sources.keys()) if (endpointWith(old, config()) === undefined) sources.delete(old);
    let last: RouterConfig['gateway'] = { ...config().gateway, auth };
    const source = make(() => {
      last = endpointWith(name, config()) ?? last;
      return { ...config(), gateway: last };
    });
    sources.set(name, source);
    return source;
  };
}

/** It holds references alone, no secret. */
const nameOf = (auth: GatewayConfig['auth']): string => JSON.stringify(auth);

/** The same object for the same configuration, because sources tell a reload by identity. */
const endpointWith = (name: string, config: RouterConfig): GatewayConfig | undefined =>
  config.gateway_pool.endpoints.find(({ auth }) => nameOf(auth) === name);
