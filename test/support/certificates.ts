import type { KeyObject } from 'node:crypto';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import {
  derBits,
  derElement,
  derExplicit,
  derImplicit,
  derInteger,
  derObjectId,
  derOctets,
  derSequence,
  derSet,
  derTime,
  derTrue,
  derUtf8,
} from './der';

/** A certificate with its private key (PKCS#8), both PEM. */
export interface KeyedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Defaults: valid from an hour ago until a day from now. */
export interface Validity {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

export interface ServerCertificateRequest extends Validity {
  /** Names and addresses for the subject alternative name; the first one is the common name too. */
  readonly hosts: readonly string[];
  /** PEM of the key to certify, as in a renewal; a new one otherwise. */
  readonly privateKeyPem?: string;
  /** Leaves out which key of the issuer has signed, so that the issuer is known by its name alone. */
  readonly isIssuerVague?: boolean;
}

export interface ClientCertificateRequest extends Validity {
  readonly commonName: string;
}

/** A certificate authority that lives in memory only. */
export interface Authority extends KeyedCertificate {
  issueServer(request: ServerCertificateRequest): KeyedCertificate;
  issueClient(request: ClientCertificateRequest): KeyedCertificate;
}

interface Issuer {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Profile extends Validity {
  readonly commonName: string;
  readonly extensions: readonly Buffer[];
  readonly isIssuerVague?: boolean;
}

const HOUR_MS = 3_600_000;
const ECDSA_WITH_SHA256 = derSequence(derObjectId('1.2.840.10045.4.3.2'));
const DIGITAL_SIGNATURE = derBits(Buffer.from([0x80]), 7);
const SIGNS_CERTIFICATES = derBits(Buffer.from([0x06]), 1);
const SERVER_PURPOSE = '1.3.6.1.5.5.7.3.1';
const CLIENT_PURPOSE = '1.3.6.1.5.5.7.3.2';

/** Makes a certificate authority with an EC P-256 key. */
export function createAuthority(name: string, validity: Validity = {}): Authority {
  const issuer = newIdentity(name);
  const own = certify(issuer, issuer, {
    ...validity,
    commonName: name,
    extensions: [
      extension('2.5.29.19', derSequence(derTrue()), 'critical'),
      extension('2.5.29.15', SIGNS_CERTIFICATES, 'critical'),
    ],
  });
  return {
    ...own,
    issueServer: ({ hosts, privateKeyPem, ...profile }) =>
      certify(newIdentity(hosts[0] ?? name, privateKeyPem), issuer, { ...profile, ...serverProfile(hosts) }),
    issueClient: ({ commonName, ...dates }) =>
      certify(newIdentity(commonName), issuer, {
        ...dates,
        commonName,
        extensions: leafExtensions(CLIENT_PURPOSE),
      }),
  };
}

/** A server certificate that vouches for itself. */
export function selfSigned({ hosts, ...dates }: ServerCertificateRequest): KeyedCertificate {
  const profile = serverProfile(hosts);
  const identity = newIdentity(profile.commonName);
  return certify(identity, identity, { ...dates, ...profile });
}

function newIdentity(commonName: string, privateKeyPem?: string): Issuer {
  if (privateKeyPem === undefined) {
    return { commonName, ...generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) };
  }
  const privateKey = createPrivateKey(privateKeyPem);
  return { commonName, privateKey, publicKey: createPublicKey(privateKey) };
}

function serverProfile(hosts: readonly string[]): Pick<Profile, 'commonName' | 'extensions'> {
  const names = extension('2.5.29.17', derSequence(...hosts.map(generalName)));
  return { commonName: hosts[0] ?? 'nameless', extensions: [...leafExtensions(SERVER_PURPOSE), names] };
}

function leafExtensions(purpose: string): readonly Buffer[] {
  return [
    extension('2.5.29.19', derSequence(), 'critical'),
    extension('2.5.29.15', DIGITAL_SIGNATURE, 'critical'),
    extension('2.5.29.37', derSequence(derObjectId(purpose))),
  ];
}

function extension(id: string, content: Buffer, weight: 'critical' | 'plain' = 'plain'): Buffer {
  return derSequence(derObjectId(id), ...(weight === 'critical' ? [derTrue()] : []), derOctets(content));
}

function generalName(host: string): Buffer {
  if (isIPv4(host)) return derImplicit(7, Buffer.from(host.split('.').map(Number)));
  if (isIPv6(host)) return derImplicit(7, ipv6Bytes(host));
  return derImplicit(2, Buffer.from(host, 'ascii'));
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const groups = address.includes('::') ? [...left, ...zeros, ...right] : left;
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function distinguishedName(commonName: string): Buffer {
  return derSequence(derSet(derSequence(derObjectId('2.5.4.3'), derUtf8(commonName))));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function certify(subject: Issuer, issuer: Issuer, profile: Profile): KeyedCertificate {
  const notBefore = profile.notBefore ?? new Date(Date.now() - HOUR_MS);
  const notAfter = profile.notAfter ?? new Date(Date.now() + 24 * HOUR_MS);
  const serial = Buffer.concat([Buffer.from([0x40]), randomBytes(15)]);
  const body = derSequence(
    derExplicit(0, derInteger(Buffer.from([2]))),
    derInteger(serial),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.commonName),
    derSequence(derTime(notBefore), derTime(notAfter)),
    distinguishedName(profile.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    derExplicit(
      3,
      derSequence(
        ...profile.extensions,
        extension('2.5.29.14', derOctets(keyIdentifier(subject.publicKey))),
        ...(profile.isIssuerVague === true
          ? []
          : [extension('2.5.29.35', derSequence(derImplicit(0, keyIdentifier(issuer.publicKey))))]),
      ),
    ),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const certificate = derElement(0x30, body, ECDSA_WITH_SHA256, derBits(signature));
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    privateKeyPem: subject.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
