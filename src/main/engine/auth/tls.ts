import { isIP } from 'node:net';
import type { PeerCertificate, SecureVersion, TLSSocket } from 'node:tls';

import type { GatewayConfig, RouterConfig } from '../../../shared/model/config';
import type { TlsSuite } from '../../../shared/model/gateway-settings';
import { RouterError } from '../../../shared/model/errors';
import type { CertificateFacts, TlsFacts } from '../../../shared/model/status';
import type { CredentialFiles } from '../ports';

import { clientIdentity, type ClientOptions, type IdentityPorts } from './client-identity';
import { chooseSuites, everySuite, type SuiteChoice } from './tls-suites';

/** The part of Node's TLS options that the configuration decides. */
export interface TlsOptions extends Partial<ClientOptionValues> {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  readonly ciphers: string;
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
  readonly ca?: string;
  readonly ecdhCurve?: string;
}

type ClientOptionValues = Extract<ClientOptions, { cert: string }> & Extract<ClientOptions, { pfx: Buffer }>;

/** Everything that decides whether a TLS connection may be used. */
export interface TlsSettings {
  /** For `tls.connect`. */
  readonly options: TlsOptions;
  /** Looked at after the handshake, because Electron's BoringSSL cannot choose among those of TLS 1.3. */
  readonly suites: readonly TlsSuite[];
  /** One of them must be in the chain; empty: any key will do. */
  readonly pins: readonly string[];
  /** Our own certificate; null when none is presented. */
  readonly client: CertificateFacts | null;
}

/** Curves of SP 800-186 that TLS knows. */
const APPROVED_CURVES = 'P-256:P-384';

/**
 * The TLS settings of one connect (guide: TLS Configuration, Certificate Pinning, mTLS Configuration).
 *
 * @param host the URL's host, checked against the certificate unless `server_name` says otherwise
 * @throws RouterError trust-file-unreadable, client-certificate-*, config-invalid
 */
export async function tlsSettings(
  { gateway, advanced }: Pick<RouterConfig, 'gateway' | 'advanced'>,
  host: string,
  ports: IdentityPorts,
): Promise<TlsSettings> {
  const { tls, auth } = gateway;
  const isFipsOnly = advanced.compliance.fips_mode;
  const choice = chooseSuites(tls.cipher_suites, tls.min_version, isFipsOnly);
  if (choice === null)
    throw new RouterError('config-invalid', 'no suite of gateway.tls.cipher_suites is left');
  const identity = await clientIdentity(auth, ports);
  const name = tls.server_name ?? host;
  return {
    options: {
      ...(await serverOptions(tls, { choice, name, isFipsOnly, files: ports.files })),
      ...identity?.options,
    },
    suites: choice.suites,
    pins: tls.pins,
    client: identity?.facts ?? null,
  };
}

/**
 * The TLS settings towards an identity provider. `gateway.tls` and the client certificate are for the gateway alone.
 *
 * @throws RouterError trust-file-unreadable
 */
export async function providerSettings(
  tls: GatewayConfig['auth']['tls'],
  host: string,
  files: CredentialFiles,
): Promise<TlsSettings> {
  const choice = chooseSuites(everySuite, tls.min_version, false);
  if (choice === null) throw new RouterError('config-invalid', 'no suite is left for the identity provider');
  const name = tls.server_name ?? host;
  return {
    options: await serverOptions(tls, { choice, name, isFipsOnly: false, files }),
    suites: choice.suites,
    pins: [],
    client: null,
  };
}

interface ServerChoice {
  readonly choice: SuiteChoice;
  readonly name: string;
  readonly isFipsOnly: boolean;
  readonly files: CredentialFiles;
}

/** What decides whether the other side is believed. */
async function serverOptions(
  tls: GatewayConfig['auth']['tls'],
  { choice, name, isFipsOnly, files }: ServerChoice,
): Promise<TlsOptions> {
  return {
    ...baseOptions(choice, name, isFipsOnly),
    rejectUnauthorized: tls.verify,
    ...(tls.ca_cert_path === undefined ? {} : { ca: await readAuthorities(tls.ca_cert_path, files) }),
  };
}

/** Versions, suites and name; whom to trust is for the caller to say. */
export function baseOptions(
  { minVersion, maxVersion, ciphers }: SuiteChoice,
  name: string,
  isFipsOnly: boolean,
): Omit<TlsOptions, 'rejectUnauthorized'> {
  return {
    minVersion,
    maxVersion,
    ciphers,
    // SNI carries names only; an address is checked against the certificate all the same.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(isFipsOnly ? { ecdhCurve: APPROVED_CURVES } : {}),
  };
}

async function readAuthorities(path: string, files: CredentialFiles): Promise<string> {
  const lookup = await files.readCertificates(path);
  switch (lookup.kind) {
    case 'found':
      return lookup.value;
    case 'missing':
      throw new RouterError('trust-file-unreadable', `there is no file ${lookup.path}`);
    case 'refused':
      throw new RouterError('trust-file-unreadable', lookup.problem);
    case 'unreadable':
      throw new RouterError('trust-file-unreadable', `${lookup.path}: ${lookup.reason}`);
  }
}

/** What the handshake proved. */
export function tlsFacts(socket: TLSSocket, client: CertificateFacts | null): TlsFacts {
  const certificate = socket.getPeerCertificate();
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    isVerified: socket.authorized,
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    validFrom: isoDate(certificate.valid_from),
    validTo: isoDate(certificate.valid_to),
    ...(client === null ? {} : { client }),
  };
}

/** The parser leaves both out for a certificate that has no such name. */
function commonName(name: PeerCertificate['subject'] | undefined): string {
  const value = name?.CN ?? name?.O;
  return typeof value === 'string' ? value : 'unnamed';
}

function isoDate(text: string | undefined): string {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? 'unknown' : new Date(time).toISOString();
}
