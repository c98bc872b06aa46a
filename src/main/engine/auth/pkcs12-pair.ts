import { createDecipheriv, pbkdf2, type X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';

import type { KeyPair } from './certificate-slot';
import { derAt, derElements, notUnderstood, type DerElement } from './der-reader';

const derive = promisify(pbkdf2);

const SEQUENCE = 0x30;
const OCTETS = 0x04;
const INTEGER = 0x02;
const OBJECT_ID = 0x06;
const EXPLICIT_0 = 0xa0;
const IMPLICIT_0 = 0x80;

/** Object identifiers by their bytes (RFC 7292, RFC 8018). */
const DATA = '2a864886f70d010701';
const ENCRYPTED_DATA = '2a864886f70d010706';
const KEY_BAG = '2a864886f70d010c0a0101';
const SHROUDED_KEY_BAG = '2a864886f70d010c0a0102';
const CERTIFICATE_BAG = '2a864886f70d010c0a0103';
const X509 = '2a864886f70d01091601';
const PBES2 = '2a864886f70d01050d';
const PBKDF2 = '2a864886f70d01050c';
const SHA1 = '2a864886f70d0207';
const DIGESTS: ReadonlyMap<string, string> = new Map([
  [SHA1, 'sha1'],
  ['2a864886f70d0209', 'sha256'],
  ['2a864886f70d020a', 'sha384'],
  ['2a864886f70d020b', 'sha512'],
]);
const CIPHERS: ReadonlyMap<string, readonly [name: string, keyBytes: number]> = new Map([
  ['60864801650304' + '0102', ['aes-128-cbc', 16]],
  ['60864801650304' + '0116', ['aes-192-cbc', 24]],
  ['60864801650304' + '012a', ['aes-256-cbc', 32]],
]);
/** About a second; what is usual is two thousand to a hundred thousand. */
const MAX_ITERATIONS = 2_000_000;

/**
 * The certificate of a PKCS#12 bundle with its chain, and the key under the passphrase that it has in the bundle. Bundles
 * of today are read (PBES2, RFC 8018); whoever calls has had the bundle's MAC checked.
 *
 * @param leaf the one that belongs to the key
 * @throws RouterError client-certificate-unusable
 */
export async function pairInBundle(
  bundle: Buffer,
  passphrase: string,
  leaf: X509Certificate,
): Promise<KeyPair> {
  const outer = derElements(derAt(derElements(bundle), 0, SEQUENCE).content);
  const safe = dataIn(derElements(derAt(outer, 1, SEQUENCE).content));
  const certificates: Buffer[] = [];
  const keys: string[] = [];
  for (const content of derElements(derAt(derElements(safe), 0, SEQUENCE).content)) {
    const parts = derElements(content.content);
    const isEncrypted = idOf(parts) === ENCRYPTED_DATA;
    const bags = isEncrypted ? await decrypted(parts, passphrase) : dataIn(parts);
    for (const bag of derElements(derAt(derElements(bags), 0, SEQUENCE).content)) {
      const members = derElements(bag.content);
      const value = derAt(members, 1, EXPLICIT_0).content;
      const id = idOf(members);
      if (id === CERTIFICATE_BAG) certificates.push(...certificateIn(value));
      if (id === SHROUDED_KEY_BAG) keys.push(pem('ENCRYPTED PRIVATE KEY', value));
      // In clear only where the whole bundle is: a key without a passphrase is never made out of one with.
      if (id === KEY_BAG && !isEncrypted) keys.push(pem('PRIVATE KEY', value));
    }
  }
  const [key, another] = keys;
  if (key === undefined || another !== undefined) throw notUnderstood();
  const others = certificates.filter((one) => !one.equals(leaf.raw));
  const chain = [leaf.raw, ...others].map((one) => pem('CERTIFICATE', one));
  return { certificate: chain.join('\n'), key };
}

const idOf = (parts: readonly DerElement[]): string => derAt(parts, 0, OBJECT_ID).content.toString('hex');

/** What a ContentInfo of plain data holds. */
function dataIn(parts: readonly DerElement[]): Buffer {
  if (idOf(parts) !== DATA) throw notUnderstood();
  return derAt(derElements(derAt(parts, 1, EXPLICIT_0).content), 0, OCTETS).content;
}

function certificateIn(value: Buffer): readonly Buffer[] {
  const parts = derElements(derAt(derElements(value), 0, SEQUENCE).content);
  if (idOf(parts) !== X509) return [];
  return [derAt(derElements(derAt(parts, 1, EXPLICIT_0).content), 0, OCTETS).content];
}

/** EncryptedData: version, then content type, algorithm and the bytes. */
async function decrypted(parts: readonly DerElement[], passphrase: string): Promise<Buffer> {
  const data = derElements(derAt(derElements(derAt(parts, 1, EXPLICIT_0).content), 0, SEQUENCE).content);
  const info = derElements(derAt(data, 1, SEQUENCE).content);
  const algorithm = derElements(derAt(info, 1, SEQUENCE).content);
  if (idOf(algorithm) !== PBES2) throw notUnderstood();
  const [derivation, scheme] = derElements(derAt(algorithm, 1, SEQUENCE).content);
  if (derivation === undefined || scheme === undefined) throw notUnderstood();
  const way = derElements(scheme.content);
  const cipher = CIPHERS.get(idOf(way));
  if (cipher === undefined) throw notUnderstood();
  const [name, keyBytes] = cipher;
  const key = await derivedKey(derElements(derivation.content), passphrase, keyBytes);
  try {
    const decipher = createDecipheriv(name, key, derAt(way, 1, OCTETS).content);
    return Buffer.concat([decipher.update(derAt(info, 2, IMPLICIT_0).content), decipher.final()]);
  } catch {
    // The MAC was right, so it is not the passphrase.
    throw notUnderstood();
  }
}

async function derivedKey(
  derivation: readonly DerElement[],
  passphrase: string,
  keyBytes: number,
): Promise<Buffer> {
  if (idOf(derivation) !== PBKDF2) throw notUnderstood();
  const parts = derElements(derAt(derivation, 1, SEQUENCE).content);
  const { content: count } = derAt(parts, 1, INTEGER);
  const iterations = count.length <= 4 ? count.readUIntBE(0, count.length) : Infinity;
  const prf = parts.find(({ tag }) => tag === SEQUENCE);
  const digest = DIGESTS.get(prf === undefined ? SHA1 : idOf(derElements(prf.content)));
  if (digest === undefined || iterations < 1 || iterations > MAX_ITERATIONS) throw notUnderstood();
  return derive(passphrase, derAt(parts, 0, OCTETS).content, iterations, keyBytes, digest);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n');
}
