import { createHash, createHmac, createPrivateKey, randomBytes } from 'node:crypto';

import { derExplicit, derInteger, derObjectId, derOctets, derSequence, derSet, derElement } from './der';
import type { KeyedCertificate } from './certificates';

const DATA = '1.2.840.113549.1.7.1';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const ITERATIONS = 2048;
const MAC_KEY = 3;
const SHA256_BLOCK = 64;

/** A PKCS#12 bundle (RFC 7292) with one certificate and its key, protected by a passphrase. */
export function pkcs12({ certificatePem, privateKeyPem }: KeyedCertificate, passphrase: string): Buffer {
  const certificate = Buffer.from(certificatePem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const key = createPrivateKey(privateKeyPem).export({
    type: 'pkcs8',
    format: 'der',
    cipher: 'aes-256-cbc',
    passphrase,
  });
  const keyId = derSet(
    derSequence(
      derObjectId(LOCAL_KEY_ID),
      derSet(derOctets(createHash('sha1').update(certificate).digest())),
    ),
  );
  const certificateBag = derSequence(
    derObjectId(CERTIFICATE_BAG),
    derExplicit(0, derSequence(derObjectId(X509_CERTIFICATE), derExplicit(0, derOctets(certificate)))),
    keyId,
  );
  const keyBag = derSequence(derObjectId(SHROUDED_KEY_BAG), derExplicit(0, key), keyId);
  const contents = derSequence(dataContent(derSequence(certificateBag)), dataContent(derSequence(keyBag)));
  return derSequence(derInteger(Buffer.from([3])), dataContent(contents), macOf(contents, passphrase));
}

const dataContent = (content: Buffer): Buffer =>
  derSequence(derObjectId(DATA), derExplicit(0, derOctets(content)));

function macOf(contents: Buffer, passphrase: string): Buffer {
  const salt = randomBytes(16);
  const mac = createHmac('sha256', macKey(passphrase, salt)).update(contents).digest();
  const algorithm = derSequence(derObjectId(SHA256), derElement(0x05));
  const iterations = Buffer.from([ITERATIONS >> 8, ITERATIONS & 0xff]);
  return derSequence(derSequence(algorithm, derOctets(mac)), derOctets(salt), derInteger(iterations));
}

/** RFC 7292 appendix B.2, for one block of SHA-256. */
function macKey(passphrase: string, salt: Buffer): Buffer {
  const password = Buffer.from(`${passphrase}\0`, 'utf16le').swap16();
  const input = Buffer.concat([Buffer.alloc(SHA256_BLOCK, MAC_KEY), filled(salt), filled(password)]);
  let digest = createHash('sha256').update(input).digest();
  for (let round = 1; round < ITERATIONS; round += 1) digest = createHash('sha256').update(digest).digest();
  return digest;
}

/** Repeated until whole blocks are full. */
function filled(text: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(text.length / SHA256_BLOCK) * SHA256_BLOCK, text);
}
