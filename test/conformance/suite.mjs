// @ts-check
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { capture } from '../../scripts/child.mjs';
import { installSidePackages } from '../../scripts/side-packages.mjs';

/** @typedef {import('./compare.mjs').Check} Check */
/** @typedef {'2025-11-25' | '2026-07-28'} Revision */
/** @typedef {{ side: 'server' | 'client', revision: Revision, scenario?: string }} Selection */

const source = join(import.meta.dirname, 'suite');
const folder = join(import.meta.dirname, '..', '..', 'out', 'conformance-suite');
const program = join(folder, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
const RUN_LIMIT_MS = 600_000;
/** What the suite puts behind the name of a scenario. */
const TIME = /-\d{4}-\d\d-\d\dT[\d-]+Z$/;

/** The version that is pinned. */
export const suiteVersion = String(
  JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')).dependencies[
    '@modelcontextprotocol/conformance'
  ],
);

/**
 * Installs the suite unless it is there.
 * @returns {Promise<string | undefined>} why it did not work
 */
export const installSuite = () => installSidePackages(source, folder);

/**
 * Runs the scenarios that a revision demands, or one of them.
 * @param {Selection} selection
 * @param {{ url: string } | { command: string, env: Record<string, string> }} target a server's address, or the command of a client
 * @returns {Promise<readonly Check[]>}
 */
export async function runSuite({ side, revision, scenario }, target) {
  const results = mkdtempSync(join(tmpdir(), 'mcp-router-conformance-'));
  const chosen = scenario === undefined ? ['--requirements', revision] : ['--scenario', scenario];
  const version = scenario === undefined ? [] : ['--spec-version', revision];
  const aim = 'url' in target ? ['--url', target.url] : ['--command', target.command];
  const hook = pathToFileURL(join(source, 'run.mjs')).href;
  const args = ['--import', hook, program, side, ...aim, ...chosen, ...version, '-o', results];
  const env = 'env' in target ? { ...process.env, ...target.env } : process.env;
  try {
    const { code, stdout, stderr } = await capture(process.execPath, args, { env, timeoutMs: RUN_LIMIT_MS });
    const checks = checksIn(results);
    if (checks.length === 0) throw new Error(`the suite ended with code ${String(code)}: ${stdout}${stderr}`);
    return checks;
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

/**
 * @param {string} results
 * @returns {readonly Check[]}
 */
function checksIn(results) {
  const files = readdirSync(results, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(results, name),
  );
  return files
    .filter((file) => file.endsWith('checks.json'))
    .flatMap((file) => {
      const scenario = relative(results, dirname(file))
        .replace(TIME, '')
        .replace(/^server-/, '');
      /** @type {readonly Omit<Check, 'scenario'>[]} */
      const checks = JSON.parse(readFileSync(file, 'utf8'));
      return checks.map(({ id, name, status, errorMessage }) => ({
        scenario,
        id,
        name,
        status,
        ...(errorMessage !== undefined && { errorMessage }),
      }));
    });
}
