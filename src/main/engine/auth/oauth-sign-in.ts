import { createHash } from 'node:crypto';

import {
  AuthorizationResponseError,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomState,
  OperationProcessingError,
  validateAuthResponse,
} from 'oauth4webapi';

import type { GatewayConfig, RouterConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import { createAddressGuard } from './address-guard';
import { scopesIn, unionOfScopes } from './challenge';
import { tokenStore } from './credentials';
import { requireFips } from './fips';
import { openLoopbackRedirect } from './loopback-redirect';
import {
  discoverResource,
  discoverServer,
  type AuthorizationServer,
  type ProtectedResource,
} from './oauth-discovery';
import { refusal } from './oauth-failure';
import { openGatewayHttp, openOAuthHttp, type OAuthHttp } from './oauth-http';
import { registrationFor } from './oauth-registration';
import { configuredAddresses, openSignedInHttp, secretOf, settingsOf } from './oauth-signed-in';
import { signInName, signInStore } from './oauth-sign-in-store';
import { SIGN_IN_SEED, type SignInFacts } from './oauth-store';
import { requestToken } from './oauth-token';
import { Secret } from './secret';

/** What signing in needs. */
export interface SignInRequest {
  readonly config: Pick<RouterConfig, 'gateway' | 'advanced'>;
  readonly ports: EnginePorts;
  /** Shows the page of the identity provider to the person; http(s) only. */
  readonly openUrl: (url: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** With whom the person signed in. */
export interface SignedIn {
  readonly issuer: string;
  readonly clientId: string;
}

/**
 * Signs a person in with the authorization code grant and PKCE (mcp-notes 1.6), and keeps the tokens in the keychain.
 *
 * @throws RouterError oauth-*, sign-in-needed, keychain-*
 */
export async function signIn(request: SignInRequest): Promise<SignedIn> {
  const { config, ports, signal } = request;
  const { gateway } = config;
  const { auth } = gateway;
  if (config.advanced.compliance.fips_mode) requireFips();
  const server = httpAddress(gateway.url);
  const guard = await createAddressGuard(configuredAddresses(gateway));
  const http = openOAuthHttp(config, ports, guard.lookup);
  try {
    const resource = await resourceOf(request, server, guard);
    const found = await discoverServer(issuerOf(resource, auth, server), { http, guard });
    // A path of its own for each issuer keeps answers of different ones apart (mix-up).
    const path = `/callback/${createHash('sha256').update(found.issuer).digest('hex').slice(0, 16)}`;
    const redirect = await openLoopbackRedirect(path, ports.clock);
    try {
      const before = (await signInStore(gateway, ports).read())?.signIn;
      const scope = scopeFor(auth, { resource, found, wanted: before?.wanted ?? '' });
      const client = await registrationFor(auth, found, {
        redirectUri: redirect.uri,
        http,
        mask: ports.mask,
      });
      const facts: SignInFacts = {
        ...client,
        issuer: found.issuer,
        scope: scope ?? '',
        wanted: '',
        tokenEndpoint: found.token_endpoint,
        revocationEndpoint: found.revocation_endpoint ?? null,
        resource: auth.resource ?? resource?.resource ?? canonical(server),
      };
      await askPerson({ request, found, facts, scope, redirect, http, signal });
      return { issuer: found.issuer, clientId: facts.clientId };
    } finally {
      await redirect.close();
    }
  } finally {
    await http.close();
  }
}

interface Conversation {
  readonly request: SignInRequest;
  readonly found: AuthorizationServer;
  readonly facts: SignInFacts;
  readonly scope: string | null;
  readonly redirect: Awaited<ReturnType<typeof openLoopbackRedirect>>;
  readonly http: OAuthHttp;
  readonly signal: AbortSignal;
}

async function askPerson({
  request,
  found,
  facts,
  scope,
  redirect,
  http,
  signal,
}: Conversation): Promise<void> {
  const { ports, openUrl } = request;
  const { gateway } = request.config;
  const verifier = generateRandomCodeVerifier();
  const state = generateRandomState();
  for (const value of [verifier, state]) ports.mask.add(value);
  const address = new URL(found.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: facts.clientId,
    redirect_uri: redirect.uri,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    resource: facts.resource,
    ...(scope === null ? {} : { scope }),
    ...(scope?.split(' ').includes('offline_access') === true ? { prompt: 'consent' } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  const answer = redirect.answer(state, signal);
  answer.catch(() => undefined); // while the page opens nobody waits for it yet
  await openUrl(address.href);
  const code = codeOf(await answer, { found, facts, state });
  const settings = settingsOf(facts, gateway.auth);
  const clientSecret = await secretOf(facts, gateway.auth, ports);
  const grant = {
    kind: 'authorization_code',
    code,
    redirectUri: redirect.uri,
    verifier: new Secret(verifier),
  } as const;
  const set = await requestToken({ settings, clientSecret, grant, http });
  for (const secret of [set.accessToken, set.refreshToken]) ports.mask.add(secret?.reveal() ?? '');
  const isKept = await signInStore(gateway, ports).write({
    seed: SIGN_IN_SEED,
    accessToken: set.accessToken.reveal(),
    refreshToken: set.refreshToken?.reveal() ?? '',
    obtainedAt: ports.clock.now(),
    lifetimeMs: set.lifetimeMs,
    signIn: facts,
  });
  if (!isKept) throw new RouterError('keychain-unavailable', 'the tokens could not be stored');
}

/** The code of an answer whose state and issuer (RFC 9207) are exactly the expected ones. */
function codeOf(
  answer: URLSearchParams,
  { found, facts, state }: Pick<Conversation, 'found' | 'facts'> & { readonly state: string },
): Secret {
  try {
    const { issuer, authorization_response_iss_parameter_supported: hasIss = false } = found;
    const server = { issuer, authorization_response_iss_parameter_supported: hasIss };
    const code = validateAuthResponse(server, { client_id: facts.clientId }, answer, state).get('code');
    if (code !== null && code !== '') return new Secret(code);
    throw new RouterError('oauth-misbehaved', 'its answer holds no code');
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      throw refusal({ status: 400, error: error.error, grant: 'authorization_code' });
    }
    if (error instanceof OperationProcessingError) {
      throw new RouterError('oauth-misbehaved', 'its answer is not for this sign-in');
    }
    throw error;
  }
}

async function resourceOf(
  { config, ports }: SignInRequest,
  server: URL,
  guard: Awaited<ReturnType<typeof createAddressGuard>>,
): Promise<ProtectedResource | null> {
  // A person who names the issuer has decided already whom to believe.
  if (config.gateway.auth.issuer !== undefined) return null;
  const http = openGatewayHttp(config, ports, guard.lookup);
  try {
    return await discoverResource(server, { http, guard });
  } finally {
    await http.close();
  }
}

/** The configured issuer, the first one that the server names, or the server itself (the 2025-03-26 revision). */
function issuerOf(resource: ProtectedResource | null, auth: GatewayConfig['auth'], server: URL): string {
  return auth.issuer ?? resource?.issuers[0] ?? server.origin;
}

/** What the configuration, or else the server, says, and what the server has missed since the last sign-in. */
function scopeFor(
  auth: GatewayConfig['auth'],
  {
    resource,
    found,
    wanted,
  }: { resource: ProtectedResource | null; found: AuthorizationServer; wanted: string },
): string | null {
  const usual = auth.scope ?? auth.scopes?.join(' ') ?? resource?.scope ?? '';
  const hasOffline = found.scopes_supported.includes('offline_access');
  const scope = unionOfScopes(usual, [...scopesIn(wanted), ...(hasOffline ? ['offline_access'] : [])]);
  return scope === '' ? null : scope;
}

/** Ends the sign-in: tells the identity provider (RFC 7009) and removes what is stored. */
export async function signOut({
  config,
  ports,
}: Pick<SignInRequest, 'config' | 'ports'>): Promise<'signed-out' | 'revoked' | 'nobody'> {
  const { gateway } = config;
  if (config.advanced.compliance.fips_mode) requireFips();
  const record = await signInStore(gateway, ports).read();
  const facts = record?.signIn;
  if (record === null || facts === undefined) return 'nobody';
  let isRevoked = false;
  try {
    isRevoked = await revoked(config, ports, { ...record, signIn: facts });
  } finally {
    // Whatever the identity provider says: here the tokens are gone.
    await forget(gateway, ports);
  }
  return isRevoked ? 'revoked' : 'signed-out';
}

async function forget(gateway: GatewayConfig, ports: EnginePorts): Promise<void> {
  const change = await tokenStore(gateway.auth, ports).delete(signInName(gateway));
  if (change.kind === 'locked') throw new RouterError('keychain-locked', change.reason);
  if (change.kind === 'unavailable') throw new RouterError('keychain-unavailable', change.reason);
}

async function revoked(
  config: SignInRequest['config'],
  ports: EnginePorts,
  record: { readonly refreshToken: string; readonly accessToken: string; readonly signIn: SignInFacts },
): Promise<boolean> {
  const { revocationEndpoint, clientId } = record.signIn;
  const token = record.refreshToken === '' ? record.accessToken : record.refreshToken;
  if (revocationEndpoint === null || token === '') return false;
  const secret = await secretOf(record.signIn, config.gateway.auth, ports);
  const body = new URLSearchParams({ token, client_id: clientId });
  if (secret !== null) body.set('client_secret', secret.reveal());
  const http = await openSignedInHttp(config, ports);
  try {
    const response = await http.fetch(revocationEndpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
    return response.status === 200;
  } catch (error) {
    if (error instanceof RouterError) return false;
    throw error;
  } finally {
    await http.close();
  }
}

/** The address of the server over HTTP, without what is no part of its name. */
function httpAddress(address: string): URL {
  const url = new URL(
    address
      .replace(/^ws/, 'http')
      .replace(/^tcp(s|\+tls)?:/, (scheme) => (scheme === 'tcp:' ? 'http:' : 'https:')),
  );
  url.hash = '';
  url.search = '';
  return url;
}

/** The canonical name of a server for RFC 8707: without the slash that only ends the host. */
const canonical = (server: URL): string => (server.pathname === '/' ? server.origin : server.href);
