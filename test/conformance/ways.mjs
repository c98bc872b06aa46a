// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { capture } from '../../scripts/child.mjs';
import { startAdapter } from './adapter/adapter.mjs';
import { startBearerDoor } from './bearer-door.mjs';
import { startFixture } from './fixture/http.mjs';
import { serveLoopback } from './loopback.mjs';
import { bareEnvironment, routerProgram } from './router.mjs';

/** @typedef {{ url: string, stop: () => Promise<void> }} Open */

/**
 * One way from the suite to the fixture.
 * @typedef {object} Way
 * @property {string} name
 * @property {boolean} hasAdapter
 * @property {() => Promise<Open>} open
 * @property {() => Promise<boolean>} [isThere] false where this build has no such way
 */

export const DIRECT = 'direct';
export const ADAPTER = 'adapter alone';

const stdioFixture = join(import.meta.dirname, 'fixture', 'stdio.mjs');
const gatewayProgram = join(import.meta.dirname, '..', '..', 'out', 'demo', 'gateway.js');
/** The suite asks faster than people do, and limits are not what it asks about. */
const NO_LIMIT = { rate_limit: { enabled: false } };
const READY_LIMIT_MS = 20_000;

/** @type {readonly Way[]} */
export const ways = [
  { name: DIRECT, hasAdapter: false, open: startFixture },
  {
    name: ADAPTER,
    hasAdapter: true,
    open: () => startAdapter({ command: process.execPath, args: [stdioFixture], env: process.env }),
  },
  {
    name: 'stdio bridge, Streamable HTTP',
    hasAdapter: true,
    open: () => through(startFixture, (home, config) => bridge(home, ['--config', config])),
  },
  {
    name: 'stdio bridge, WebSocket gateway',
    hasAdapter: true,
    open: () => through(startGateway, (home, config) => bridge(home, ['--config', config])),
  },
  {
    name: 'attached to serve, Streamable HTTP',
    hasAdapter: true,
    open: () => through(startFixture, attached),
  },
  {
    name: 'HTTP door, Streamable HTTP',
    hasAdapter: false,
    isThere: hasHttpDoor,
    open: async () => {
      const port = String(await freePort());
      // The suite says that it comes from a page of its own machine; no page comes in without being named.
      const allowed_origins = ['127.0.0.1', 'localhost'].map((name) => `http://${name}:${port}`);
      const http = { enabled: true, address: `127.0.0.1:${port}`, allowed_origins };
      return through(startFixture, httpDoor, { http });
    },
  },
];

/**
 * A router between the two, in a home of its own.
 * @param {() => Promise<Open>} startServer
 * @param {(home: string, config: string) => Promise<Open>} startRouter
 * @param {object} [local] keys below `local`
 * @returns {Promise<Open>}
 */
async function through(startServer, startRouter, local = {}) {
  const home = mkdtempSync(join(tmpdir(), 'mcp-router-conformance-'));
  const server = await startServer();
  const config = writeConfig(home, { url: server.url, local });
  const router = await startRouter(home, config);
  const stop = async () => {
    await router.stop();
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { url: router.url, stop };
}

/**
 * @param {string} home
 * @param {{ url: string, local: object }} keys
 */
function writeConfig(home, { url, local }) {
  const path = join(home, 'router.yaml');
  const text = { gateway: { url, auth: { type: 'none' } }, local: { ...NO_LIMIT, ...local } };
  writeFileSync(path, JSON.stringify(text), { mode: 0o600 });
  return path;
}

/**
 * @param {string} home
 * @param {readonly string[]} args
 */
const bridge = (home, args) => startAdapter({ ...routerProgram(args), env: bareEnvironment(home) });

/** @type {(home: string, config: string) => Promise<Open>} */
async function attached(home, config) {
  const router = await serve(home, config, /router\.sock/);
  // Who has a setting of its own does not attach.
  const env = { ...bareEnvironment(home), MCP_METRICS_ENABLED: undefined };
  const adapter = await startAdapter({ ...routerProgram(['--attach-only']), env });
  const stop = async () => {
    await adapter.stop();
    await router.stop();
  };
  return { url: adapter.url, stop };
}

async function freePort() {
  const { url, stop } = await serveLoopback(() => Promise.resolve());
  await stop();
  return Number(new URL(url).port);
}

/** @type {(home: string, config: string) => Promise<Open>} */
async function httpDoor(home, config) {
  const { command, args } = routerProgram(['clients', 'token', 'add', 'conformance']);
  const { code, stdout, stderr } = await capture(command, args, { env: bareEnvironment(home) });
  if (code !== 0) throw new Error(stderr);
  const router = await serve(home, config, /"address":"(127\.0\.0\.1:\d+)"/);
  const door = await startBearerDoor(new URL(`http://${router.found}/mcp`), stdout.trim());
  const stop = async () => {
    await door.stop();
    await router.stop();
  };
  return { url: door.url, stop };
}

async function hasHttpDoor() {
  const home = mkdtempSync(join(tmpdir(), 'mcp-router-conformance-'));
  const config = writeConfig(home, { url: 'http://127.0.0.1:9/mcp', local: { http: { enabled: true } } });
  const { command, args } = routerProgram(['config', 'check', '--config', config]);
  const { code, stdout, stderr } = await capture(command, args, { env: bareEnvironment(home) });
  rmSync(home, { recursive: true, force: true });
  return code === 0 || !/local\.http/.test(stdout + stderr);
}

/**
 * `mcp-router serve`, once it has said that it listens.
 * @param {string} home
 * @param {string} config
 * @param {RegExp} listening its last group is what the caller wants to know
 */
async function serve(home, config, listening) {
  const { command, args } = routerProgram(['serve', '--config', config]);
  return ready(spawn(command, [...args], { env: bareEnvironment(home), stdio: ['pipe', 'ignore', 'pipe'] }), {
    output: 'stderr',
    pattern: listening,
  });
}

/** The gateway double with the fixture on stdio behind it. */
async function startGateway() {
  const args = [gatewayProgram, '--duplex', '--', process.execPath, stdioFixture];
  const gateway = await ready(spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }), {
    output: 'stdout',
    pattern: /"url":"([^"]+)"/,
  });
  return { url: gateway.found, stop: gateway.stop };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {{ output: 'stdout' | 'stderr', pattern: RegExp }} sign
 */
async function ready(child, { output, pattern }) {
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  let text = '';
  /** @type {string | undefined} */
  const found = await new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), READY_LIMIT_MS);
    const settle = (/** @type {string | undefined} */ value) => {
      clearTimeout(late);
      resolve(value);
    };
    child[output]?.on('data', (/** @type {Buffer} */ chunk) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) settle(match.at(-1));
    });
    void ended.then(() => settle(undefined));
  });
  if (found !== undefined) return { found, stop };
  await stop();
  throw new Error(`not ready: ${text}`);
}
