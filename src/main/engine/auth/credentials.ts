import { posix } from 'node:path';

import type { GatewayConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { CredentialInUse } from '../../../shared/model/status';
import type { CredentialFileLookup, EnginePorts, SecretStore } from '../ports';

import { Secret } from './secret';
import { commandToken } from './token-command';
import { storedValue } from './stored-value';

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
 * Finds the bearer token in the documented order: `token_secure_key`, `token_env`, `MCP_AUTH_TOKEN`, `token_file`,
 * `token_command` (design section 6). A source that is there but cannot be used ends the search: nothing falls back silently.
 *
 * @returns null when `auth.type` is `none`
 * @throws RouterError credential-*, keychain-*
 */
export async function resolveCredential(
  auth: GatewayConfig['auth'],
  ports: Omit<EnginePorts, 'clock' | 'logger' | 'random'>,
): Promise<Credential | null> {
  if (auth.type !== 'bearer') return null;
  const found =
    (await fromTokenStore(auth, ports)) ??
    (await fromEnvironment(auth.token_env, ports)) ??
    (await fromEnvironment(DEFAULT_TOKEN_VARIABLE, ports)) ??
    (await fromFile(auth.token_file, ports)) ??
    (await fromCommand(auth, ports));
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

/** Where tokens of this configuration are stored. */
export const tokenStore = (
  auth: GatewayConfig['auth'],
  ports: Pick<EnginePorts, 'secrets' | 'memory'>,
): SecretStore => (auth.token_storage === 'memory' ? ports.memory : ports.secrets);

function fromTokenStore(
  auth: GatewayConfig['auth'],
  ports: Pick<EnginePorts, 'secrets' | 'memory'>,
): Promise<FoundValue | null> {
  return fromStore(auth.token_secure_key, auth.token_storage, tokenStore(auth, ports));
}

/** What a store holds under a name; null for no name and for nothing there. Throws RouterError keychain-*. */
export async function fromStore(
  name: string | undefined,
  source: 'keychain' | 'memory',
  store: SecretStore,
): Promise<FoundValue | null> {
  if (name === undefined) return null;
  const value = storedValue(await store.read(name), name);
  return value === null ? null : { value: value.trim(), inUse: { source, name } };
}

/** The value is the token, or, as in the guide's systemd lines, the path of a credential that systemd provides. */
export async function fromEnvironment(
  name: string | undefined,
  ports: Pick<EnginePorts, 'environment' | 'files'>,
): Promise<FoundValue | null> {
  const value = name === undefined ? undefined : ports.environment.variable(name)?.trim();
  if (name === undefined || value === undefined || value === '') return null;
  if (isSystemdCredential(value, ports.environment.variable('CREDENTIALS_DIRECTORY'))) {
    const provided = await fromFile(value, ports);
    return provided === null ? null : { ...provided, inUse: { source: 'environment', name } };
  }
  return { value, inUse: { source: 'environment', name } };
}

/** True for a path inside `$CREDENTIALS_DIRECTORY` (systemd.exec(5)). */
export function isSystemdCredential(value: string, folder: string | undefined): boolean {
  if (folder === undefined || !posix.isAbsolute(folder) || !posix.isAbsolute(value)) return false;
  const way = posix.relative(folder, value);
  return way !== '' && way !== '..' && !way.startsWith('../');
}

async function fromCommand(
  auth: GatewayConfig['auth'],
  { commands }: Pick<EnginePorts, 'commands'>,
): Promise<FoundValue | null> {
  const found = await commandToken(auth, commands);
  return found === null ? null : { value: found.value, inUse: { source: 'command', name: found.program } };
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
    auth.token_secure_key === undefined
      ? undefined
      : `${auth.token_storage} entry "${auth.token_secure_key}"`,
    auth.token_env === undefined ? undefined : `environment variable ${auth.token_env}`,
    `environment variable ${DEFAULT_TOKEN_VARIABLE}`,
    auth.token_file === undefined ? undefined : `file ${auth.token_file}`,
    auth.token_command?.[0] === undefined ? undefined : `command ${auth.token_command[0]}`,
  ];
  return `looked in: ${places.filter((place) => place !== undefined).join(', ')}`;
}
