import { stat } from 'node:fs/promises';

import { errorCode, readGuardedFile } from './guarded-file';
import { isReadableByOthers, octal } from './file-safety';
import { configSearchPaths, expandHome, ownConfigPath, pathRules, type Place } from './paths';
import { shellWord } from './shown-text';
import { variableIn } from './environment';
import { checkValues } from './value-problems';
import { crossCheck } from './config-checks';
import { configKeys, type ConfigKey } from './config-keys';
import { inFileOrder, problemWithoutPlace, type LocatedProblem } from './config-problems';
import { parseConfigText } from './config-file';
import { emptyTree, nodeAt, type MapNode, type Origin } from './config-tree';
import { applyOverrides, type EnvironmentOverride } from './environment-overrides';
import { translateGoRouterKeys } from './go-router-keys';
import { reviewKeys } from './key-review';
import { checkOAuth } from './oauth-checks';
import type { RouterConfig } from '../../shared/model/config';

/** Larger files are refused unread. */
export const MAX_CONFIG_BYTES = 256 * 1024;

/** What loading depends on. Nothing else of the process is looked at. */
export interface LoadOptions {
  /** The value of `--config`. */
  readonly explicitPath?: string | undefined;
  readonly place: Place;
  /** The folder that relative paths of `--config` and `MCP_ROUTER_CONFIG` start from. */
  readonly cwd: string;
  /** Effective user id; null on Windows, where modes and owners are not checked. */
  readonly uid: number | null;
}

/** Where the value of one key came from; keys that are not in the map have their default. */
export type Origins = ReadonlyMap<string, Origin>;

/** The answer of {@link loadConfig}. Problems are complete and in the order of the file. */
export type LoadedConfig =
  | {
      readonly kind: 'valid';
      readonly config: RouterConfig;
      /** Null when everything comes from the environment. */
      readonly path: string | null;
      /** Warnings only. */
      readonly problems: readonly LocatedProblem[];
      readonly overrides: readonly EnvironmentOverride[];
      readonly origins: Origins;
    }
  | {
      readonly kind: 'invalid';
      readonly path: string | null;
      readonly problems: readonly LocatedProblem[];
    }
  /** There is no file and no `MCP_GATEWAY_URL`. `savePath` is where a new file belongs; null without a home folder. */
  | { readonly kind: 'absent'; readonly searched: readonly string[]; readonly savePath: string | null }
  /** The file is there but must not or cannot be used, or the file that was asked for does not exist. */
  | {
      readonly kind: 'unreadable';
      readonly path: string;
      readonly reason: 'missing' | 'refused' | 'failed';
      /** One sentence: what is wrong, and what to run. */
      readonly problem: string;
    };

/** Finds, reads and checks the configuration. Never throws for what is in files or variables. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const asked = askedPath(options);
  if (asked !== undefined) {
    const found = await readConfig(asked, options);
    if (found.kind !== 'missing') return found.result;
    return {
      kind: 'unreadable',
      path: asked,
      reason: 'missing',
      problem: `The configuration file ${asked} does not exist (named by ${options.explicitPath === undefined ? 'MCP_ROUTER_CONFIG' : '--config'}).`,
    };
  }
  const searched = configSearchPaths(options.place);
  for (const path of searched) {
    // A folder that this user may not enter holds no configuration for it (a service started with another's HOME).
    if (await isOutOfReach(path)) continue;
    const found = await readConfig(path, options);
    if (found.kind !== 'missing') return found.result;
  }
  if (variableIn(options.place.env, 'MCP_GATEWAY_URL') !== undefined) {
    return evaluate(emptyTree(), null, [], options);
  }
  // The file that the guide names comes first; without a home folder there is none that a user could write.
  const savePath = ownConfigPath(options.place) === undefined ? null : (searched[0] ?? null);
  return { kind: 'absent', searched, savePath };
}

/** Checks the text of a configuration as if it stood in that file. */
export function evaluateConfigText(text: string, path: string, options: LoadOptions): LoadedConfig {
  const { tree, problems } = parseConfigText(text);
  if (tree === null) return { kind: 'invalid', path, problems: inFileOrder(problems) };
  return evaluate(tree, path, problems, options);
}

function askedPath(options: LoadOptions): string | undefined {
  const given = options.explicitPath ?? variableIn(options.place.env, 'MCP_ROUTER_CONFIG');
  if (given === undefined) return undefined;
  const { resolve } = pathRules(options.place.platform);
  return resolve(options.cwd, expandHome(given, options.place) ?? given);
}

async function isOutOfReach(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    return errorCode(error) === 'EACCES';
  }
}

type Found = { readonly kind: 'missing' } | { readonly kind: 'found'; readonly result: LoadedConfig };

async function readConfig(path: string, options: LoadOptions): Promise<Found> {
  const who = { uid: options.uid };
  const read = await readGuardedFile(path, {
    rule: 'trusted',
    maxBytes: MAX_CONFIG_BYTES,
    platform: options.place.platform,
    who,
  });
  switch (read.kind) {
    case 'missing':
      return { kind: 'missing' };
    case 'refused':
      return unreadable(path, 'refused', `The configuration file ${path} is not used: ${read.problem}`);
    case 'unreadable':
      return unreadable(path, 'failed', `The configuration file ${path} cannot be read: ${read.reason}`);
    case 'read':
      break;
  }
  const text = decodedConfig(read.bytes);
  if (text.kind === 'binary') {
    return found({ kind: 'invalid', path, problems: [problemWithoutPlace('error', text.message)] });
  }
  const result = evaluateConfigText(text.text, path, options);
  const modes = { mode: read.mode, uid: 0 };
  if (result.kind !== 'valid' || !isReadableByOthers(modes, who)) return found(result);
  const remark = problemWithoutPlace(
    'warning',
    `other users can read this file (mode ${octal(read.mode)}); it holds no secret, but to be safe run: chmod 600 ${shellWord(path)}`,
  );
  return found({ ...result, problems: [...result.problems, remark] });
}

function evaluate(
  parsed: MapNode,
  path: string | null,
  before: readonly LocatedProblem[],
  options: LoadOptions,
): LoadedConfig {
  const keys = configKeys();
  const translated = translateGoRouterKeys(parsed);
  const reviewed = reviewKeys(translated.tree, keys);
  const overridden = applyOverrides(reviewed.tree, keys, options.place.env);
  const values = checkValues(overridden.tree, keys);
  const problems = inFileOrder([
    ...before,
    ...translated.problems,
    ...reviewed.problems,
    ...overridden.problems,
    ...crossCheck(overridden.tree, options.place.platform),
    ...checkOAuth(overridden.tree, options.place.platform),
    ...(values.kind === 'wrong' ? values.problems : []),
  ]);
  if (values.kind === 'wrong' || problems.some((problem) => problem.severity === 'error')) {
    return { kind: 'invalid', path, problems };
  }
  return {
    kind: 'valid',
    config: values.config,
    path,
    problems,
    overrides: overridden.overrides,
    origins: originsOf(overridden.tree, keys),
  };
}

function originsOf(tree: MapNode, keys: readonly ConfigKey[]): Origins {
  return new Map(
    keys.flatMap(({ path, segments }): (readonly [string, Origin])[] => {
      const node = nodeAt(tree, segments);
      return node === undefined ? [] : [[path, node.origin]];
    }),
  );
}

type Decoded =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'binary'; readonly message: string };

/** The text of a configuration file, or why its bytes are none. */
export function decodedConfig(bytes: Buffer): Decoded {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { kind: 'binary', message: 'The file is written in UTF-16; save it as UTF-8.' };
  }
  try {
    // The decoder also takes a byte order mark off.
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    // TextDecoder throws exactly when the bytes are no UTF-8.
    return { kind: 'binary', message: 'The file is not a text file; save it as UTF-8.' };
  }
}

function unreadable(path: string, reason: 'refused' | 'failed', problem: string): Found {
  return found({ kind: 'unreadable', path, reason, problem });
}

function found(result: LoadedConfig): Found {
  return { kind: 'found', result };
}
