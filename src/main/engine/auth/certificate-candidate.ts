import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

import type { GatewayConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { CertificateFacts } from '../../../shared/model/status';

import { pairIn, pairSecret, type PairPaths } from './certificate-slot';
import { bundledCertificate, factsOf, passphrase, type IdentityPorts } from './client-identity';
import type { CredentialSlot } from './credential-slot';
import { fileText } from './credential-text';
import { pairInBundle } from './pkcs12-pair';
import type { Secret } from './secret';

/** A new certificate with its key that may be tried. */
export interface CertificateCandidate {
  /** In the form that the slot holds. */
  readonly pair: Secret;
  readonly facts: CertificateFacts;
}

/** What looking at a new certificate needs. */
export interface CandidateParts {
  readonly auth: GatewayConfig['auth'];
  readonly slot: CredentialSlot;
  readonly ports: IdentityPorts;
  /** Asks a person for the passphrase of the new key; null: there is none to be had. */
  readonly askPassphrase: () => Promise<string | null>;
}

/**
 * Reads a new certificate and its key from two files, and looks at all that can be known before anybody is called: they
 * belong together, are valid today, and were not issued before the pair in use. The key is kept under the passphrase that
 * the configuration names, whatever passphrase it came with; a key without one is never made out of one with.
 *
 * @throws RouterError client-certificate-unusable, client-certificate-expired, credential-file-*, keychain-*
 */
export async function certificateCandidate(
  from: PairPaths,
  parts: CandidateParts,
): Promise<CertificateCandidate> {
  const { files, clock } = parts.ports;
  const certificatePem = textIn(from.certificate, fileText(await files.readCertificates(from.certificate)));
  const keyPem = textIn(from.key, fileText(await files.readCredential(from.key)));
  const certificate = new X509Certificate(certificatePem);
  const stored = await keptKey(from.key, keyPem, parts);
  if (!certificate.checkPrivateKey(stored.key)) {
    throw unusable(`${from.key} does not belong to the first certificate in ${from.certificate}`);
  }
  const facts = factsOf(certificate);
  const now = clock.now();
  if (Date.parse(facts.validTo) <= now) throw outOfDate(`it expired at ${facts.validTo}`);
  if (Date.parse(facts.validFrom) > now) throw outOfDate(`it is valid from ${facts.validFrom} on`);
  await requireNewer(certificate, facts, parts.slot);
  return { pair: pairSecret({ certificate: certificatePem, key: stored.pem }), facts };
}

/**
 * The same for a PKCS#12 bundle. Its key is kept as one of a PEM file would be: under the passphrase that the configuration
 * names, and not at all where it names none.
 *
 * @throws RouterError client-certificate-unusable, client-certificate-expired, credential-file-*, keychain-*
 */
export async function bundleCandidate(path: string, parts: CandidateParts): Promise<CertificateCandidate> {
  const { files } = parts.ports;
  const lookup = await files.readPkcs12(path);
  if (lookup.kind === 'missing') throw unusable(`there is no file ${path}`);
  if (lookup.kind === 'refused') throw new RouterError('credential-file-refused', lookup.problem);
  if (lookup.kind === 'unreadable') throw new RouterError('credential-file-unreadable', lookup.reason);
  const entered = await parts.askPassphrase();
  if (entered === null) throw unusable(`${path} needs its passphrase`);
  const leaf = bundledCertificate({ pfx: lookup.bytes, passphrase: entered });
  const pair = await pairInBundle(lookup.bytes, entered, leaf);
  const found = (value: string) => Promise.resolve({ kind: 'found', value } as const);
  const held = {
    ...files,
    readCertificates: (of: string) => (of === path ? found(pair.certificate) : files.readCertificates(of)),
    readCredential: (of: string) => (of === path ? found(pair.key) : files.readCredential(of)),
  };
  return certificateCandidate(
    { certificate: path, key: path },
    { ...parts, ports: { ...parts.ports, files: held }, askPassphrase: () => Promise.resolve(entered) },
  );
}

/** An older one would take the place of the newer one by mistake: two files of the same kind in one folder. */
async function requireNewer(
  certificate: X509Certificate,
  { validFrom }: CertificateFacts,
  slot: CredentialSlot,
): Promise<void> {
  const current = await slot.read();
  if (current === null) return;
  const before = new X509Certificate(pairIn(current).certificate);
  if (before.fingerprint256 === certificate.fingerprint256) throw unusable('it is the one that is in use');
  const since = factsOf(before).validFrom;
  if (Date.parse(validFrom) < Date.parse(since)) {
    throw unusable(`it was issued before the one that is in use (${validFrom}, and ${since})`);
  }
}

interface KeptKey {
  readonly key: KeyObject;
  /** As it is to be written. */
  readonly pem: string;
}

async function keptKey(path: string, pem: string, parts: CandidateParts): Promise<KeptKey> {
  const { auth, ports, askPassphrase } = parts;
  const configured = (await passphrase(auth, ports))?.reveal() ?? null;
  const isEncrypted = pem.includes('ENCRYPTED');
  const opened = openedKey(pem, configured);
  if (opened !== null && (isEncrypted || configured === null)) return { key: opened, pem };
  if (isEncrypted && configured === null) {
    throw unusable(
      `${path} has a passphrase, and gateway.auth names none: name one (passphrase_secure_key, passphrase_env or passphrase_file), or take it off the new key`,
    );
  }
  const key = opened ?? (isEncrypted ? openedKey(pem, await askPassphrase()) : null);
  if (key === null) {
    throw unusable(
      isEncrypted ? `the passphrase of ${path} is wrong` : `${path} holds no private key in PEM form`,
    );
  }
  const kept = key.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: configured ?? '',
  });
  return { key, pem: kept.toString().trimEnd() };
}

/** Null when that passphrase does not open it, or it is no key. */
function openedKey(pem: string, secret: string | null): KeyObject | null {
  try {
    return createPrivateKey({ key: pem, ...(secret === null ? {} : { passphrase: secret }) });
  } catch {
    // OpenSSL throws errors of many kinds here, and none of them says more.
    return null;
  }
}

function textIn(path: string, text: string | null): string {
  if (text === null) throw unusable(`there is no file ${path}`);
  return text;
}

const unusable = (detail: string): RouterError => new RouterError('client-certificate-unusable', detail);
const outOfDate = (detail: string): RouterError => new RouterError('client-certificate-expired', detail);
