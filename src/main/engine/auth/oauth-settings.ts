import type { GatewayConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';

type AuthConfig = GatewayConfig['auth'];

/** What the configuration says about the identity provider, complete and checked. */
export interface OAuthSettings {
  readonly clientId: string;
  readonly tokenEndpoint: URL;
  /** The identity provider's name for itself, or the origin of its token endpoint. */
  readonly issuer: string;
  readonly grant: AuthConfig['grant_type'];
  readonly clientAuth: AuthConfig['client_auth'];
  /** `scope`, `audience` and `resource` of each request, where they are set. */
  readonly parameters: Readonly<Record<string, string>>;
  /** `client id @ host`: what people and logs see. */
  readonly name: string;
}

/** Reads the OAuth2 settings. Throws RouterError config-invalid. */
export function oauthSettings(auth: AuthConfig): OAuthSettings {
  const clientId = needed(auth.client_id, 'client_id');
  const tokenEndpoint = endpoint(needed(auth.token_endpoint, 'token_endpoint'));
  const issuer = auth.issuer ?? tokenEndpoint.origin;
  const scope = configuredScope(auth);
  const { audience, resource } = auth;
  const host = URL.canParse(issuer) ? new URL(issuer).host : tokenEndpoint.host;
  return {
    clientId,
    tokenEndpoint,
    issuer,
    grant: auth.grant_type,
    clientAuth: auth.client_auth,
    parameters: {
      ...(scope === undefined || scope === '' ? {} : { scope }),
      ...(audience === undefined ? {} : { audience }),
      ...(resource === undefined ? {} : { resource }),
    },
    name: `${clientId} @ ${host}`,
  };
}

/** Names with spaces between them; undefined where the configuration says nothing. */
export const configuredScope = (auth: AuthConfig): string | undefined => auth.scope ?? auth.scopes?.join(' ');

/** The same settings with other scopes; null changes nothing. */
export const withScope = (settings: OAuthSettings, scope: string | null): OAuthSettings =>
  scope === null ? settings : { ...settings, parameters: { ...settings.parameters, scope } };

function needed(value: string | undefined, key: string): string {
  if (value === undefined) throw new RouterError('config-invalid', `gateway.auth.${key} is missing`);
  return value;
}

function endpoint(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null) throw new RouterError('config-invalid', 'gateway.auth.token_endpoint is not an address');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))) return url;
  throw new RouterError('config-invalid', 'gateway.auth.token_endpoint must start with https://');
}

/** True for names and addresses that never leave this machine; `host` as URL has it. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|.+\.localhost|\[::1\]|127(\.\d{1,3}){3})\.?$/i.test(host);
}
