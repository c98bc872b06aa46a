import { createPrivateKey, randomBytes } from 'node:crypto';

/**
 * How each canary begins and ends, so that one search finds all of them, whole or cut. Every character but three becomes
 * something else in some encoding; all are allowed in a header.
 */
export const CANARY_HEAD = 'cN4+/="%&<\\>';
export const CANARY_TAIL = '>/&+="%<4\\Nc';

/** A place in which a credential is given to the router. */
export type CanarySlot =
  | 'token'
  | 'token-next'
  | 'token-wrong'
  | 'token-file'
  | 'token-env'
  | 'token-command'
  | 'token-keychain'
  | 'token-window'
  | 'client-secret'
  | 'client-secret-wrong'
  | 'password'
  | 'refresh-token'
  | 'access-token'
  | 'metrics-token'
  | 'metrics-token-wrong'
  | 'client-token-wrong'
  | 'proxy-password'
  | 'proxy-password-wrong'
  | 'key-passphrase'
  | 'pkcs12-password'
  | 'inline-secret';

/** Those that travel in a header as they are: printable ASCII without spaces. */
const NARROW: ReadonlySet<CanarySlot> = new Set<CanarySlot>([
  'token',
  'token-next',
  'token-wrong',
  'token-file',
  'token-env',
  'token-command',
  'token-keychain',
  'token-window',
  'access-token',
  'refresh-token',
  // RFC 6749 appendix A.2
  'client-secret',
  'client-secret-wrong',
  'metrics-token',
  'metrics-token-wrong',
  'client-token-wrong',
]);

/** A secret for a slot, unlike any before it; passwords hold spaces and letters beyond ASCII as well. */
export function canary(slot: CanarySlot): string {
  const middle = NARROW.has(slot) ? '' : ' ä€ ';
  return `${CANARY_HEAD}-${slot}-${middle}${randomBytes(6).toString('hex')}-${CANARY_TAIL}`;
}

/** What is searched for: bytes that must turn up nowhere, and what they belong to. */
export interface Mark {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Long enough not to turn up by accident, short enough to find what was cut. */
const MARK_LENGTH = 12;

/** Beginning and end of every canary. */
export const canaryMarks: readonly Mark[] = [
  { name: 'the beginning of a canary', bytes: Buffer.from(CANARY_HEAD) },
  { name: 'the end of a canary', bytes: Buffer.from(CANARY_TAIL) },
];

/** Marks of a secret that somebody else made, such as an identity provider: where it begins and where it ends. */
export function marksOf(name: string, secret: string): readonly Mark[] {
  const [, claims, signature] = /^eyJ[^.]*\.([^.]+)\.([^.]+)$/.exec(secret) ?? [];
  // Of a JSON Web Token the beginning is the same in each; its signature and the middle of its claims are not.
  const parts =
    claims === undefined || signature === undefined
      ? [secret.slice(0, MARK_LENGTH), secret.slice(-MARK_LENGTH)]
      : [claims.slice(12, 12 + MARK_LENGTH), signature.slice(0, MARK_LENGTH), signature.slice(-MARK_LENGTH)];
  return parts.map((part) => ({ name, bytes: Buffer.from(part) }));
}

/** Marks of a private key on an elliptic curve: its number, and a line of its PEM. */
export function keyMarks(name: string, privateKeyPem: string): readonly Mark[] {
  const { d } = createPrivateKey(privateKeyPem).export({ format: 'jwk' });
  if (d === undefined) throw new Error('no key on an elliptic curve');
  const number = Buffer.from(d, 'base64url');
  return [number.subarray(0, MARK_LENGTH), number.subarray(-MARK_LENGTH)].map((bytes) => ({ name, bytes }));
}
