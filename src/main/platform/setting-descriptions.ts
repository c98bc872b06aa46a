import type {
  NotEditable,
  Setting,
  SettingControl,
  SettingSection,
  SettingSource,
  SettingUnit,
  SettingValue,
} from '../../shared/ipc/settings-calls';
import type { RouterConfig } from '../../shared/model/config';
import { settingEffects } from '../../shared/model/setting-effects';
import { configKeys, type ConfigKey, type KeyType } from './config-keys';
import type { EditPath } from './config-text-edit';
import { nodeAt, plainValue, type ConfigNode, type KeyPath, type MapNode } from './config-tree';
import { ENDPOINTS_PATH, endpointNodes } from './endpoint-views';
import { variableIn, type Variables } from './environment';
import { translateGoRouterKeys } from './go-router-keys';
import { looksLikeSecret } from './inline-secrets';
import type { LoadedConfig } from './load-config';
import { withoutTokenShapes } from './token-shapes';

/** A key as the page is told of it, and where it is written in the file. */
export interface DescribedSetting extends Setting {
  /** Where the key stands, or would be put. */
  readonly editPath: EditPath;
  readonly variable: string;
}

/** What a description is made from. */
export interface DescribedFile {
  /** The file as parsed, before old names were translated. */
  readonly tree: MapNode;
  /** The same text, judged. */
  readonly loaded: LoadedConfig;
  readonly variables: Variables;
}

/** Every key of the schema with its place, its value and where that comes from; nothing in it is secret. */
export function describeSettings(
  file: DescribedFile,
  keys: readonly ConfigKey[] = configKeys(),
): readonly DescribedSetting[] {
  const { tree: translated } = translateGoRouterKeys(file.tree);
  return keys.map((key) => describeSetting(key, file, nodeAt(translated, key.segments)));
}

/** The longest beginning of a path decides. */
const sections: Readonly<Record<string, SettingSection>> = {
  gateway: 'gateway',
  'gateway.auth': 'sign-in',
  'gateway.tls': 'tls',
  'gateway.connection': 'connection',
  'advanced.circuit_breaker': 'connection',
  'gateway.proxy': 'proxy',
  local: 'limits',
  'local.policy': 'policy',
  'local.blocked_clients': 'policy',
  'local.http': 'doors',
  'local.socket': 'doors',
  logging: 'log',
  'advanced.debug': 'log',
  'logging.audit': 'audit',
  metrics: 'metrics',
  security: 'security',
  'advanced.compliance': 'security',
  'security.detection': 'detection',
  advanced: 'files',
};

function sectionOf(segments: KeyPath): SettingSection {
  for (let length = segments.length; length > 0; length -= 1) {
    const section = sections[segments.slice(0, length).join('.')];
    if (section !== undefined) return section;
  }
  return 'files';
}

function describeSetting(
  key: ConfigKey,
  file: DescribedFile,
  node: ConfigNode | undefined,
): DescribedSetting {
  const written = node === undefined ? null : settingValue(plainValue(node));
  const isProgram = key.path === PROGRAM;
  const effective = file.loaded.kind === 'valid' ? valueIn(file.loaded.config, key.segments) : null;
  const isWithheld = [written, effective].some((value) => !isProgram && value !== null && holdsSecret(value));
  const shown = (value: SettingValue | null): SettingValue | null => {
    if (isProgram && Array.isArray(value)) return value.slice(0, 1).map(withoutTokenShapes);
    return isWithheld ? null : value;
  };
  const place = placeOf(key, file.tree, node);
  return {
    path: key.path,
    section: sectionOf(key.segments),
    control: controlOf(key),
    defaultValue: settingValue(key.defaultValue),
    fileValue: shown(written),
    effectiveValue: shown(effective),
    source: sourceOf(key, file, node),
    effect: settingEffects[key.path] ?? 'restart',
    notEditable: isProgram ? 'program' : isWithheld ? 'withheld' : place.notEditable,
    editPath: place.editPath,
    variable: key.variable,
  };
}

/** Its arguments may hold a secret, and whoever sets it starts a program. */
const PROGRAM = 'gateway.auth.token_command';

function sourceOf(
  key: ConfigKey,
  { loaded, variables }: DescribedFile,
  node: ConfigNode | undefined,
): SettingSource {
  if (variableIn(variables, key.variable) !== undefined)
    return { kind: 'environment', variable: key.variable };
  const origin = loaded.kind === 'valid' ? loaded.origins.get(key.path) : node?.origin;
  return origin?.kind === 'file' ? { kind: 'file', line: origin.line } : { kind: 'default' };
}

/** Where it stands, or where it belongs; a file of the Go router keeps its form. */
function placeOf(
  key: ConfigKey,
  tree: MapNode,
  node: ConfigNode | undefined,
): { readonly editPath: EditPath; readonly notEditable: NotEditable | null } {
  const endpoints = endpointNodes(tree).length;
  if (endpoints > 1 && key.path === 'gateway.url')
    return { editPath: key.segments, notEditable: 'other-form' };
  if (node?.origin.kind === 'file') {
    const editPath = editPathOf(node.origin.path);
    const isSameName = editPath.at(-1) === key.segments.at(-1) && !isInListBeside(editPath);
    return { editPath, notEditable: isSameName ? null : 'other-form' };
  }
  const isAlone = endpoints === 1 && isNothing(nodeAt(tree, ['gateway'])) && key.segments[0] === 'gateway';
  return {
    editPath: isAlone ? [...ENDPOINTS_PATH, 0, ...key.segments.slice(1)] : key.segments,
    notEditable: null,
  };
}

const isNothing = (node: ConfigNode | undefined): boolean =>
  node === undefined ||
  (node.kind === 'map' ? node.entries.size === 0 : node.kind === 'scalar' && node.value === null);

/** True below an item of a list that is not the first endpoint. */
const isInListBeside = (path: EditPath): boolean => path.some((part) => typeof part === 'number' && part > 0);

/** `a.b[0].c` as a path. */
function editPathOf(path: string): EditPath {
  return path.split('.').flatMap((part) => {
    const [, name = part, index] = /^(.*)\[(\d+)\]$/.exec(part) ?? [];
    return index === undefined ? [name] : [name, Number(index)];
  });
}

const paths: ReadonlySet<string> = new Set([
  'gateway.auth.client_cert',
  'gateway.auth.client_key',
  'gateway.auth.client_pkcs12',
  'logging.output',
  'logging.audit.output',
  'local.socket.path',
]);

function controlOf({ path, type }: ConfigKey): SettingControl {
  switch (type.kind) {
    case 'boolean':
      return { kind: 'switch' };
    case 'number':
      return { kind: 'number', isWhole: type.isWhole, min: type.min, max: type.max, unit: unitOf(path) };
    case 'choice':
      return { kind: 'choice', choices: type.choices };
    case 'text':
      return { kind: 'text', isPath: paths.has(path) || /_(file|path)$/.test(path) };
    case 'list':
      return { kind: 'list', choices: choicesOf(type.of) };
    case 'map':
      return { kind: 'map' };
  }
}

const choicesOf = (type: KeyType): readonly string[] | null => (type.kind === 'choice' ? type.choices : null);

const units: Readonly<Record<string, SettingUnit>> = {
  ms: 'milliseconds',
  seconds: 'seconds',
  minutes: 'minutes',
  days: 'days',
  bytes: 'bytes',
};

const unitOf = (path: string): SettingUnit | null => units[path.split('_').at(-1) ?? ''] ?? null;

/** The value of the configuration in effect. */
function valueIn(config: RouterConfig, segments: KeyPath): SettingValue | null {
  let value: unknown = config;
  for (const key of segments) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return settingValue(value);
}

/** Null for what is none, and for what no key can be. */
function settingValue(value: unknown): SettingValue | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? value : null;
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value);
  return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')
    ? Object.fromEntries(entries)
    : null;
}

function holdsSecret(value: SettingValue): boolean {
  if (typeof value === 'string') return isSecretText(value);
  if (typeof value !== 'object') return false;
  return Object.values(value).some(isSecretText);
}

/** What looks like a token, and addresses with user name, password, query or fragment. */
function isSecretText(text: string): boolean {
  if (withoutTokenShapes(text) !== text) return true;
  if (!/^[/~]/.test(text) && looksLikeSecret(text)) return true;
  if (!text.includes('://') || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return [username, password, search, hash].some((part) => part !== '');
}
