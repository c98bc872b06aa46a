import type { LookupFunction } from 'node:net';

import type { RouterConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import { createHttpClient, type FetchInit, type HttpClientOptions } from './http-client';
import { exchangeFailure } from './oauth-failure';
import { resolveProxy } from './proxy';
import { providerSettings, tlsSettings, type TlsSettings } from './tls';

/** HTTP to an identity provider: bounded in size and in the time of a whole exchange, without redirects. */
export interface OAuthHttp {
  /** Throws RouterError oauth-unreachable, oauth-untrusted, oauth-misbehaved. */
  fetch(url: string, init?: FetchInit): Promise<Response>;
  close(): Promise<void>;
}

/** Larger answers hold no token. */
const MAX_RESPONSE_BYTES = 256 * 1024;

type Config = Pick<RouterConfig, 'gateway' | 'advanced'>;

/**
 * A client with the TLS settings of `gateway.auth.tls`. Throws RouterError oauth-untrusted.
 *
 * @param lookup in place of the system's, for addresses that others told us
 */
export function openOAuthHttp(config: Config, ports: EnginePorts, lookup?: LookupFunction): OAuthHttp {
  const { auth } = config.gateway;
  const tls = async (host: string): Promise<TlsSettings> => {
    try {
      return await providerSettings(auth.tls, host, ports.files);
    } catch (error) {
      if (!(error instanceof RouterError) || error.code !== 'trust-file-unreadable') throw error;
      throw new RouterError('oauth-untrusted', `gateway.auth.tls.ca_cert_path: ${error.detail}`);
    }
  };
  return bounded(tls, { config, ports, lookup });
}

/** A client with the TLS settings of the gateway, for the metadata that it has about itself. */
export function openGatewayHttp(config: Config, ports: EnginePorts, lookup: LookupFunction): OAuthHttp {
  const tls = (host: string): Promise<TlsSettings> => tlsSettings(config, host, ports);
  return bounded(tls, { config, ports, lookup });
}

interface Bounds {
  readonly config: Config;
  readonly ports: EnginePorts;
  readonly lookup: LookupFunction | undefined;
}

function bounded(tls: HttpClientOptions['tls'], { config, ports, lookup }: Bounds): OAuthHttp {
  const timeoutMs = config.gateway.auth.token_timeout_ms;
  const client = createHttpClient({
    tls,
    proxyFor: (target) => resolveProxy(config, target, ports),
    timeoutMs,
    clock: ports.clock,
    maxFetchBytes: MAX_RESPONSE_BYTES,
    lookup,
  });
  return {
    fetch: async (url, init) => {
      try {
        return await client.fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
      } catch (error) {
        throw exchangeFailure(error);
      }
    },
    close: () => client.close(),
  };
}
