// @ts-check
import { join } from 'node:path';
import { regressionsIn } from './compare.mjs';
import { openKeyring } from './keyring.mjs';
import { accepted, isApplicable } from './scope.mjs';
import { runSuite } from './suite.mjs';
import { ADAPTER, DIRECT, ways } from './ways.mjs';

/** @typedef {import('./compare.mjs').Column} Column */
/** @typedef {import('./suite.mjs').Revision} Revision */

/**
 * One side in one revision.
 * @typedef {object} Comparison
 * @property {'server' | 'client'} side
 * @property {Revision} revision
 * @property {readonly Column[]} columns
 * @property {readonly import('./compare.mjs').Regression[]} regressions
 * @property {readonly string[]} remarks
 */

/** @typedef {(text: string) => void} Say */

/** How the client is called with the router, in columns. */
export const THROUGH = 'through the router';
const driver = join(import.meta.dirname, 'client', 'driver.mjs');

/**
 * The suite as a client: against the fixture, by each way.
 * @param {Revision} revision
 * @param {{ only?: readonly string[] | undefined, say: Say }} options `only`: names of ways
 * @returns {Promise<Comparison>}
 */
export async function compareServers(revision, { only, say }) {
  /** @type {Column[]} */
  const columns = [];
  /** @type {string[]} */
  const remarks = [];
  for (const { name, hasAdapter, open, isThere } of ways) {
    if (only !== undefined && !only.includes(name)) continue;
    if (isThere !== undefined && !(await isThere())) {
      remarks.push(`${name}: not in this build`);
      continue;
    }
    say(`${revision}, server, ${name} ...`);
    const way = await open();
    try {
      const checks = await runSuite({ side: 'server', revision }, { url: way.url });
      columns.push({ way: name, hasAdapter, checks: applicable('server', checks) });
    } finally {
      await way.stop();
    }
  }
  const regressions = regressionsIn(columns, { adapter: ADAPTER, accepted });
  return { side: 'server', revision, columns, regressions, remarks };
}

/**
 * The suite as a server: its scenarios with the SDK's client alone, and with the same client through the router.
 * @param {Revision} revision
 * @param {{ scenarios?: readonly string[] | undefined, say: Say }} options
 * @returns {Promise<Comparison>}
 */
export async function compareClients(revision, { scenarios, say }) {
  /** @type {Column[]} */
  const columns = [];
  const keyring = await openKeyring();
  try {
    for (const [way, name] of /** @type {const} */ ([
      ['direct', DIRECT],
      ['router', THROUGH],
    ])) {
      say(`${revision}, client, ${name} ...`);
      const command = `${process.execPath} ${driver} ${way}`;
      /** @type {import('./compare.mjs').Check[]} */
      const checks = [];
      for (const scenario of scenarios ?? [undefined]) {
        const selection = {
          side: /** @type {const} */ ('client'),
          revision,
          ...(scenario !== undefined && { scenario }),
        };
        checks.push(...(await runSuite(selection, { command, env: keyring?.env ?? {} })));
      }
      const isLeftOut = (/** @type {string} */ scenario) =>
        keyring === undefined && scenario.startsWith('auth/');
      columns.push({
        way: name,
        hasAdapter: false,
        checks: applicable('client', checks).filter(({ scenario }) => !isLeftOut(scenario)),
      });
    }
  } finally {
    await keyring?.end();
  }
  const remarks =
    keyring === undefined ? ['auth/*: not compared, signing in needs a keyring (gnome-keyring, dbus)'] : [];
  return { side: 'client', revision, columns, regressions: regressionsIn(columns, { accepted }), remarks };
}

/**
 * @param {'server' | 'client'} side
 * @param {readonly import('./compare.mjs').Check[]} checks
 */
const applicable = (side, checks) => checks.filter(({ scenario }) => isApplicable(side, scenario));
