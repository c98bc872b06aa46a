// @ts-check
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where downloads of the project may be kept, best first.
 * @param {{ XDG_CACHE_HOME?: string | undefined }} environment
 * @param {string} home
 * @param {string} temporary
 * @param {number} userId
 * @returns {string[]}
 */
export function cacheFolderCandidates(environment, home, temporary, userId) {
  const { XDG_CACHE_HOME: xdg } = environment;
  return [
    ...(xdg !== undefined && isAbsolute(xdg) ? [join(xdg, 'mcp-router')] : []),
    ...(isAbsolute(home) ? [join(home, '.cache', 'mcp-router')] : []),
    join(temporary, `mcp-router-cache-${userId}`),
  ];
}

/**
 * The first of them that can be written, created.
 * @returns {string}
 */
export function cacheFolder() {
  const candidates = cacheFolderCandidates(process.env, homedir(), tmpdir(), process.getuid?.() ?? 0);
  for (const folder of candidates) {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      return folder;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
  throw new Error(`None of ${candidates.join(', ')} can be written; set XDG_CACHE_HOME.`);
}
