import { isIP } from 'node:net';
import type { PeerCertificate, SecureVersion, TLSSocket } from 'node:tls';

import type { GatewayConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { TlsFacts } from '../../../shared/model/status';
import type { CredentialFiles } from '../ports';

/** The part of Node's TLS options that the configuration decides. */
export interface TlsOptions {
  readonly minVersion: SecureVersion;
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
  readonly ca?: string;
}

/**
 * The TLS settings of one connect (guide: TLS Configuration, Certificate Pinning).
 *
 * @param host the URL's host, checked against the certificate unless `server_name` says otherwise
 * @throws RouterError trust-file-unreadable
 */
export async function tlsOptions(
  tls: GatewayConfig['tls'],
  host: string,
  files: CredentialFiles,
): Promise<TlsOptions> {
  const name = tls.server_name ?? host;
  return {
    minVersion: tls.min_version === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    rejectUnauthorized: tls.verify,
    // SNI carries names only; an address is checked against the certificate all the same.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls.ca_cert_path === undefined ? {} : { ca: await readAuthorities(tls.ca_cert_path, files) }),
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
export function tlsFacts(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerCertificate();
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    isVerified: socket.authorized,
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    validTo: isoDate(certificate.valid_to),
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
