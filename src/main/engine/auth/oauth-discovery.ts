import { RouterError } from '../../../shared/model/errors';

import type { AddressGuard } from './address-guard';
import { challengeParameter } from './challenge';
import type { OAuthHttp } from './oauth-http';

/** What is known about an authorization server (RFC 8414, OpenID Connect Discovery). */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly registration_endpoint?: string;
  readonly revocation_endpoint?: string;
  readonly authorization_response_iss_parameter_supported?: boolean;
  readonly client_id_metadata_document_supported?: boolean;
  /** Empty when it does not say. */
  readonly token_endpoint_auth_methods_supported: readonly string[];
  readonly scopes_supported: readonly string[];
}

/** What is known about the protected server (RFC 9728). */
export interface ProtectedResource {
  /** What tokens are asked for (RFC 8707). */
  readonly resource: string;
  readonly issuers: readonly string[];
  /** What the challenge, or else the metadata, asks for; null when neither says. */
  readonly scope: string | null;
}

/** How to ask: the client of the right TLS settings, and the guard of addresses that others told us. */
export interface Asking {
  readonly http: Pick<OAuthHttp, 'fetch'>;
  readonly guard: AddressGuard;
}

const misbehaved = (detail: string): RouterError => new RouterError('oauth-misbehaved', detail);

/** Asks a server without a token, and follows its challenge to its metadata; null when it has none. */
export async function discoverResource(
  server: URL,
  { http, guard }: Asking,
): Promise<ProtectedResource | null> {
  const challenge = await challengeOf(server, http);
  const named = challengeParameter(challenge, 'resource_metadata');
  const path = server.pathname === '/' ? '' : server.pathname;
  const wellKnown = '/.well-known/oauth-protected-resource';
  const places =
    named === null ? [`${wellKnown}${path}`, wellKnown].map((at) => `${server.origin}${at}`) : [named];
  for (const place of new Set(places)) {
    // The metadata is the server's own word, so it has to come from the server itself.
    const address = guard.checked(place);
    if (address.origin !== server.origin) throw misbehaved('its resource metadata is on another host');
    const metadata = await jsonAt(address, http);
    if (metadata !== null) return protectedResource(metadata, server, challengeParameter(challenge, 'scope'));
  }
  return null;
}

/** Some servers look at the credential of a POST only. An empty object is no message, and is refused by all others. */
async function challengeOf(server: URL, http: Asking['http']): Promise<string> {
  const accept = 'application/json, text/event-stream';
  const first = (await http.fetch(server.href, { headers: { accept } })).headers.get('www-authenticate');
  if (first !== null) return first;
  const post = { method: 'POST', headers: { accept, 'content-type': 'application/json' }, body: '{}' };
  return (await http.fetch(server.href, post)).headers.get('www-authenticate') ?? '';
}

function protectedResource(
  metadata: Readonly<Record<string, unknown>>,
  server: URL,
  scope: string | null,
): ProtectedResource {
  const { resource } = metadata;
  if (typeof resource !== 'string' || !covers(resource, server)) {
    throw misbehaved('its resource metadata is about another server');
  }
  const scopes = texts(metadata['scopes_supported']);
  return {
    resource,
    issuers: texts(metadata['authorization_servers']),
    scope: scope ?? (scopes.length === 0 ? null : scopes.join(' ')),
  };
}

/** The same server, or a part of its path that holds the address. */
function covers(resource: string, server: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const { origin, pathname, search, hash } = new URL(resource);
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return origin === server.origin && search === '' && hash === '' && `${server.pathname}/`.startsWith(folder);
}

/** Reads the metadata of an issuer. Throws RouterError oauth-misbehaved, oauth-refused. */
export async function discoverServer(issuer: string, { http, guard }: Asking): Promise<AuthorizationServer> {
  for (const place of metadataPlaces(guard.checked(issuer))) {
    const metadata = await jsonAt(place, http);
    if (metadata !== null) return authorizationServer(metadata, issuer, guard);
  }
  throw misbehaved('it has no metadata under its issuer');
}

/** In the order of the MCP specification (mcp-notes 1.6). */
function metadataPlaces(issuer: URL): readonly URL[] {
  const path = issuer.pathname.replace(/\/$/, '');
  const paths = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    ...(path === '' ? [] : [`${path}/.well-known/openid-configuration`]),
  ];
  return paths.map((at) => new URL(at, issuer.origin));
}

function authorizationServer(
  metadata: Readonly<Record<string, unknown>>,
  issuer: string,
  guard: AddressGuard,
): AuthorizationServer {
  if (metadata['issuer'] !== issuer) throw misbehaved('its metadata names another issuer');
  if (!texts(metadata['code_challenge_methods_supported']).includes('S256')) {
    throw misbehaved('it does not offer PKCE with S256');
  }
  const endpoint = (name: string): string | undefined => {
    const value = metadata[name];
    return typeof value === 'string' ? guard.checked(value).href : undefined;
  };
  const authorization = endpoint('authorization_endpoint');
  const token = endpoint('token_endpoint');
  if (authorization === undefined || token === undefined) throw misbehaved('its metadata names no endpoints');
  const registration = endpoint('registration_endpoint');
  const revocation = endpoint('revocation_endpoint');
  return {
    issuer,
    authorization_endpoint: authorization,
    token_endpoint: token,
    ...(registration === undefined ? {} : { registration_endpoint: registration }),
    ...(revocation === undefined ? {} : { revocation_endpoint: revocation }),
    authorization_response_iss_parameter_supported:
      metadata['authorization_response_iss_parameter_supported'] === true,
    client_id_metadata_document_supported: metadata['client_id_metadata_document_supported'] === true,
    token_endpoint_auth_methods_supported: texts(metadata['token_endpoint_auth_methods_supported']),
    scopes_supported: texts(metadata['scopes_supported']),
  };
}

/** Null where there is no document; what is there and no JSON object is a failure. */
async function jsonAt(address: URL, http: Asking['http']): Promise<Record<string, unknown> | null> {
  const response = await http.fetch(address.href, { headers: { accept: 'application/json' } });
  if (response.status !== 200) return null;
  try {
    const value: unknown = JSON.parse(await response.text());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw misbehaved('its metadata is no JSON object');
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
