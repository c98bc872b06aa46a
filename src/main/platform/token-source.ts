import type { ConnectionSettings } from '../../shared/ipc/contract';
import type { RouterConfig } from '../../shared/model/config';
import type { Environment, SecretStore } from '../engine/ports';

/** Where tokens may be. */
interface TokenPlaces {
  readonly keychain: SecretStore;
  /** For `gateway.auth.token_storage: memory`. */
  readonly memory: SecretStore;
  readonly environment: Environment;
}

/** Where the next connect would find its token, by name; the value is not looked at. */
export async function tokenSource(
  config: RouterConfig,
  { keychain, environment, memory }: TokenPlaces,
): Promise<ConnectionSettings['tokenSource']> {
  const { auth } = config.gateway;
  // Its files are not for this window to replace.
  if (auth.type === 'mtls') return { kind: 'file', name: auth.client_pkcs12 ?? auth.client_cert ?? '' };
  if (auth.type === 'oauth2') return { kind: 'oauth2', name: auth.client_id ?? '' };
  const entry = auth.token_secure_key;
  const store = auth.token_storage === 'memory' ? memory : keychain;
  if (entry !== undefined && (await store.list()).some(({ name }) => name === entry)) {
    return { kind: auth.token_storage, name: entry };
  }
  const variable = [auth.token_env, 'MCP_AUTH_TOKEN'].find(
    (name) => name !== undefined && environment.variable(name) !== undefined,
  );
  if (variable !== undefined) return { kind: 'environment', name: variable };
  return auth.token_file === undefined ? null : { kind: 'file', name: auth.token_file };
}
