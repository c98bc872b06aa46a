import type { RouterConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import { shownUrl } from '../../../shared/model/shown-url';
import { pairIn, type KeyPair } from '../auth/certificate-slot';
import { configuredSource } from '../auth/configured-source';
import { slotKey, slotsOf, usesKind, type CredentialSlot } from '../auth/credential-slot';
import type { Credential } from '../auth/credentials';
import type { ProofOutcome } from '../auth/rotate';
import type { Secret } from '../auth/secret';
import type { CredentialFiles } from '../ports';

import { certificateRefusals } from './certificate-refusals';
import { proveCredential, type ProofParts } from './prove';

type Endpoint = RouterConfig['gateway_pool']['endpoints'][number];

/** The endpoints whose connections use what stands in that slot. */
export const endpointsWith = (
  slot: CredentialSlot,
  config: RouterConfig,
  ports: ProofParts['ports'],
): readonly Endpoint[] =>
  config.gateway_pool.endpoints.filter(
    ({ auth }) =>
      usesKind(auth, slot.what) && slotsOf(auth, ports).some((one) => slotKey(one) === slotKey(slot)),
  );

/** Asks each endpoint that would use it; all of them must accept what is to stand in the slot. */
export async function proveSlot(
  parts: ProofParts,
  slot: CredentialSlot,
  secret: Secret,
  signal: AbortSignal,
): Promise<ProofOutcome> {
  const endpoints = endpointsWith(slot, parts.config, parts.ports);
  /** One request for a token for all endpoints that ask in the same way. */
  const tokens = new Map<string, Credential>();
  for (const gateway of endpoints) {
    const outcome = await proveAt({ ...parts, config: { ...parts.config, gateway } }, slot, secret, {
      signal,
      tokens,
    });
    if (outcome.kind === 'accepted') continue;
    const { code, detail } = outcome.cause;
    const where = endpoints.length === 1 ? detail : `${shownUrl(gateway.url)}: ${detail}`;
    return { kind: outcome.kind, cause: { code, detail: where } };
  }
  return { kind: 'accepted' };
}

interface Asking {
  readonly signal: AbortSignal;
  readonly tokens: Map<string, Credential>;
}

/** The same at the endpoint that is `config.gateway`. */
export async function proveAt(
  parts: ProofParts,
  slot: CredentialSlot,
  secret: Secret,
  { signal, tokens }: Asking,
): Promise<ProofOutcome> {
  switch (slot.what) {
    case 'token':
      return proveCredential(parts, { secret, inUse: slot.inUse }, signal);
    case 'client-secret':
      return proveClientSecret(parts, secret, { signal, tokens });
    case 'certificate':
      return proveCertificate(parts, pairIn(secret), signal);
    default:
      return assertNever(slot.what);
  }
}

/** One request for a token with this client secret, and one connection with the token that it gave. */
async function proveClientSecret(
  parts: ProofParts,
  secret: Secret,
  { signal, tokens }: Asking,
): Promise<ProofOutcome> {
  const { auth, url } = parts.config.gateway;
  // A person signs in to one server.
  const key = JSON.stringify([auth, auth.grant_type === 'authorization_code' ? url : null]);
  try {
    // Loaded when it is needed: most routers never speak to an identity provider.
    const { tokenWith } = await import('../auth/client-secret-proof');
    const token = tokens.get(key) ?? (await tokenWith(secret, parts.config, parts.ports));
    tokens.set(key, token);
    return await proveCredential(parts, token, signal);
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    const { code, detail } = error;
    return { kind: code === 'oauth-refused' ? 'refused' : 'unreachable', cause: { code, detail } };
  }
}

/** One connection with this pair in place of the configured files, and with the credential of now beside it. */
async function proveCertificate(
  { ports, config, open }: ProofParts,
  pair: KeyPair,
  signal: AbortSignal,
): Promise<ProofOutcome> {
  try {
    const credential = await configuredSource(() => config, ports).current(signal);
    const files = withPair(ports.files, config.gateway.auth, pair);
    const outcome = await proveCredential({ ports: { ...ports, files }, config, open }, credential, signal);
    const isRefused = outcome.kind === 'unreachable' && certificateRefusals.has(outcome.cause.code);
    return isRefused ? { kind: 'refused', cause: outcome.cause } : outcome;
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return { kind: 'unreachable', cause: { code: error.code, detail: error.detail } };
  }
}

function withPair(
  files: CredentialFiles,
  { client_cert: certPath, client_key: keyPath }: Endpoint['auth'],
  pair: KeyPair,
): CredentialFiles {
  const found = (value: string) => Promise.resolve({ kind: 'found', value } as const);
  return {
    ...files,
    readCertificates: (path) => (path === certPath ? found(pair.certificate) : files.readCertificates(path)),
    readCredential: (path) => (path === keyPath ? found(pair.key) : files.readCredential(path)),
  };
}
