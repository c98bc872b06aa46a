import { readdir } from 'node:fs/promises';

import { variableIn } from '../environment';
import { errorCode } from '../guarded-file';
import { pathRules, type Place } from '../paths';
import { patternsFor, type ClientApp, type PathPattern } from './client-app';
import { isThere } from './presence';

/** Where a client keeps its servers, and whether the client is there. */
export interface ClientPlace {
  /** Null where this machine has no folder for it. */
  readonly path: string | null;
  readonly isFound: boolean;
}

/** Looks for the file and for traces of the app; nothing is opened. */
export async function findClient(app: ClientApp, place: Place): Promise<ClientPlace> {
  const path = await firstPlace(patternsFor(app.files, place.platform), place);
  if (path !== null && (await isThere(path))) return { path, isFound: true };
  const traces = await firstThere(patternsFor(app.traces, place.platform), place);
  return { path, isFound: traces || (await isProgramThere(app.programs, place)) };
}

/** The folder that a pattern begins with; undefined where there is none. */
export function patternFolder(name: string, place: Place): string | undefined {
  const { platform, env, home } = place;
  const { isAbsolute, join } = pathRules(platform);
  const variable = (key: string): string | undefined => {
    const value = variableIn(env, key);
    return value !== undefined && isAbsolute(value) ? value : undefined;
  };
  const below = (...names: readonly string[]): string | undefined =>
    home !== undefined && isAbsolute(home) ? join(home, ...names) : undefined;
  switch (name) {
    case 'home':
      return below();
    case 'root':
      return platform === 'win32' ? undefined : '/';
    case 'config':
      return variable('XDG_CONFIG_HOME') ?? below('.config');
    case 'support':
      return below('Library', 'Application Support');
    case 'appdata':
      return variable('APPDATA') ?? below('AppData', 'Roaming');
    case 'localappdata':
      return variable('LOCALAPPDATA') ?? below('AppData', 'Local');
    default:
      return name.startsWith('$') ? variable(name.slice(1)) : undefined;
  }
}

/** A pattern as a path, `*` still in it; null when its folder is not there. */
export function expandPattern(pattern: PathPattern, place: Place): string | null {
  const [, name = '', rest = ''] = /^\{([^}]*)\}\/?(.*)$/.exec(pattern) ?? [];
  const folder = patternFolder(name, place);
  return folder === undefined ? null : pathRules(place.platform).join(folder, ...rest.split('/'));
}

/** The first that applies counts alone: a client that was given another folder does not look into the usual one. */
async function firstPlace(patterns: readonly PathPattern[], place: Place): Promise<string | null> {
  for (const pattern of patterns) {
    const matches = await matchesOf(pattern, place);
    for (const match of matches) if (await isThere(match)) return match;
    const [first] = matches;
    if (first !== undefined) return first;
  }
  return null;
}

async function firstThere(patterns: readonly PathPattern[], place: Place): Promise<boolean> {
  for (const pattern of patterns) {
    for (const match of await matchesOf(pattern, place)) if (await isThere(match)) return true;
  }
  return false;
}

/** The paths of a pattern; those of one with `*` are limited to folders that exist up to there. */
async function matchesOf(pattern: PathPattern, place: Place): Promise<readonly string[]> {
  const path = expandPattern(pattern, place);
  if (path === null) return [];
  const { join, sep } = pathRules(place.platform);
  const names = path.split(sep);
  const starred = names.findIndex((name) => name.includes('*'));
  if (starred === -1) return [path];
  const [head = '', tail = ''] = (names[starred] ?? '').split('*');
  const folder = names.slice(0, starred).join(sep);
  const fitting = (await namesIn(folder)).filter((name) => name.startsWith(head) && name.endsWith(tail));
  return fitting.sort().map((name) => join(folder, name, ...names.slice(starred + 1)));
}

async function isProgramThere(programs: readonly string[], place: Place): Promise<boolean> {
  const { isAbsolute, join } = pathRules(place.platform);
  const folders = (variableIn(place.env, 'PATH') ?? '').split(place.platform === 'win32' ? ';' : ':');
  const endings = place.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of folders.filter((one) => isAbsolute(one))) {
    for (const program of programs) {
      for (const ending of endings) if (await isThere(join(folder, `${program}${ending}`))) return true;
    }
  }
  return false;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return [];
  }
}
