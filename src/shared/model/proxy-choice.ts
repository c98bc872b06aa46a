import type { GatewayConfig } from './config';
import { isExcepted, isLoopbackHost, noProxyList, type ProxyTarget } from './no-proxy';

/** Where a proxy listens. */
export interface ProxyAddress {
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS to the proxy itself (`https://`). */
  readonly isEncrypted: boolean;
}

/** Where the address of a proxy was found: the key, or the environment variable. */
export interface ProxySource {
  readonly kind: 'config' | 'environment';
  readonly name: string;
}

/** How to reach a target. Holds no secret: {@link proxyLogin} reads the one of a variable. */
export type ProxyChoice =
  | {
      readonly kind: 'direct';
      readonly reason: 'no-proxy-named' | 'switched-off' | 'loopback' | 'excepted';
    }
  | {
      readonly kind: 'proxy';
      readonly address: ProxyAddress;
      readonly source: ProxySource;
      /** User name and password stand in the variable. */
      readonly hasLogin: boolean;
    }
  /** One is named and cannot be used, so nothing may connect. */
  | { readonly kind: 'unusable'; readonly source: ProxySource; readonly problem: string };

/** What authenticates us to a proxy. */
export interface ProxyLogin {
  readonly username: string;
  readonly password: string;
}

/** The part of the environment port that is used here. */
export interface Variables {
  variable(name: string): string | undefined;
}

type ReadProxy =
  | { readonly kind: 'proxy'; readonly address: ProxyAddress; readonly login: ProxyLogin | null }
  | { readonly kind: 'wrong'; readonly problem: string };

/**
 * Which proxy a connection takes. `gateway.proxy.url` decides alone when it is set; otherwise the variables that other
 * programs read: `https_proxy` for encrypted targets, `http_proxy` for plain ones, then `all_proxy`, in small letters
 * before capitals, and never for a target on this machine.
 */
export function chooseProxy(
  settings: GatewayConfig['proxy'],
  target: ProxyTarget,
  environment: Variables,
): ProxyChoice {
  if (!settings.enabled) return { kind: 'direct', reason: 'switched-off' };
  const isNamed = settings.url !== undefined;
  const name = isNamed ? 'gateway.proxy.url' : variableFor(target, environment);
  if (name === undefined) return { kind: 'direct', reason: 'no-proxy-named' };
  if (!isNamed && isLoopbackHost(target.host)) return { kind: 'direct', reason: 'loopback' };
  const exceptions = settings.no_proxy ?? (isNamed ? [] : exceptionsIn(environment));
  if (isExcepted(exceptions, target)) return { kind: 'direct', reason: 'excepted' };
  const source: ProxySource = { kind: isNamed ? 'config' : 'environment', name };
  const read = readProxy(settings.url ?? environment.variable(name) ?? '', source.kind);
  if (read.kind === 'wrong') return { kind: 'unusable', source, problem: read.problem };
  return { kind: 'proxy', address: read.address, source, hasLogin: read.login !== null };
}

/** User name and password out of the address in a variable; null when it holds none. */
export function proxyLogin(text: string): ProxyLogin | null {
  const read = readProxy(text, 'environment');
  return read.kind === 'proxy' ? read.login : null;
}

/** What is wrong with `gateway.proxy.url`; null when nothing is. Never repeats the address, which may hold a password. */
export function proxyUrlProblem(text: string): string | null {
  const read = readProxy(text, 'config');
  return read.kind === 'wrong' ? read.problem : null;
}

/** True for what a Basic header can carry: a user name ends at its first colon (RFC 7617). */
export const isSendableLogin = ({ username, password }: ProxyLogin): boolean =>
  !username.includes(':') && !/\p{Cc}/u.test(username + password);

/** The address as people write it. */
export function shownProxy({ host, port, isEncrypted }: ProxyAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `${isEncrypted ? 'https' : 'http'}://${name}:${String(port)}`;
}

function variableFor({ isEncrypted }: ProxyTarget, environment: Variables): string | undefined {
  const names = [isEncrypted ? 'https_proxy' : 'http_proxy', 'all_proxy'];
  return names
    .flatMap((name) => [name, name.toUpperCase()])
    .find((name) => (environment.variable(name)?.trim() ?? '') !== '');
}

function exceptionsIn(environment: Variables): readonly string[] {
  return noProxyList(environment.variable('no_proxy') ?? environment.variable('NO_PROXY') ?? '');
}

const HOW_TO_WRITE = 'write it like http://proxy.example.com:3128';

function readProxy(text: string, where: ProxySource['kind']): ReadProxy {
  const trimmed = text.trim();
  // Variables are often written without a scheme, as curl allows.
  const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed);
  if (!hasScheme && where === 'config') return wrong(`must start with http:// or https://; ${HOW_TO_WRITE}`);
  if (/^socks/i.test(trimmed)) {
    return wrong('names a SOCKS proxy, which is not supported; name an HTTP proxy, http:// or https://');
  }
  const address = hasScheme ? trimmed : `http://${trimmed}`;
  if (!URL.canParse(address)) return wrong(`is not the address of a proxy; ${HOW_TO_WRITE}`);
  const url = new URL(address);
  const isEncrypted = url.protocol === 'https:';
  if (!isEncrypted && url.protocol !== 'http:')
    return wrong(`must start with http:// or https://; ${HOW_TO_WRITE}`);
  const login = loginOf(url);
  if (login === 'wrong') return wrong('holds a user name or password that cannot be read or sent');
  if (where === 'config') {
    if (login !== null) return wrong(INLINE_LOGIN);
    if (url.pathname !== '/' || /[?#]/.test(trimmed))
      return wrong(`must be scheme, host and port only; ${HOW_TO_WRITE}`);
  }
  const usualPort = isEncrypted ? 443 : 80;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? usualPort : Number(url.port);
  return { kind: 'proxy', address: { host, port, isEncrypted }, login };
}

const INLINE_LOGIN =
  'must not hold a user name or password. Remove them, replace the password (it was on disk), and use username beside ' +
  'url and one of: the keychain (mcp-router token set proxy, then password_secure_key: proxy), password_env, or ' +
  'password_file of mode 0600';

function loginOf({ username, password }: URL): ProxyLogin | null | 'wrong' {
  if (username === '' && password === '') return null;
  try {
    const login = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
    return isSendableLogin(login) ? login : 'wrong';
  } catch (error) {
    // Thrown for a percent sign that begins no encoded character.
    if (error instanceof URIError) return 'wrong';
    throw error;
  }
}

const wrong = (problem: string): ReadProxy => ({ kind: 'wrong', problem });
