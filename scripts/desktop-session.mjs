// @ts-check
// Runs a command in a desktop session of its own and leaves nothing behind:
//
//   node scripts/desktop-session.mjs [--keyring=unlocked|locked|none] [--limit-minutes=20] -- COMMAND [ARGUMENT ...]
//
// The session has a virtual display (1280x800), a session bus that starts nothing by itself, a gnome-keyring on it (unlocked
// unless asked otherwise), an empty home and a private XDG_RUNTIME_DIR. Root hands over to an ordinary user, so that
// Chromium's sandbox is on; what that user cannot read is copied first. Linux only: elsewhere the command simply runs.
// A COMMAND of `node` is the Node that runs this. The exit code is the command's; 124 when the limit passed.
//
// The command finds in its environment:
//   ELECTRON_OVERRIDE_DIST_PATH   the Electron to run, also for scripts/electron-runtime.mjs
//   MCP_ROUTER_ARTIFACTS          folder for screenshots and reports; ends up as artifacts/ of the checkout
//   MCP_ROUTER_SANDBOX            `namespaces`: every Electron has its sandbox; `helper`: only this one, where ordinary users may
//                                 not make namespaces (Ubuntu 24.04); `none`: launch with --no-sandbox and skip what proves the sandbox
// Tests that want another keyring start a bus of their own: scripts/desktop/session-bus.mjs.
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers';
import { checkout } from './checkout.mjs';
import { exitCodeOf, run } from './child.mjs';
import { startDisplay } from './desktop/display.mjs';
import { ordinaryUser } from './desktop/ordinary-user.mjs';
import { end, processesMarked, startOwned } from './desktop/owned-process.mjs';
import { startSessionBus } from './desktop/session-bus.mjs';
import { sessionEnvironment } from './desktop/session-environment.mjs';
import { parseSessionOptions } from './desktop/session-options.mjs';
import { makeStage, readableCheckout, runnableElectron, runnableNode } from './desktop/staging.mjs';
import { resolveElectron } from './electron-runtime.mjs';
import { isRoot } from './preflight/machine.mjs';
import { hasSetuidHelper, hasUserNamespaces } from './preflight/sandbox.mjs';

/** Carried by every process of one session. */
const markName = 'MCP_ROUTER_DESKTOP_SESSION';
/** Set for the part that runs as the ordinary user: its folders are ready. */
const stageName = 'MCP_ROUTER_DESKTOP_STAGE';
const timedOut = 124;
const innerGraceMs = 20_000;

/**
 * @typedef {object} Place where a session runs
 * @property {string} stage
 * @property {string} node
 * @property {string} checkout
 * @property {Record<string, string>} environment
 * @property {string[]} as command that runs another as the session's user; empty for our own
 */

/** @param {string} line */
const report = (line) => console.error(line);

/**
 * @param {import('./electron-runtime.mjs').ElectronRuntime} electron
 * @returns {Promise<{ dist: string, sandbox: import('./desktop/staging.mjs').Sandbox }>}
 */
async function ownElectron({ dist }) {
  if (await hasUserNamespaces()) return { dist, sandbox: 'namespaces' };
  return { dist, sandbox: hasSetuidHelper(dist) ? 'helper' : 'none' };
}

/** @returns {Promise<Place>} */
async function prepare() {
  const electron = await resolveElectron({ report });
  const user = isRoot() ? await ordinaryUser() : null;
  const stage = makeStage(user);
  const mark = {
    [markName]: randomUUID(),
    MCP_ROUTER_ARTIFACTS: join(stage, 'artifacts'),
    TMPDIR: join(stage, 'tmp'),
  };
  try {
    const { dist, sandbox } =
      user === null ? await ownElectron(electron) : await runnableElectron(stage, user, electron);
    if (sandbox === 'none')
      report('Chromium has no sandbox on this system: the desktop tests run without it.');
    const environment = sessionEnvironment(process.env, {
      ...mark,
      HOME: join(stage, 'home'),
      ELECTRON_OVERRIDE_DIST_PATH: dist,
      MCP_ROUTER_SANDBOX: sandbox,
      ...(user !== null && { USER: user.name, LOGNAME: user.name }),
    });
    return {
      stage,
      environment,
      as: user?.as ?? [],
      node: user === null ? process.execPath : await runnableNode(stage, user),
      checkout: user === null ? checkout : await readableCheckout(stage, user),
    };
  } catch (error) {
    rmSync(stage, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Runs the command with display, bus and keyring, as the user we are, and ends all of it.
 * @param {import('./desktop/session-options.mjs').SessionOptions} options
 * @param {string} stage
 * @param {AbortSignal} stop
 * @returns {Promise<number>}
 */
async function hold({ keyring, limitMs, command }, stage, stop) {
  const base = sessionEnvironment(process.env, { ...pick(process.env), HOME: join(stage, 'home') });
  /** @type {(() => Promise<void>)[]} */
  const closers = [];
  try {
    const display = await startDisplay(base);
    closers.push(display.close);
    const runtimeFolder = join(stage, 'run');
    const bus = await startSessionBus({ home: join(stage, 'home'), runtimeFolder, keyring, base });
    closers.push(bus.close);
    const [program = '', ...args] = command;
    const started = startOwned(program === 'node' ? process.execPath : program, args, {
      env: { ...base, ...bus.environment, DISPLAY: display.name },
      stdio: 'inherit',
    });
    closers.push(() => started.close());
    return await Promise.race([
      started.ended.then(({ code, signal }) => exitCodeOf(code, signal)),
      givenUp(limitMs, stop),
    ]);
  } finally {
    while (closers.length > 0) await closers.pop()?.();
  }
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Record<string, string>} what belongs to the session and would otherwise be taken for foreign
 */
function pick(environment) {
  const own =
    /^(ELECTRON_OVERRIDE_DIST_PATH|MCP_ROUTER_(ARTIFACTS|SANDBOX|DESKTOP_SESSION)|TMPDIR|USER|LOGNAME)$/;
  const kept = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && own.test(name) ? [[name, value]] : [],
  );
  return Object.fromEntries(kept);
}

/**
 * @param {number} limitMs
 * @param {AbortSignal} stop
 * @returns {Promise<number>}
 */
function givenUp(limitMs, stop) {
  return new Promise((resolve) => {
    setTimeout(() => {
      report(`The desktop session was ended after ${limitMs / 60_000} minutes.`);
      resolve(timedOut);
    }, limitMs).unref();
    stop.addEventListener('abort', () => resolve(exitCodeOf(null, stop.reason)), { once: true });
    if (stop.aborted) resolve(exitCodeOf(null, stop.reason));
  });
}

/**
 * Prepares a session, holds it as its user, and takes home what it made.
 * @param {string[]} argv
 * @param {import('./desktop/session-options.mjs').SessionOptions} options
 * @param {AbortSignal} stop
 */
async function runSession(argv, options, stop) {
  const place = await prepare();
  try {
    const script = join(place.checkout, 'scripts', 'desktop-session.mjs');
    const [program = '', ...args] = [...place.as, place.node, script, ...argv];
    const environment = { ...place.environment, [stageName]: place.stage };
    const inner = startOwned(program, args, { cwd: place.checkout, env: environment, stdio: 'inherit' });
    const given = givenUp(options.limitMs + innerGraceMs, stop);
    const code = await Promise.race([
      inner.ended.then(({ code: own, signal }) => exitCodeOf(own, signal)),
      given,
    ]);
    await inner.close(innerGraceMs);
    return code;
  } finally {
    await end(processesMarked(markName, place.environment[markName] ?? ''));
    const artifacts = join(checkout, 'artifacts');
    mkdirSync(artifacts, { recursive: true });
    cpSync(join(place.stage, 'artifacts'), artifacts, { recursive: true });
    rmSync(place.stage, { recursive: true, force: true });
  }
}

const argv = process.argv.slice(2);
const options = parseSessionOptions(argv);
const stopping = new AbortController();
/** @type {readonly NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of signals) process.on(signal, () => stopping.abort(signal));

const stage = process.env[stageName];
if ('problem' in options) {
  report(options.problem);
  process.exit(64);
} else if (process.platform !== 'linux') {
  const [program = '', ...args] = options.command;
  process.exit(await run(program === 'node' ? process.execPath : program, args));
} else if (stage === undefined) {
  process.exit(await runSession(argv, options, stopping.signal));
} else {
  process.exit(await hold(options, stage, stopping.signal));
}
