import type { GatewayConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import { fromEnvironment, fromFile, fromStore, type FoundValue } from './credentials';
import { Secret } from './secret';

type AuthConfig = GatewayConfig['auth'];
type Ports = Pick<EnginePorts, 'secrets' | 'files' | 'environment' | 'mask'>;

/** What is presented to the identity provider, read anew for each token. */
export interface OAuthSecrets {
  /** Null for a public client: no source of a secret is named. */
  readonly clientSecret: Secret | null;
  readonly password: Secret | null;
  /** The refresh token that the person put there; later ones are kept elsewhere. */
  readonly refreshToken: Secret | null;
}

/** Where one secret may be; keychain, environment and file are asked in this order (gateway-protocol 9.4). */
interface Places {
  readonly what: string;
  readonly secureKey: string | undefined;
  readonly variable: string | undefined;
  readonly file: string | undefined;
}

/**
 * Reads what the grant needs. A source that is there but cannot be used ends the search.
 *
 * @param candidate a client secret in place of the one that is stored
 * @throws RouterError credential-*, keychain-*
 */
export async function resolveOAuthSecrets(
  auth: AuthConfig,
  ports: Ports,
  candidate?: Secret,
): Promise<OAuthSecrets> {
  const places = placesOf(auth);
  const isPublic = auth.grant_type !== 'client_credentials' && !isNamed(places.clientSecret);
  return {
    clientSecret: candidate ?? (isPublic ? null : await needed(places.clientSecret, ports)),
    password: auth.grant_type === 'password' ? await needed(places.password, ports) : null,
    refreshToken: auth.grant_type === 'refresh_token' ? await needed(places.refreshToken, ports) : null,
  };
}

/** The client secret of now and where it comes from; null where none is named or stored. Throws RouterError. */
export function foundClientSecret(auth: AuthConfig, ports: Ports): Promise<FoundValue | null> {
  return found(placesOf(auth).clientSecret, ports);
}

function placesOf(auth: AuthConfig): Readonly<Record<keyof OAuthSecrets, Places>> {
  return {
    clientSecret: {
      what: 'client_secret',
      secureKey: auth.client_secret_secure_key,
      variable: auth.client_secret_env,
      file: auth.client_secret_file,
    },
    password: {
      what: 'password',
      secureKey: auth.password_secure_key,
      variable: auth.password_env,
      file: auth.password_file,
    },
    refreshToken: {
      what: 'refresh_token',
      secureKey: auth.refresh_token_secure_key,
      variable: auth.refresh_token_env,
      file: auth.refresh_token_file,
    },
  };
}

const isNamed = ({ secureKey, variable, file }: Places): boolean =>
  secureKey !== undefined || variable !== undefined || file !== undefined;

async function needed(places: Places, ports: Ports): Promise<Secret> {
  const value = (await found(places, ports))?.value;
  if (value === undefined) throw new RouterError('credential-missing', whereItWasLookedFor(places));
  ports.mask.add(value);
  return new Secret(value);
}

async function found(places: Places, ports: Ports): Promise<FoundValue | null> {
  return (
    (await fromStore(places.secureKey, 'keychain', ports.secrets)) ??
    (await fromEnvironment(places.variable, ports)) ??
    (await fromFile(places.file, ports))
  );
}

function whereItWasLookedFor({ what, secureKey, variable, file }: Places): string {
  const looked = [
    secureKey === undefined ? undefined : `keychain entry "${secureKey}"`,
    variable === undefined ? undefined : `environment variable ${variable}`,
    file === undefined ? undefined : `file ${file}`,
  ].filter((place) => place !== undefined);
  return looked.length === 0
    ? `gateway.auth.${what}_env, ${what}_file or ${what}_secure_key must name it`
    : `looked for the ${what.replace('_', ' ')} in: ${looked.join(', ')}`;
}
