import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

import type { RouterConfig } from '../../shared/model/config';
import type { CredentialFiles } from '../engine/ports';

import { fileMessage } from './file-message';

/** Something about the client certificate that keeps it from being used, or soon will. */
export interface CertificateFinding {
  readonly severity: 'lacking' | 'warning';
  readonly path: string;
  readonly message: string;
}

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;

/** Looks whether the client certificate that is named is there, belongs to its key and is valid now (epoch ms). */
export async function checkClientCertificate(
  { client_cert: cert, client_key: key, client_pkcs12: bundle, type }: RouterConfig['gateway']['auth'],
  files: CredentialFiles,
  now: number,
): Promise<readonly CertificateFinding[]> {
  if (type === 'none') return [];
  if (bundle !== undefined) {
    const lookup = await files.readPkcs12(bundle);
    return lookup.kind === 'found' ? [] : [lacking('client_pkcs12', fileMessage(lookup))];
  }
  if (cert === undefined || key === undefined) return [];
  const certificate = await files.readCertificates(cert);
  const secret = await files.readCredential(key);
  const missing = [
    ...(certificate.kind === 'found' ? [] : [lacking('client_cert', fileMessage(certificate))]),
    ...(secret.kind === 'found' ? [] : [lacking('client_key', fileMessage(secret))]),
  ];
  if (certificate.kind !== 'found' || secret.kind !== 'found') return missing;
  const parsed = new X509Certificate(certificate.value);
  return [...keyFindings(parsed, secret.value), ...dateFindings(parsed, now)];
}

function keyFindings(certificate: X509Certificate, pem: string): readonly CertificateFinding[] {
  // With its passphrase the key is checked when a connection is made.
  if (pem.includes('ENCRYPTED')) return [];
  const key = readKey(pem);
  if (key === null) return [lacking('client_key', 'it holds no private key in PEM form')];
  return certificate.checkPrivateKey(key)
    ? []
    : [lacking('client_key', 'it does not belong to the first certificate in client_cert')];
}

function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL throws errors of many kinds here; each of them means that it is none.
    return null;
  }
}

function dateFindings({ validFrom, validTo }: X509Certificate, now: number): readonly CertificateFinding[] {
  const end = Date.parse(validTo);
  if (end <= now) return [lacking('client_cert', `it expired at ${validTo}`)];
  if (Date.parse(validFrom) > now) return [lacking('client_cert', `it is valid from ${validFrom} on`)];
  const days = Math.ceil((end - now) / DAY_MS);
  if (days > WARN_DAYS) return [];
  const message = `it expires in ${days} day${days === 1 ? '' : 's'} (${validTo})`;
  return [{ severity: 'warning', path: 'gateway.auth.client_cert', message }];
}

const lacking = (key: string, message: string): CertificateFinding => ({
  severity: 'lacking',
  path: `gateway.auth.${key}`,
  message,
});
