import type { GatewayConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import { createHttpClient, type FetchInit } from './http-client';
import { exchangeFailure } from './oauth-failure';
import type { TlsOptions } from './tls';

/** HTTP to an identity provider: bounded in size and in the time of a whole exchange, without redirects. */
export interface OAuthHttp {
  /** Throws RouterError oauth-unreachable, oauth-untrusted, oauth-misbehaved. */
  fetch(url: string, init?: FetchInit): Promise<Response>;
  close(): Promise<void>;
}

/** Larger answers hold no token. */
const MAX_RESPONSE_BYTES = 256 * 1024;

/** A client with the TLS settings of `gateway.auth.tls`. Throws RouterError oauth-untrusted. */
export async function openOAuthHttp(
  auth: GatewayConfig['auth'],
  ports: Pick<EnginePorts, 'files' | 'clock'>,
): Promise<OAuthHttp> {
  const { tls, token_timeout_ms: timeoutMs } = auth;
  const options: TlsOptions = {
    minVersion: tls.min_version === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    rejectUnauthorized: tls.verify,
    ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
    ...(tls.ca_cert_path === undefined ? {} : { ca: await authorities(tls.ca_cert_path, ports.files) }),
  };
  const client = createHttpClient({
    tls: options,
    timeoutMs,
    clock: ports.clock,
    maxFetchBytes: MAX_RESPONSE_BYTES,
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

async function authorities(path: string, files: EnginePorts['files']): Promise<string> {
  const lookup = await files.readCertificates(path);
  if (lookup.kind === 'found') return lookup.value;
  const reasons = {
    missing: 'there is no such file',
    refused: 'it is not safe to use',
    unreadable: 'it cannot be read',
  };
  throw new RouterError('oauth-untrusted', `gateway.auth.tls.ca_cert_path ${path}: ${reasons[lookup.kind]}`);
}
