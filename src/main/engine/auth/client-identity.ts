import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';

import type { GatewayConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { CertificateFacts } from '../../../shared/model/status';
import type { CredentialFileLookup, EnginePorts } from '../ports';

import { unfinishedPair } from './certificate-slot';
import { Secret } from './secret';
import { storedValue } from './stored-value';

/** The part of Node's TLS options that presents a certificate. */
export type ClientOptions =
  | { readonly cert: string; readonly key: string; readonly passphrase?: string }
  | { readonly pfx: Buffer; readonly passphrase?: string };

/** A client certificate that was checked, and the key to prove it. */
export interface ClientIdentity {
  readonly options: ClientOptions;
  readonly facts: CertificateFacts;
}

/** What reading an identity needs from outside. */
export type IdentityPorts = Pick<EnginePorts, 'files' | 'secrets' | 'environment' | 'mask' | 'clock'>;

/**
 * Reads the client certificate that the configuration names and checks it before anybody is called: key and
 * certificate belong together, and it is valid today (guide: mTLS Configuration). Read anew each time, so that a
 * renewed file is noticed.
 *
 * @returns null when none is named, or `auth.type` is `none`
 * @throws RouterError client-certificate-unusable, client-certificate-expired, keychain-*, credential-*
 */
export async function clientIdentity(
  auth: GatewayConfig['auth'],
  ports: IdentityPorts,
): Promise<ClientIdentity | null> {
  if (auth.type === 'none') return null;
  const identity = await namedIdentity(auth, ports);
  if (identity === null) {
    if (auth.type !== 'mtls') return null;
    throw unusable('gateway.auth names neither client_cert and client_key nor client_pkcs12');
  }
  const { validFrom, validTo } = identity.facts;
  const now = ports.clock.now();
  if (Date.parse(validTo) <= now) {
    throw new RouterError('client-certificate-expired', `it expired at ${validTo}`);
  }
  if (Date.parse(validFrom) > now) {
    throw new RouterError('client-certificate-expired', `it is valid from ${validFrom} on`);
  }
  return identity;
}

async function namedIdentity(
  auth: GatewayConfig['auth'],
  ports: IdentityPorts,
): Promise<ClientIdentity | null> {
  const { client_cert: certPath, client_key: keyPath, client_pkcs12: bundlePath } = auth;
  if (bundlePath !== undefined) return bundledIdentity(bundlePath, await passphrase(auth, ports), ports);
  if (certPath === undefined && keyPath === undefined) return null;
  if (certPath === undefined || keyPath === undefined) {
    throw unusable('client_cert and client_key are needed both');
  }
  const paths = { certificate: certPath, key: keyPath };
  const unfinishedIdentity = async (
    { cert, key }: { readonly cert: string; readonly key: string },
    secret: Secret | null,
  ): Promise<ClientIdentity | null> => {
    const pair = await unfinishedPair({ certificate: cert, key }, paths, ports.files);
    return pair === null ? null : pairedIdentity(pair.certificate, pair.key, secret);
  };
  for (let tries = 1; ; tries += 1) {
    const cert = foundText(await ports.files.readCertificates(certPath));
    const key = foundText(await ports.files.readCredential(keyPath));
    const secret = await passphrase(auth, ports);
    const identity = pairedIdentity(cert, key, secret) ?? (await unfinishedIdentity({ cert, key }, secret));
    if (identity !== null) return identity;
    if (tries === MAX_TRIES)
      throw unusable('client_key does not belong to the first certificate in client_cert');
    await new Promise<void>((resolve) => void ports.clock.after(BETWEEN_TRIES_MS, resolve));
  }
}

/** Two files cannot be replaced at once: between the two they do not match. */
const MAX_TRIES = 4;
const BETWEEN_TRIES_MS = 50;

/** Null when the two do not belong together. Throws RouterError client-certificate-unusable. */
function pairedIdentity(cert: string, key: string, secret: Secret | null): ClientIdentity | null {
  const certificate = new X509Certificate(cert);
  if (!certificate.checkPrivateKey(readKey(key, secret))) return null;
  return { options: { cert, key, ...revealed(secret) }, facts: factsOf(certificate) };
}

function readKey(pem: string, secret: Secret | null): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...revealed(secret) });
  } catch (error) {
    // OpenSSL and BoringSSL word it differently; their texts quote nothing of the key, and help nobody.
    const isEncrypted = pem.includes('ENCRYPTED');
    throw unusable(
      isEncrypted
        ? `the passphrase of client_key is ${secret === null ? 'not named (passphrase_secure_key, passphrase_env or passphrase_file)' : 'wrong'}`
        : 'client_key holds no private key in PEM form',
      error,
    );
  }
}

async function bundledIdentity(
  path: string,
  secret: Secret | null,
  { files }: IdentityPorts,
): Promise<ClientIdentity> {
  const lookup = await files.readPkcs12(path);
  if (lookup.kind !== 'found') throw unusable(lookupProblem(lookup));
  const options = { pfx: lookup.bytes, ...revealed(secret) };
  return { options, facts: factsOf(bundledCertificate(options)) };
}

/**
 * Loads the bundle as a connection would, which also checks its MAC, and that key and certificate match, and asks for its
 * certificate. Throws RouterError client-certificate-unusable.
 */
export function bundledCertificate(options: { pfx: Buffer; passphrase?: string }): X509Certificate {
  let socket: TLSSocket;
  try {
    const secureContext = createSecureContext(options);
    socket = new TLSSocket(new PassThrough(), { secureContext });
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    const isPassphrase = /mac[ _]verify|INCORRECT_PASSWORD|password|passphrase/i.test(text);
    throw unusable(
      isPassphrase
        ? 'the passphrase of client_pkcs12 is missing or wrong'
        : 'client_pkcs12 is damaged, or holds no certificate that belongs to its key',
      error,
    );
  }
  const certificate = socket.getCertificate();
  socket.destroy();
  if (certificate === null || !('raw' in certificate) || !Buffer.isBuffer(certificate.raw)) {
    throw unusable('client_pkcs12 holds no certificate');
  }
  return new X509Certificate(certificate.raw);
}

/**
 * The passphrase that the configuration names; null where it names none. The first source that is named must give it:
 * keychain, variable, file.
 *
 * @throws RouterError client-certificate-unusable, keychain-*
 */
export async function passphrase(
  auth: GatewayConfig['auth'],
  ports: Omit<IdentityPorts, 'clock'>,
): Promise<Secret | null> {
  const value = await passphraseText(auth, ports);
  if (value === null) return null;
  if (value === '') throw unusable('the passphrase is empty');
  ports.mask.add(value);
  return new Secret(value);
}

async function passphraseText(
  auth: GatewayConfig['auth'],
  ports: Omit<IdentityPorts, 'clock'>,
): Promise<string | null> {
  if (auth.passphrase_secure_key !== undefined) return storedText(auth.passphrase_secure_key, ports);
  if (auth.passphrase_env !== undefined) {
    const value = ports.environment.variable(auth.passphrase_env);
    if (value === undefined) throw unusable(`the variable ${auth.passphrase_env} is not set`);
    return value;
  }
  if (auth.passphrase_file === undefined) return null;
  return foundText(await ports.files.readCredential(auth.passphrase_file));
}

async function storedText(name: string, { secrets }: Pick<IdentityPorts, 'secrets'>): Promise<string> {
  const value = storedValue(await secrets.read(name), name);
  if (value === null) throw unusable(`the keychain has no entry "${name}"`);
  return value;
}

function foundText(lookup: CredentialFileLookup): string {
  if (lookup.kind === 'found') return lookup.value;
  throw unusable(lookupProblem(lookup));
}

function lookupProblem(lookup: Exclude<CredentialFileLookup, { kind: 'found' }>): string {
  switch (lookup.kind) {
    case 'missing':
      return `there is no file ${lookup.path}`;
    case 'refused':
      return `${lookup.path}: ${lookup.problem}`;
    case 'unreadable':
      return `${lookup.path}: ${lookup.reason}`;
    default:
      return assertNever(lookup);
  }
}

/** Revealed for the TLS options of one handshake, which Node takes as text only. */
const revealed = (secret: Secret | null): { passphrase?: string } =>
  secret === null ? {} : { passphrase: secret.reveal() };

/** What it says of itself. */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    subject: nameIn(certificate.subject),
    issuer: nameIn(certificate.issuer),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
  };
}

/** The common name out of Node’s text, one attribute on each line; it has none for an empty name. */
function nameIn(distinguishedName: string | undefined): string {
  const lines = (distinguishedName ?? '').split('\n');
  const common = lines.find((line) => line.startsWith('CN=')) ?? lines.find((line) => line.startsWith('O='));
  return common?.replace(/^\w+=/, '') ?? 'unnamed';
}

function unusable(detail: string, cause?: unknown): RouterError {
  return new RouterError('client-certificate-unusable', detail, cause === undefined ? undefined : { cause });
}
