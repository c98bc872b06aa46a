// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {import('./stdio-client.mjs').Program} Program */
/** @typedef {'websocket' | 'http'} Wire */

/**
 * Who is measured. `router` is the product, `bare` the least that does the same on that wire, the others are peers.
 * `alone`: the same without the program that usually starts it.
 * @typedef {{ name: string, role: 'router' | 'bare' | 'peer', program: Program, alone?: Program }} Contender
 */

const checkout = join(import.meta.dirname, '..', '..');
const TOKEN = 'bench-token-0123456789abcdef';

/** Every guard is on; what limits the traffic is set so high that it never says no. */
export const raisedLimits = {
  max_concurrent_requests: 100_000,
  max_queued_requests: 10_000,
  rate_limit: { enabled: true, requests_per_second: 1_000_000, burst: 1_000_000 },
};

/** A folder for one run, with what the programs need. */
export class Workplace {
  path = mkdtempSync(join(tmpdir(), 'mcp-router-bench-'));
  env = { PATH: process.env['PATH'], HOME: this.path, XDG_RUNTIME_DIR: join(this.path, 'run') };

  /**
   * @param {string} url
   * @param {{ name?: string, more?: object }} [options] `more`: blocks besides the address and the limits
   * @returns {string} path of a configuration
   */
  configFor(url, { name = new URL(url).protocol.slice(0, -1), more = {} } = {}) {
    const token = join(this.path, 'token');
    writeFileSync(token, TOKEN, { mode: 0o600 });
    const path = join(this.path, `${name}.yaml`);
    // JSON is YAML.
    const config = { gateway: { url, auth: { token_file: token } }, local: raisedLimits, ...more };
    writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
    return path;
  }

  remove() {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * @param {Workplace} workplace
 * @param {readonly string[]} args
 * @returns {Program}
 */
export const nodeProgram = ({ env }, args) => ({ command: process.execPath, args, cwd: checkout, env });

/**
 * @param {Wire} wire
 * @param {string} url of the echo
 * @param {Workplace} workplace
 * @returns {readonly Contender[]}
 */
export function ownContenders(wire, url, workplace) {
  const router = ['out/cli/mcp-router.js', '--config', workplace.configFor(url)];
  const bare = [`test/bench/bare-${wire}.mjs`, url, TOKEN];
  return [
    { name: 'mcp-router', role: 'router', program: nodeProgram(workplace, router) },
    { name: 'bare pass-through', role: 'bare', program: nodeProgram(workplace, bare) },
  ];
}

/** An echo in a process of its own. */
export class Echo {
  /** @param {Wire} wire */
  constructor(wire) {
    this.child = spawn(process.execPath, [`test/bench/echo-${wire}.mjs`], {
      cwd: checkout,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    /** @type {Promise<string>} */
    this.url = once(this.child.stdout, 'data').then(([chunk]) => String(chunk).trim());
  }

  async end() {
    const exited = once(this.child, 'exit');
    this.child.stdin.end();
    await exited;
  }
}
