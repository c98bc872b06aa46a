import {
  allowInsecureRequests,
  ClientSecretPost,
  customFetch,
  genericTokenEndpointRequest,
  None,
  OperationProcessingError,
  processGenericTokenEndpointResponse,
  UnsupportedOperationError,
  type ClientAuth,
  type TokenEndpointResponse,
} from 'oauth4webapi';

import { assertNever, RouterError } from '../../../shared/model/errors';

import { refusal } from './oauth-failure';
import type { OAuthHttp } from './oauth-http';
import type { OAuthSettings } from './oauth-settings';
import { Secret } from './secret';

/** How long a token is taken for good when the provider does not say (as the Go router does, gateway-protocol 8.1). */
export const DEFAULT_LIFETIME_SECONDS = 3600;
const MAX_LIFETIME_SECONDS = 365 * 24 * 3600;
/** What a header can carry (RFC 6750 b64token is a subset). */
const TOKEN_SHAPE = /^[\x21-\x7e]{1,65536}$/;

/** What is presented for a token. */
export type Grant =
  | { readonly kind: 'client_credentials' }
  | { readonly kind: 'password'; readonly username: string; readonly password: Secret }
  | { readonly kind: 'refresh_token'; readonly refreshToken: Secret }
  | {
      readonly kind: 'authorization_code';
      readonly code: Secret;
      readonly redirectUri: string;
      readonly verifier: Secret;
    };

/** One request for a token. */
export interface TokenRequest {
  readonly settings: OAuthSettings;
  /** Null for a public client. */
  readonly clientSecret: Secret | null;
  readonly grant: Grant;
  readonly http: Pick<OAuthHttp, 'fetch'>;
}

/** What the identity provider gave. */
export interface TokenSet {
  readonly accessToken: Secret;
  readonly lifetimeMs: number;
  /** Null when it gave none, or the old one stays good. */
  readonly refreshToken: Secret | null;
}

/**
 * Asks the token endpoint once.
 *
 * @throws RouterError oauth-refused, oauth-unreachable, oauth-untrusted, oauth-misbehaved, sign-in-needed
 */
export async function requestToken({ settings, clientSecret, grant, http }: TokenRequest): Promise<TokenSet> {
  const { issuer, tokenEndpoint, clientId } = settings;
  const server = { issuer, token_endpoint: tokenEndpoint.href };
  const client = { client_id: clientId };
  const parameters = { ...settings.parameters, ...grantParameters(grant) };
  try {
    const response = await genericTokenEndpointRequest(
      server,
      client,
      clientAuthentication(settings, clientSecret),
      grant.kind,
      parameters,
      {
        [customFetch]: (url, { method, headers, body }) =>
          http.fetch(url, { method, headers, body: sendable(body) }),
        [allowInsecureRequests]: tokenEndpoint.protocol === 'http:',
      },
    );
    if (response.status !== 200) throw await refused(response, grant);
    return tokenSet(await processGenericTokenEndpointResponse(server, client, await plain(response)));
  } catch (error) {
    throw named(error);
  }
}

function sendable(body: unknown): URLSearchParams | null {
  return body instanceof URLSearchParams ? body : null;
}

function grantParameters(grant: Grant): Readonly<Record<string, string>> {
  switch (grant.kind) {
    case 'client_credentials':
      return {};
    case 'password':
      return { username: grant.username, password: grant.password.reveal() };
    case 'refresh_token':
      return { refresh_token: grant.refreshToken.reveal() };
    case 'authorization_code':
      return {
        code: grant.code.reveal(),
        redirect_uri: grant.redirectUri,
        code_verifier: grant.verifier.reveal(),
      };
    default:
      return assertNever(grant);
  }
}

/** How the client shows who it is. */
export function clientAuthentication(
  { clientAuth }: Pick<OAuthSettings, 'clientAuth'>,
  secret: Secret | null,
): ClientAuth {
  if (secret === null) return None();
  return clientAuth === 'basic' ? basicAuthentication(secret) : ClientSecretPost(secret.reveal());
}

/**
 * RFC 6749 section 2.3.1, with the letters that a form leaves alone (`-`, `_`, `.`) left alone: the library encodes them,
 * too, and servers that do not decode then know neither client nor secret.
 */
function basicAuthentication(secret: Secret): ClientAuth {
  return (_server, { client_id: id }, _body, headers) => {
    const pair = `${asForm(id)}:${asForm(secret.reveal())}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };
}

const asForm = (value: string): string => new URLSearchParams([['', value]]).toString().slice(1);

async function refused(response: Response, grant: Grant): Promise<RouterError> {
  const body = await jsonObject(response);
  const error = typeof body?.['error'] === 'string' ? body['error'] : null;
  return refusal({ status: response.status, error, grant: grant.kind });
}

/** The answer without its ID token: nobody is signed in here, so there is nothing to check it against. */
async function plain(response: Response): Promise<Response> {
  const body = await jsonObject(response.clone());
  if (body === null || !('id_token' in body)) return response;
  const { id_token: _idToken, ...rest } = body;
  return Response.json(rest);
}

async function jsonObject(response: Response): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await response.text());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function tokenSet({ access_token, token_type, expires_in, refresh_token }: TokenEndpointResponse): TokenSet {
  if (token_type !== 'bearer') throw misbehaved('its token is not a bearer token');
  if (!TOKEN_SHAPE.test(access_token)) throw misbehaved('its access token cannot be put into a header');
  const isStated = expires_in !== undefined && expires_in > 0;
  const seconds = isStated ? Math.min(expires_in, MAX_LIFETIME_SECONDS) : DEFAULT_LIFETIME_SECONDS;
  return {
    accessToken: new Secret(access_token),
    lifetimeMs: seconds * 1000,
    refreshToken: refresh_token === undefined ? null : new Secret(refresh_token),
  };
}

const misbehaved = (detail: string): RouterError => new RouterError('oauth-misbehaved', detail);

/** The library's errors carry the answer's body, so they are never passed on, not even as a cause. */
function named(error: unknown): unknown {
  if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
    return misbehaved(typeof error.code === 'string' ? error.code : 'its answer is malformed');
  }
  return error;
}
