import type { GatewayConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { CredentialInUse } from '../../../shared/model/status';
import type { CredentialFileLookup, EnginePorts, SecretLookup } from '../ports';

import { Secret } from './secret';

/** The credential of one connect, and where it came from. */
export interface Credential {
  readonly secret: Secret;
  readonly inUse: CredentialInUse;
}

/** The variable that supplies the token when the configuration names none (guide: Token Management). */
export const DEFAULT_TOKEN_VARIABLE = 'MCP_AUTH_TOKEN';
/** RFC 6750 b64token is a subset; anything printable without spaces cannot break a header. */
const TOKEN_SHAPE = /^[\x21-\x7e]+$/;

/**
 * Finds the bearer token in the documented order: `token_secure_key`, `token_env`, `MCP_AUTH_TOKEN`, `token_file`
 * (design section 6). A source that is there but cannot be used ends the search: nothing falls back silently.
 *
 * @returns null when `auth.type` is `none`
 * @throws RouterError credential-*, keychain-*
 */
export async function resolveCredential(
  auth: GatewayConfig['auth'],
  ports: Pick<EnginePorts, 'secrets' | 'files' | 'environment' | 'mask'>,
): Promise<Credential | null> {
  if (auth.type === 'none') return null;
  const found =
    (await fromKeychain(auth.token_secure_key, ports)) ??
    fromEnvironment(auth.token_env, ports) ??
    fromEnvironment(DEFAULT_TOKEN_VARIABLE, ports) ??
    (await fromFile(auth.token_file, ports));
  if (found === null) throw new RouterError('credential-missing', whereItWasLookedFor(auth));
  const { inUse } = found;
  if (!TOKEN_SHAPE.test(found.value)) {
    throw new RouterError('credential-malformed', `${inUse.source} "${inUse.name}"`);
  }
  ports.mask.add(found.value);
  return { secret: new Secret(found.value), inUse };
}

export interface FoundValue {
  readonly value: string;
  readonly inUse: CredentialInUse;
}

export async function fromKeychain(
  name: string | undefined,
  ports: Pick<EnginePorts, 'secrets'>,
): Promise<FoundValue | null> {
  if (name === undefined) return null;
  const lookup: SecretLookup = await ports.secrets.read(name);
  switch (lookup.kind) {
    case 'found':
      return { value: lookup.value.trim(), inUse: { source: 'keychain', name } };
    case 'absent':
      return null;
    case 'locked-or-removed':
      throw new RouterError('keychain-locked', `entry "${name}"`);
    case 'unavailable':
      throw new RouterError('keychain-unavailable', lookup.reason);
    default:
      return assertNever(lookup);
  }
}

export function fromEnvironment(
  name: string | undefined,
  ports: Pick<EnginePorts, 'environment'>,
): FoundValue | null {
  const value = name === undefined ? undefined : ports.environment.variable(name)?.trim();
  if (name === undefined || value === undefined || value === '') return null;
  return { value, inUse: { source: 'environment', name } };
}

export async function fromFile(
  path: string | undefined,
  ports: Pick<EnginePorts, 'files'>,
): Promise<FoundValue | null> {
  if (path === undefined) return null;
  const lookup: CredentialFileLookup = await ports.files.readCredential(path);
  switch (lookup.kind) {
    case 'found':
      if (lookup.value.trim() === '')
        throw new RouterError('credential-missing', `the file ${path} is empty`);
      return { value: lookup.value.trim(), inUse: { source: 'file', name: path } };
    case 'missing':
      throw new RouterError('credential-missing', `there is no file ${lookup.path}`);
    case 'refused':
      throw new RouterError('credential-file-refused', lookup.problem);
    case 'unreadable':
      throw new RouterError('credential-file-unreadable', `${lookup.path}: ${lookup.reason}`);
    default:
      return assertNever(lookup);
  }
}

function whereItWasLookedFor(auth: GatewayConfig['auth']): string {
  const places = [
    auth.token_secure_key === undefined ? undefined : `keychain entry "${auth.token_secure_key}"`,
    auth.token_env === undefined ? undefined : `environment variable ${auth.token_env}`,
    `environment variable ${DEFAULT_TOKEN_VARIABLE}`,
    auth.token_file === undefined ? undefined : `file ${auth.token_file}`,
  ];
  return `looked in: ${places.filter((place) => place !== undefined).join(', ')}`;
}
