import { createPublicKey, createSecretKey } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';

/** Who may connect (gateway-protocol 1.4). */
export type GatewayAuth =
  | { readonly kind: 'none' }
  /** Opaque tokens; not in the real gateway. */
  | { readonly kind: 'tokens'; readonly tokens: readonly string[] }
  | {
      readonly kind: 'jwt';
      /** For HS256, HS384 and HS512. */
      readonly secret?: string;
      /** For RS256, RS384 and RS512. */
      readonly publicKeyPem?: string;
      /** Both default to `mcp-gateway`; empty means not checked. */
      readonly issuer?: string;
      readonly audience?: string;
    };

/** `crashed`: the real gateway drops the connection without an answer. */
export type AuthVerdict =
  | { readonly kind: 'accepted'; readonly user: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'crashed' };

const REFUSED = (reason: string): AuthVerdict => ({ kind: 'refused', reason });

/** Judges the `Authorization` header of an upgrade request. The scheme is case-sensitive. */
export async function authenticate(
  auth: GatewayAuth,
  header: string | undefined,
  now: Date,
): Promise<AuthVerdict> {
  if (auth.kind === 'none') return { kind: 'accepted', user: 'anonymous' };
  const space = header?.indexOf(' ') ?? -1;
  if (header === undefined || space < 0 || header.slice(0, space) !== 'Bearer')
    return REFUSED('no bearer token');
  const token = header.slice(space + 1);
  if (auth.kind === 'tokens')
    return auth.tokens.includes(token) ? { kind: 'accepted', user: 'opaque' } : REFUSED('unknown token');
  return authenticateJwt(auth, token, now);
}

async function authenticateJwt(
  auth: Extract<GatewayAuth, { kind: 'jwt' }>,
  token: string,
  now: Date,
): Promise<AuthVerdict> {
  const issuer = auth.issuer ?? 'mcp-gateway';
  const audience = auth.audience ?? 'mcp-gateway';
  try {
    const algorithm = decodeProtectedHeader(token).alg ?? 'none';
    const key = verificationKey(auth, algorithm);
    if (key === null) return REFUSED(`algorithm ${algorithm} is not allowed`);
    const { payload } = await jwtVerify(token, key, {
      currentDate: now,
      ...(issuer === '' ? {} : { issuer }),
      ...(audience === '' ? {} : { audience }),
    });
    return judgeClaims(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return REFUSED(error.message);
    throw error;
  }
}

function verificationKey(
  auth: Extract<GatewayAuth, { kind: 'jwt' }>,
  algorithm: string,
): ReturnType<typeof createSecretKey> | null {
  if (/^HS(256|384|512)$/.test(algorithm) && auth.secret !== undefined)
    return createSecretKey(auth.secret, 'utf8');
  if (/^RS(256|384|512)$/.test(algorithm) && auth.publicKeyPem !== undefined)
    return createPublicKey(auth.publicKeyPem);
  return null;
}

function judgeClaims(claims: JWTPayload): AuthVerdict {
  const scopes = claims['scopes'] ?? [];
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string'))
    return REFUSED('scopes is not an array of strings');
  if (claims.exp === undefined) return { kind: 'crashed' };
  return { kind: 'accepted', user: claims.sub ?? '' };
}
