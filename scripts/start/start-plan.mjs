// @ts-check
import { posix, win32 } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * @typedef {object} StartOptions
 * @property {boolean} isHeadless
 * @property {boolean} isOnce
 * @property {string | undefined} configPath
 */

/**
 * @param {readonly string[]} argv
 * @returns {StartOptions | { problem: string }}
 */
export function parseStartOptions(argv) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        headless: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        config: { type: 'string', short: 'c' },
      },
    });
    return { isHeadless: values.headless, isOnce: values.once, configPath: values.config };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * @typedef {object} Surroundings
 * @property {NodeJS.Platform} platform
 * @property {Readonly<Record<string, string | undefined>>} env
 * @property {string | undefined} home
 */

/**
 * Where a configuration is looked for by itself, as the router does it (src/main/platform/paths.ts; a test holds the two together).
 * @param {Surroundings} surroundings
 * @returns {string[]}
 */
export function configSearchPaths({ platform, env, home: anyHome }) {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const name = 'mcp-router.yaml';
  const home = anyHome !== undefined && isAbsolute(anyHome) ? anyHome : undefined;
  const below = (/** @type {string[]} */ ...parts) => (home === undefined ? [] : [join(home, ...parts)]);
  const named = (/** @type {string | undefined} */ folder) =>
    folder !== undefined && isAbsolute(folder) ? [join(folder, 'mcp-router', name)] : null;
  const claude = below('.config', 'claude-cli', name);
  if (platform === 'win32')
    return [...claude, ...(named(env['APPDATA']) ?? below('AppData', 'Roaming', 'mcp-router', name))];
  const own =
    platform === 'darwin'
      ? below('Library', 'Application Support', 'mcp-router', name)
      : (named(env['XDG_CONFIG_HOME']) ?? below('.config', 'mcp-router', name));
  return [...claude, ...own, '/etc/mcp/mcp-router.yaml'];
}

/**
 * @typedef {{ kind: 'file', path: string } | { kind: 'environment' } | { kind: 'missing', path: string } | { kind: 'demo' }} Source
 */

/**
 * What the router is to run with. A file that was named and is not there is a mistake, never a reason for the demo.
 * @param {string | undefined} configPath from the command line
 * @param {Surroundings} surroundings
 * @param {(path: string) => boolean} exists
 * @returns {Source}
 */
export function chooseSource(configPath, surroundings, exists) {
  const path = configPath ?? (surroundings.env['MCP_ROUTER_CONFIG'] || undefined);
  if (path !== undefined) return exists(path) ? { kind: 'file', path } : { kind: 'missing', path };
  const found = configSearchPaths(surroundings).find(exists);
  if (found !== undefined) return { kind: 'file', path: found };
  return surroundings.env['MCP_GATEWAY_URL'] ? { kind: 'environment' } : { kind: 'demo' };
}

/**
 * @param {StartOptions} options
 * @param {Pick<Surroundings, 'platform' | 'env'>} surroundings
 * @returns {boolean} whether tray and window can be shown, and are wanted
 */
export function isDesktopStart({ isHeadless, isOnce }, { platform, env }) {
  if (isHeadless || isOnce) return false;
  return platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}
