import { posix, win32, type PlatformPath } from 'node:path';

import { variableIn, type Variables } from './environment';

/** What the places of files depend on. */
export interface Place {
  readonly platform: NodeJS.Platform;
  readonly env: Variables;
  /** Undefined where the user has no home folder (containers, service accounts). */
  readonly home: string | undefined;
}

const APP = 'mcp-router';
const SOCKET_NAME = 'router.sock';
const CONFIG_NAME = 'mcp-router.yaml';
const SYSTEM_CONFIG = '/etc/mcp/mcp-router.yaml';

/** The rules of paths on that platform, whatever platform this runs on. */
export function pathRules(platform: NodeJS.Platform): PlatformPath {
  return platform === 'win32' ? win32 : posix;
}

/** `~` and `~/...` become the home folder; undefined when there is none. Other paths stay. */
export function expandHome(path: string, place: Pick<Place, 'platform' | 'home'>): string | undefined {
  const isHomePath = path === '~' || path.startsWith('~/') || path.startsWith('~\\');
  if (!isHomePath) return path;
  if (place.home === undefined || place.home === '') return undefined;
  return pathRules(place.platform).join(place.home, path.slice(1));
}

/** Where a configuration is looked for when neither `--config` nor `MCP_ROUTER_CONFIG` is given, best first. */
export function configSearchPaths(place: Place): readonly string[] {
  const { join } = pathRules(place.platform);
  const home = homeOf(place);
  const claude = home === undefined ? [] : [join(home, '.config', 'claude-cli', CONFIG_NAME)];
  const own = ownConfigPath(place);
  // On Windows every user may create folders beside ProgramData's own, so there is no system-wide file there.
  const system = place.platform === 'win32' ? [] : [SYSTEM_CONFIG];
  return [...new Set([...claude, ...(own === undefined ? [] : [own]), ...system])];
}

/** The file in the folder that the platform gives programs for their settings; undefined without a home folder. */
export function ownConfigPath(place: Place): string | undefined {
  const folder = configFolder(place);
  return folder === undefined ? undefined : pathRules(place.platform).join(folder, CONFIG_NAME);
}

/** Where programs of this platform keep their settings, each in a folder of its own; undefined without a home folder. */
export function userConfigFolder(place: Place): string | undefined {
  const folder = configFolder(place);
  return folder === undefined ? undefined : pathRules(place.platform).dirname(folder);
}

/** Where Linux desktops look for what a person wants started at login (XDG Desktop Application Autostart). */
export function autostartFolder(place: Place): string | undefined {
  const base = absolute(place, 'XDG_CONFIG_HOME') ?? under(homeOf(place), '.config');
  return base === undefined ? undefined : posix.join(base, 'autostart');
}

/** The folder of the index of stored secrets and of logs; undefined without a home folder. */
export function stateFolder(place: Place): string | undefined {
  const home = homeOf(place);
  switch (place.platform) {
    case 'darwin':
      return under(home, 'Library', 'Application Support', APP);
    case 'win32':
      return windowsFolder(place, 'LOCALAPPDATA', 'Local');
    default:
      return xdgFolder(place, 'XDG_STATE_HOME', ['.local', 'state']);
  }
}

/** The folder of what may be deleted at any time; undefined without a home folder. */
export function cacheFolder(place: Place): string | undefined {
  switch (place.platform) {
    case 'darwin':
      return under(homeOf(place), 'Library', 'Caches', APP);
    case 'win32': {
      const local = windowsFolder(place, 'LOCALAPPDATA', 'Local');
      return local === undefined ? undefined : win32.join(local, 'Cache');
    }
    default:
      return xdgFolder(place, 'XDG_CACHE_HOME', ['.cache']);
  }
}

/** The audit log where `logging.audit.output` is not set (guide: Audit Logging, for users without a home folder). */
export function defaultAuditPath(place: Place): string {
  const folder = stateFolder(place);
  if (folder !== undefined) return pathRules(place.platform).join(folder, 'audit', 'audit.log');
  return place.platform === 'win32' ? 'C:\\ProgramData\\mcp-router\\audit.log' : '/var/log/mcp/audit.log';
}

/**
 * The folder of sockets. Whoever listens in it must create it 0700 and check its owner: the last resort lies in a
 * temporary folder that everybody can write to.
 */
export function runtimeFolder(place: Place, uid: number | null): string {
  const { join } = pathRules(place.platform);
  if (place.platform === 'win32') return `\\\\.\\pipe\\${APP}`;
  const runtime = absolute(place, 'XDG_RUNTIME_DIR');
  if (place.platform !== 'darwin' && runtime !== undefined) return join(runtime, APP);
  const temporary = absolute(place, 'TMPDIR');
  const state = stateFolder(place);
  const inState = state === undefined ? undefined : join(state, 'run');
  // A long home folder leaves no room for a socket; then macOS has a private temporary folder for every user.
  const isTooLong = inState !== undefined && !fits(posix.join(inState, SOCKET_NAME));
  if (place.platform === 'darwin' && isTooLong && temporary !== undefined) return join(temporary, APP);
  if (inState !== undefined) return inState;
  return join(temporary ?? '/tmp', `${APP}-${uid ?? 'user'}`);
}

/** Where the socket is when `local.socket.path` is not set: a path, on Windows the name of a pipe of that user. */
export function defaultSocketPath(place: Place, uid: number | null): string {
  const folder = runtimeFolder(place, uid);
  if (place.platform === 'win32') return `${folder}-${variableIn(place.env, 'USERNAME') ?? 'user'}`;
  return posix.join(folder, SOCKET_NAME);
}

/**
 * Where a router of this user may listen, best first. Clients often start servers with little more than HOME and PATH
 * (the SDK's `getDefaultEnvironment`), so that the two sides need not see the same variables.
 */
export function usualSocketPaths(place: Place, uid: number | null): readonly string[] {
  const own = defaultSocketPath(place, uid);
  if (place.platform === 'win32') return [own];
  const { XDG_RUNTIME_DIR: _absent, ...others } = place.env;
  const without = defaultSocketPath({ ...place, env: others }, uid);
  const isLoginKnown = place.platform === 'darwin' || 'XDG_RUNTIME_DIR' in place.env;
  const ofLogin = isLoginKnown || uid === null ? [] : [posix.join(`/run/user/${uid}`, APP, SOCKET_NAME)];
  return [...new Set([...ofLogin, own, without])];
}

/** Systems cut a longer path off or refuse it; macOS has the least room, 104 bytes with the end mark. */
export const MAX_SOCKET_PATH_BYTES = 103;

const fits = (path: string): boolean => Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;

function configFolder(place: Place): string | undefined {
  const home = homeOf(place);
  switch (place.platform) {
    case 'darwin':
      return under(home, 'Library', 'Application Support', APP);
    case 'win32':
      return windowsFolder(place, 'APPDATA', 'Roaming');
    default:
      return xdgFolder(place, 'XDG_CONFIG_HOME', ['.config']);
  }
}

function xdgFolder(place: Place, variable: string, fallback: readonly string[]): string | undefined {
  const base = absolute(place, variable);
  if (base !== undefined) return posix.join(base, APP);
  return under(homeOf(place), ...fallback, APP);
}

function windowsFolder(place: Place, variable: string, fallback: string): string | undefined {
  const base = absolute(place, variable);
  if (base !== undefined) return win32.join(base, APP);
  const home = homeOf(place);
  return home === undefined ? undefined : win32.join(home, 'AppData', fallback, APP);
}

function under(home: string | undefined, ...names: readonly string[]): string | undefined {
  return home === undefined ? undefined : posix.join(home, ...names);
}

function homeOf(place: Place): string | undefined {
  return place.home !== undefined && pathRules(place.platform).isAbsolute(place.home)
    ? place.home
    : undefined;
}

/** The XDG rules say that a relative folder in such a variable is to be ignored. */
function absolute(place: Place, variable: string): string | undefined {
  const value = variableIn(place.env, variable);
  return value !== undefined && pathRules(place.platform).isAbsolute(value) ? value : undefined;
}
