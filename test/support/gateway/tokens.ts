import type { KeyObject } from 'node:crypto';
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { SignJWT } from 'jose';

/** Signs HS256 with a secret or RS256 with a private key. Good for an hour unless the claims say otherwise. */
export async function signToken(key: string | KeyObject, claims: JWTPayload = {}): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const defaults = { iss: 'mcp-gateway', aud: 'mcp-gateway', sub: 'tester', exp: nowSeconds + 3600 };
  const isSecret = typeof key === 'string';
  return new SignJWT({ ...defaults, ...claims })
    .setProtectedHeader({ alg: isSecret ? 'HS256' : 'RS256', typ: 'JWT' })
    .sign(isSecret ? createSecretKey(key, 'utf8') : key);
}

/** An RSA key pair for RS256. */
export function createTokenKeys(): { readonly privateKey: KeyObject; readonly publicKeyPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}
