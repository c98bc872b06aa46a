import type { RouterConfig } from '../../../shared/model/config';
import { assertNever, RouterError } from '../../../shared/model/errors';
import type { ProxyTarget } from '../../../shared/model/no-proxy';
import {
  chooseProxy,
  isSendableLogin,
  proxyLogin,
  type ProxyAddress,
  type ProxyLogin,
  type ProxySource,
} from '../../../shared/model/proxy-choice';
import type { CredentialFileLookup, EnginePorts } from '../ports';

import type { Proxy } from './proxy-tunnel';
import { Secret } from './secret';
import { baseOptions, type TlsSettings } from './tls';
import { chooseSuites, everySuite } from './tls-suites';
import { storedValue } from './stored-value';

/** What finding a proxy needs from outside. */
export type ProxyPorts = Pick<EnginePorts, 'environment' | 'files' | 'secrets' | 'mask'>;

/**
 * The proxy that leads to a target, with all it takes to use it; null: directly. Read anew for each connection, so
 * that a new password is noticed.
 *
 * @throws RouterError proxy-unusable, keychain-*: nothing falls back to a direct connection
 */
export async function resolveProxy(
  config: Pick<RouterConfig, 'gateway' | 'advanced'>,
  target: ProxyTarget,
  ports: ProxyPorts,
): Promise<Proxy | null> {
  const { proxy } = config.gateway;
  const choice = chooseProxy(proxy, target, ports.environment);
  switch (choice.kind) {
    case 'direct':
      return null;
    case 'unusable':
      throw unusable(`${choice.source.name} ${choice.problem}`);
    case 'proxy':
      return {
        address: choice.address,
        tls: choice.address.isEncrypted ? await tlsTo(choice.address, config, ports) : null,
        login: await loginFor(choice.source, config, ports),
      };
    default:
      return assertNever(choice);
  }
}

/** TLS 1.2 will do for the proxy, which may be old: it sees nothing but the tunnel, whose inside has rules of its own. */
async function tlsTo(
  { host }: ProxyAddress,
  { gateway, advanced }: Pick<RouterConfig, 'gateway' | 'advanced'>,
  { files }: ProxyPorts,
): Promise<TlsSettings> {
  const isFipsOnly = advanced.compliance.fips_mode;
  const choice = chooseSuites(everySuite, '1.2', isFipsOnly);
  if (choice === null) throw unusable('no suite is left for TLS to the proxy');
  const { ca_cert_path: path } = gateway.proxy;
  const ca = path === undefined ? undefined : foundText('ca_cert_path', await files.readCertificates(path));
  return {
    options: {
      ...baseOptions(choice, host, isFipsOnly),
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca }),
    },
    suites: choice.suites,
    pins: [],
    client: null,
  };
}

async function loginFor(
  source: ProxySource,
  { gateway: { proxy } }: Pick<RouterConfig, 'gateway'>,
  ports: ProxyPorts,
): Promise<Secret | null> {
  const login =
    source.kind === 'environment'
      ? proxyLogin(ports.environment.variable(source.name) ?? '')
      : await configuredLogin(proxy, ports);
  if (login === null) return null;
  if (!isSendableLogin(login)) throw unusable('user name or password hold what cannot be sent');
  const pair = `${login.username}:${login.password}`;
  for (const value of [login.password, pair]) ports.mask.add(value);
  return new Secret(pair);
}

async function configuredLogin(
  proxy: RouterConfig['gateway']['proxy'],
  ports: ProxyPorts,
): Promise<ProxyLogin | null> {
  if (proxy.username === undefined) return null;
  return { username: proxy.username, password: await passwordIn(proxy, ports) };
}

/** The first source that is named must give it: keychain, variable, file. Without one the password is empty. */
async function passwordIn(proxy: RouterConfig['gateway']['proxy'], ports: ProxyPorts): Promise<string> {
  const { password_secure_key: entry, password_env: variable, password_file: path } = proxy;
  if (entry !== undefined) return storedPassword(entry, ports);
  if (variable !== undefined) {
    const value = ports.environment.variable(variable);
    if (value === undefined) throw unusable(`the variable ${variable} (password_env) is not set`);
    return value;
  }
  if (path === undefined) return '';
  const value = foundText('password_file', await ports.files.readCredential(path)).trim();
  if (value === '') throw unusable(`password_file: ${path} is empty`);
  return value;
}

async function storedPassword(name: string, { secrets }: ProxyPorts): Promise<string> {
  const value = storedValue(await secrets.read(name), name);
  if (value === null) throw unusable(`the keychain has no entry "${name}" (password_secure_key)`);
  return value;
}

function foundText(key: string, lookup: CredentialFileLookup): string {
  switch (lookup.kind) {
    case 'found':
      return lookup.value;
    case 'missing':
      throw unusable(`${key}: there is no file ${lookup.path}`);
    case 'refused':
      throw unusable(`${key}: ${lookup.problem}`);
    case 'unreadable':
      throw unusable(`${key}: ${lookup.path}: ${lookup.reason}`);
    default:
      return assertNever(lookup);
  }
}

const unusable = (detail: string): RouterError => new RouterError('proxy-unusable', detail);
