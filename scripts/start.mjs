// @ts-check
// npm start [-- --headless] [--once] [--config FILE]
//
// With a display: tray and window. Without one, or with --headless: a round trip through the router, which then stays up until
// ctrl-C; with --once it ends after the round trip. Without a configuration anywhere: the embedded demo.
import { preflight, sandboxPreflight } from './preflight.mjs';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { build } from './build.mjs';
import { launchable, resolveElectron } from './electron-runtime.mjs';
import { built, createPrograms, startDemo } from './start/programs.mjs';
import { chooseSource, isDesktopStart, parseStartOptions } from './start/start-plan.mjs';

/** The router drains what is in flight before it ends. */
const closeLimitMs = 15_000;

/** @param {string} line */
const say = (line) => console.error(line);

/**
 * @typedef {object} Run
 * @property {string | undefined} configPath undefined when the router finds it by itself
 * @property {import('./start/programs.mjs').Demo | undefined} demo
 */

/**
 * @param {import('./start/programs.mjs').Programs} programs
 * @param {Run} run
 * @returns {Promise<number>}
 */
async function runDesktop(programs, { configPath, demo }) {
  const electron = await resolveElectron({ report: say });
  const ability = await sandboxPreflight(electron, say);
  if (ability === 'restricted') return 1;
  const isRoot = ability === 'impossible-as-root';
  if (isRoot)
    say(
      'As root Electron has no sandbox: the window runs without it. Use an ordinary account for real work.',
    );
  const { executablePath, args } = launchable(electron);
  const app = programs.start(executablePath, [...(isRoot ? ['--no-sandbox'] : []), ...args], {
    env: {
      ELECTRON_RUN_AS_NODE: undefined,
      ...demo?.environment,
      ...(configPath !== undefined && { MCP_ROUTER_CONFIG: configPath }),
      ...(demo !== undefined && { MCP_ROUTER_DEMO: '1' }),
    },
  });
  if (demo !== undefined) {
    say('The demo is on: the window shows live traffic of a sample client.');
    programs.start(process.execPath, [built('demo/sample-client.js'), '--socket', demo.socketPath], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
  }
  return await app.ended;
}

/**
 * @param {import('./start/programs.mjs').Programs} programs
 * @param {Run & { isOnce: boolean }} run
 * @returns {Promise<number>}
 */
async function runHeadless(programs, { configPath, demo, isOnce }) {
  const env = { ...demo?.environment };
  const named = configPath === undefined ? [] : ['--config', configPath];
  if (demo !== undefined || isOnce) {
    const roundTrip = programs.start(process.execPath, [built('demo/round-trip.js'), ...named], { env });
    const code = await roundTrip.ended;
    if (isOnce || code !== 0) return code;
  }
  const router = programs.start(process.execPath, [built('cli/mcp-router.js'), 'serve', ...named], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  say('The router is up. Ctrl-C ends it.');
  return await router.ended;
}

/**
 * @param {import('./start/programs.mjs').Programs} programs
 * @param {import('./start/start-plan.mjs').StartOptions} options
 * @returns {Promise<number>}
 */
async function start(programs, options) {
  const surroundings = { platform: process.platform, env: process.env, home: homedir() };
  const source = chooseSource(options.configPath, surroundings, existsSync);
  if (source.kind === 'missing') {
    say(`There is no configuration at ${source.path}.`);
    return 1;
  }
  const isDesktop = isDesktopStart(options, surroundings);
  if (!(await preflight(isDesktop ? ['electron'] : [], say))) return 1;
  if (!(await build({ ifStale: true }))) return 1;
  if (source.kind === 'demo') say('No configuration was found: starting the embedded demo.');
  const demo = source.kind === 'demo' ? await startDemo(programs) : undefined;
  const configPath = demo?.configPath ?? (source.kind === 'file' ? source.path : undefined);
  const run = { configPath, demo, isOnce: options.isOnce };
  return await (isDesktop ? runDesktop(programs, run) : runHeadless(programs, run));
}

const options = parseStartOptions(process.argv.slice(2));
if ('problem' in options) {
  say(options.problem);
  process.exit(64);
}
const programs = createPrograms();
const interrupted = new Promise((resolve) => {
  // Ended on purpose: that is a success.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(0));
});
try {
  process.exitCode = await Promise.race([start(programs, options), interrupted]);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await programs.closeAll(closeLimitMs);
}
process.exit();
