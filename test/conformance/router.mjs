// @ts-check
import { join } from 'node:path';

const checkout = join(import.meta.dirname, '..', '..');

/**
 * The built command line.
 * @param {readonly string[]} args
 */
export const routerProgram = (args) => ({
  command: process.execPath,
  args: [join(checkout, 'out', 'cli', 'mcp-router.js'), ...args],
});

/**
 * The environment of a machine on which nothing is configured.
 * @param {string} home
 * @returns {Record<string, string>}
 */
export const bareEnvironment = (home) => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  XDG_RUNTIME_DIR: join(home, 'run'),
  MCP_METRICS_ENABLED: 'false',
});
