import type { LookupFunction } from 'node:net';

import type { GatewayConfig, RouterConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import type { IdentityPorts } from './client-identity';
import { createHttpClient, type FetchInit, type HttpClientOptions } from './http-client';
import { exchangeFailure } from './oauth-failure';
import { providerSettings, tlsSettings, type TlsSettings } from './tls';

/** HTTP to an identity provider: bounded in size and in the time of a whole exchange, without redirects. */
export interface OAuthHttp {
  /** Throws RouterError oauth-unreachable, oauth-untrusted, oauth-misbehaved. */
  fetch(url: string, init?: FetchInit): Promise<Response>;
  close(): Promise<void>;
}

/** Larger answers hold no token. */
const MAX_RESPONSE_BYTES = 256 * 1024;

/**
 * A client with the TLS settings of `gateway.auth.tls`. Throws RouterError oauth-untrusted.
 *
 * @param lookup in place of the system's, for addresses that others told us
 */
export function openOAuthHttp(
  auth: GatewayConfig['auth'],
  { files, clock }: Pick<EnginePorts, 'files' | 'clock'>,
  lookup?: LookupFunction,
): OAuthHttp {
  const tls = async (host: string): Promise<TlsSettings> => {
    try {
      return await providerSettings(auth.tls, host, files);
    } catch (error) {
      if (!(error instanceof RouterError) || error.code !== 'trust-file-unreadable') throw error;
      throw new RouterError('oauth-untrusted', `gateway.auth.tls.ca_cert_path: ${error.detail}`);
    }
  };
  return bounded(tls, { clock, timeoutMs: auth.token_timeout_ms, lookup });
}

/** A client with the TLS settings of the gateway, for the metadata that it has about itself. */
export function openGatewayHttp(
  config: Pick<RouterConfig, 'gateway' | 'advanced'>,
  ports: IdentityPorts,
  lookup: LookupFunction,
): OAuthHttp {
  const tls = (host: string): Promise<TlsSettings> => tlsSettings(config, host, ports);
  return bounded(tls, { clock: ports.clock, timeoutMs: config.gateway.auth.token_timeout_ms, lookup });
}

interface Bounds {
  readonly clock: EnginePorts['clock'];
  readonly timeoutMs: number;
  readonly lookup: LookupFunction | undefined;
}

function bounded(tls: HttpClientOptions['tls'], { clock, timeoutMs, lookup }: Bounds): OAuthHttp {
  const client = createHttpClient({
    tls,
    timeoutMs,
    clock,
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
