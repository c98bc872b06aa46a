import type { LookupFunction } from 'node:net';

import type { GatewayConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import { createHttpClient, type FetchInit } from './http-client';
import { exchangeFailure } from './oauth-failure';
import { tlsOptions, type TlsOptions } from './tls';

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
export async function openOAuthHttp(
  auth: GatewayConfig['auth'],
  ports: Pick<EnginePorts, 'files' | 'clock'>,
  lookup?: LookupFunction,
): Promise<OAuthHttp> {
  const { tls, token_timeout_ms: timeoutMs } = auth;
  const options: TlsOptions = {
    minVersion: tls.min_version === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    rejectUnauthorized: tls.verify,
    ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
    ...(tls.ca_cert_path === undefined ? {} : { ca: await authorities(tls.ca_cert_path, ports.files) }),
  };
  return bounded(options, { clock: ports.clock, timeoutMs, lookup });
}

/** A client with the TLS settings of the gateway, for the metadata that it has about itself. */
export async function openGatewayHttp(
  gateway: GatewayConfig,
  ports: Pick<EnginePorts, 'files' | 'clock'>,
  lookup: LookupFunction,
): Promise<OAuthHttp> {
  const host = new URL(gateway.url).hostname.replace(/^\[|\]$/g, '');
  const options = await tlsOptions(gateway.tls, host, ports.files);
  return bounded(options, { clock: ports.clock, timeoutMs: gateway.auth.token_timeout_ms, lookup });
}

interface Bounds {
  readonly clock: EnginePorts['clock'];
  readonly timeoutMs: number;
  readonly lookup: LookupFunction | undefined;
}

function bounded(tls: TlsOptions, { clock, timeoutMs, lookup }: Bounds): OAuthHttp {
  const client = createHttpClient({
    tls,
    timeoutMs,
    clock,
    maxFetchBytes: MAX_RESPONSE_BYTES,
    ...(lookup === undefined ? {} : { lookup }),
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
