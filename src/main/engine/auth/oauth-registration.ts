import type { GatewayConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import type { AuthorizationServer } from './oauth-discovery';
import type { OAuthHttp } from './oauth-http';
import type { SignInFacts } from './oauth-store';

type AuthConfig = GatewayConfig['auth'];
type ClientAuth = AuthConfig['client_auth'];

/** The client at one authorization server, and how it shows who it is. */
export type Registration = Pick<SignInFacts, 'clientId' | 'clientSecret' | 'clientAuth'>;

/** The methods of RFC 7591 that we have for a client with a secret. */
const METHODS: ReadonlyMap<unknown, ClientAuth> = new Map([
  ['client_secret_basic', 'basic'],
  ['client_secret_post', 'post'],
]);
const methodOf = (wanted: ClientAuth): string => `client_secret_${wanted}`;

/** Where a registration is asked for. */
export interface RegistrationParts {
  readonly redirectUri: string;
  readonly http: Pick<OAuthHttp, 'fetch'>;
  readonly mask: EnginePorts['mask'];
}

/**
 * Pre-registered, or a document at an address of its own, or registered now (mcp-notes 1.6, in this order).
 *
 * @throws RouterError oauth-refused, oauth-misbehaved
 */
export async function registrationFor(
  auth: AuthConfig,
  found: AuthorizationServer,
  parts: RegistrationParts,
): Promise<Registration> {
  const { client_id: clientId } = auth;
  if (clientId === undefined) return register(auth, found, parts);
  if (clientId.startsWith('https://') && found.client_id_metadata_document_supported !== true) {
    throw new RouterError('oauth-refused', 'it does not take an address as client_id');
  }
  return { clientId, clientSecret: null, clientAuth: offeredAuth(auth, found) };
}

async function register(
  auth: AuthConfig,
  found: AuthorizationServer,
  { redirectUri, http, mask }: RegistrationParts,
): Promise<Registration> {
  const { registration_endpoint: endpoint, token_endpoint_auth_methods_supported: offered } = found;
  if (endpoint === undefined) {
    throw new RouterError('oauth-refused', 'it registers no clients by itself; set gateway.auth.client_id');
  }
  const usual = offeredAuth(auth, found);
  // Nothing on this machine keeps a secret from its user, so none is asked for where it is not demanded.
  const isPublic = offered.length === 0 || offered.includes('none');
  const response = await http.fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      client_name: 'MCP Router',
      application_type: 'native',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: isPublic ? 'none' : methodOf(usual),
    }),
  });
  const registration = registrationIn(response.status, await response.text(), usual);
  mask.add(registration.clientSecret ?? '');
  return registration;
}

/** The configured way, or the other one where the server offers that alone. */
function offeredAuth(
  { client_auth: configured }: AuthConfig,
  { token_endpoint_auth_methods_supported: offered }: AuthorizationServer,
): ClientAuth {
  const other = configured === 'basic' ? 'post' : 'basic';
  return !offered.includes(methodOf(configured)) && offered.includes(methodOf(other)) ? other : configured;
}

function registrationIn(status: number, text: string, usual: ClientAuth): Registration {
  if (status !== 201 && status !== 200) {
    throw new RouterError('oauth-refused', `it does not register this client: HTTP status ${String(status)}`);
  }
  const { client_id, client_secret, token_endpoint_auth_method: method } = objectIn(text);
  if (typeof client_id !== 'string') {
    throw new RouterError('oauth-misbehaved', 'its registration holds no client_id');
  }
  return {
    clientId: client_id,
    clientSecret: typeof client_secret === 'string' && method !== 'none' ? client_secret : null,
    // What it wrote down counts, whatever was asked for (RFC 7591 section 3.2.1).
    clientAuth: METHODS.get(method) ?? usual,
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
