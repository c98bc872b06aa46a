import type { RouterConfig } from '../../shared/model/config';
import { settingEffects, type SettingEffect } from '../../shared/model/setting-effects';
import type { CredentialInUse } from '../../shared/model/status';
import type { MachineFindings } from './config-check';
import { configKeys, type ConfigKey } from './config-keys';
import type { LocatedProblem } from './config-problems';
import type { Origin } from './config-tree';
import type { LoadedConfig, Origins } from './load-config';

/** What `config check` found; holds no secret. */
export interface ConfigReport {
  /** 0 good, 1 invalid, 2 valid but this machine lacks a file, a variable or a permission. */
  readonly exitCode: 0 | 1 | 2;
  /** For people. */
  readonly text: string;
  /** The same for scripts, as one JSON document. */
  readonly json: string;
}

type ValidConfig = Extract<LoadedConfig, { kind: 'valid' }>;

/** One key as it is in effect. */
interface Setting {
  readonly path: string;
  /** Null when the key is not set and has no default. */
  readonly value: string | number | boolean | null;
  readonly origin: string;
  /** When a change takes effect. */
  readonly effect: SettingEffect;
}

/** The report on a configuration that cannot be used at all. */
export function reportUnusable(loaded: Exclude<LoadedConfig, { kind: 'valid' }>): ConfigReport {
  switch (loaded.kind) {
    case 'invalid': {
      const where = loaded.path ?? 'the environment';
      const errors = loaded.problems.filter(({ severity }) => severity === 'error').length;
      const title = `${where}: invalid, ${counted(errors, 'error')}`;
      return report(1, 'invalid', [title, '', ...loaded.problems.map(problemLine)], {
        path: loaded.path,
        problems: loaded.problems,
      });
    }
    case 'unreadable':
      return report(2, 'unreadable', [loaded.problem], {
        path: loaded.path,
        reason: loaded.reason,
        problem: loaded.problem,
      });
    case 'absent':
      return report(2, 'absent', absentLines(loaded.searched, loaded.savePath), {
        searched: loaded.searched,
      });
  }
}

/** The report on a valid configuration and on what this machine has for it. */
export function reportValid(loaded: ValidConfig, machine: MachineFindings): ConfigReport {
  const lacks = machine.findings.filter(({ severity }) => severity === 'lacking');
  const settings = settingsOf(loaded.config, loaded.origins);
  const credential = credentialText(loaded.config, machine.credential);
  const state =
    lacks.length === 0 ? 'valid' : `valid, but this machine lacks ${counted(lacks.length, 'thing')}`;
  const lines = [
    `${loaded.path ?? 'the environment alone (no file)'}: ${state}`,
    '',
    ...settingLines(settings),
    '',
    `credential  ${credential}`,
    `proxy       ${machine.proxy.text}`,
    restartLine(settings),
    ...section(
      loaded.problems.map(problemLine),
      machine.findings.map(({ severity, path, message }) => `${severity.padEnd(7)}  ${path}: ${message}`),
    ),
  ];
  return report(lacks.length === 0 ? 0 : 2, lacks.length === 0 ? 'valid' : 'lacking', lines, {
    path: loaded.path,
    settings,
    overrides: loaded.overrides,
    credential: machine.credential,
    proxy: machine.proxy.choice,
    problems: loaded.problems,
    findings: machine.findings,
  });
}

/** The address without what could be a secret in it. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  url.username = '';
  url.password = '';
  const hadQuery = url.search !== '';
  url.search = '';
  url.hash = '';
  return hadQuery ? `${url.href}?...` : url.href;
}

function settingsOf(config: RouterConfig, origins: Origins): readonly Setting[] {
  const { endpoints } = config.gateway_pool;
  const others = endpoints.slice(1);
  if (others.length === 0) return configKeys().map((key) => settingOf(config, key, origins));
  const isShared = ({ path, segments }: ConfigKey): boolean =>
    !path.startsWith('gateway.') ||
    others.every((gateway) => valueAt({ ...config, gateway }, segments) === valueAt(config, segments));
  const shared = configKeys().filter(isShared);
  const own = configKeys().filter((key) => !isShared(key));
  return [
    ...endpoints.flatMap((gateway, index) => endpointSettings({ ...config, gateway }, index, own)),
    ...shared.map((key) => settingOf(config, key, origins)),
  ];
}

/** What an endpoint has of its own, in the order in which endpoints are used. */
function endpointSettings(
  config: RouterConfig,
  index: number,
  own: readonly ConfigKey[],
): readonly Setting[] {
  const { priority, weight } = config.gateway_pool.endpoints[index] ?? {};
  const numbers = { priority: priority ?? null, weight: weight ?? null };
  const place = (name: string): string => `endpoint ${String(index + 1)} ${name}`;
  return [
    ...own.map((key) => ({
      ...settingOf(config, key, new Map()),
      path: place(key.path.replace(/^gateway\./, '')),
      origin: '',
    })),
    ...Object.entries(numbers).map(([name, value]) => ({
      path: place(name),
      value,
      origin: '',
      effect: 'reconnect' as const,
    })),
  ];
}

function settingOf(config: RouterConfig, { path, segments }: ConfigKey, origins: Origins): Setting {
  const value = valueAt(config, segments);
  const shown = isAddress(path) && typeof value === 'string' ? shownAddress(value) : value;
  return { path, value: shown, origin: originText(origins.get(path), value), effect: effectOf(path) };
}

/** Keys whose value may carry user info or a query. */
function isAddress(path: string): boolean {
  return path === 'gateway.url' || path === 'gateway.auth.token_endpoint';
}

/** What nobody has classified yet is not promised. */
const effectOf = (path: string): SettingEffect => settingEffects[path] ?? 'restart';

function restartLine(settings: readonly Setting[]): string {
  const keys = settings.filter(({ effect }) => effect === 'restart').map(({ path }) => path);
  return `restart     needed after a change of ${keys.join(', ')}; all else is reloaded`;
}

function valueAt(config: RouterConfig, segments: readonly string[]): Setting['value'] {
  let value: unknown = config;
  for (const key of segments) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(String).join(', ');
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([name, text]) => `${name}=${String(text)}`);
    return pairs.length === 0 ? null : pairs.join(', ');
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function originText(origin: Origin | undefined, value: Setting['value']): string {
  switch (origin?.kind) {
    case 'file':
      return `line ${origin.line}`;
    case 'environment':
      return origin.variable;
    case undefined:
      return value === null ? 'not set' : 'default';
  }
}

function settingLines(settings: readonly Setting[]): readonly string[] {
  const shown = settings.filter(({ value }) => value !== null);
  const pathWidth = Math.max(...shown.map(({ path }) => path.length));
  const valueWidth = Math.max(...shown.map(({ value }) => Math.min(40, String(value).length)));
  return shown.map(({ path, value, origin }) =>
    `${path.padEnd(pathWidth)}  ${String(value).padEnd(valueWidth)}  ${origin}`.trimEnd(),
  );
}

function credentialText(config: RouterConfig, credential: CredentialInUse | null): string {
  if (credential?.source === 'oauth2') return `oauth2 ${credential.name}`;
  if (config.gateway.auth.type === 'none') return 'none (gateway.auth.type is "none")';
  return credential === null ? 'none found' : `${credential.source} "${credential.name}"`;
}

function problemLine({ severity, line, column, path, message }: LocatedProblem): string {
  const place = line === null ? '' : `line ${line}${column === null ? '' : `:${column}`}  `;
  return `${severity.padEnd(7)}  ${place}${path === '' ? '' : `${path}: `}${message}`;
}

function absentLines(searched: readonly string[], savePath: string | null): readonly string[] {
  return [
    'There is no configuration. Looked for:',
    ...searched.map((path) => `  ${path}`),
    `Create ${savePath ?? 'a file and name it with --config'} with these lines, or set MCP_GATEWAY_URL:`,
    '  gateway:',
    '    url: wss://gateway.example.com:8443/',
  ];
}

function section(...groups: readonly (readonly string[])[]): readonly string[] {
  const lines = groups.flat();
  return lines.length === 0 ? [] : ['', ...lines];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function report(
  exitCode: ConfigReport['exitCode'],
  status: string,
  lines: readonly string[],
  details: Readonly<Record<string, unknown>>,
): ConfigReport {
  return {
    exitCode,
    text: `${lines.join('\n')}\n`,
    json: `${JSON.stringify({ status, exitCode, ...details }, null, 2)}\n`,
  };
}
