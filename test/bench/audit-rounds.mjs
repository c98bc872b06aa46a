// @ts-check
// What the audit log costs: the built mcp-router with it and without, in turn, so that what the machine does meanwhile
// hits both alike.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Echo, nodeProgram, Workplace } from './contenders.mjs';
import { quantile, throughput } from './measure.mjs';
import { SMALL } from './plan.mjs';
import { StdioClient } from './stdio-client.mjs';

const ROUNDS = 7;
const WARM_UP_CALLS = 5000;
const ROUND_MS = 1500;

/**
 * Rates in requests per second; `ratio` is the median of the rounds' ratios.
 * @param {(text: string) => void} say told of the progress
 * @returns {Promise<{ off: number, on: number, ratio: number, records: number }>}
 */
export async function auditRounds(say) {
  const workplace = new Workplace();
  const echo = new Echo('websocket');
  const folder = join(workplace.path, 'audit');
  try {
    const url = await echo.url;
    const audit = { enabled: true, include_requests: true, output: join(folder, 'audit.log') };
    const routers = {
      off: router(workplace, workplace.configFor(url, { name: 'off' })),
      on: router(workplace, workplace.configFor(url, { name: 'on', more: { logging: { audit } } })),
    };
    /** @type {{ off: number, on: number }[]} */
    const rounds = [];
    try {
      for (const client of Object.values(routers)) {
        await client.initialize();
        await throughput(client, SMALL, { budgetMs: 0, least: WARM_UP_CALLS });
      }
      for (let round = 1; round <= ROUNDS; round += 1) {
        /** @type {readonly ('off' | 'on')[]} */
        const order = round % 2 === 0 ? ['on', 'off'] : ['off', 'on'];
        const rates = { off: 0, on: 0 };
        for (const name of order)
          rates[name] = await throughput(routers[name], SMALL, { budgetMs: ROUND_MS });
        rounds.push(rates);
        say(`round ${String(round)}: ${Math.round(rates.off)} without, ${Math.round(rates.on)} with`);
      }
    } finally {
      for (const client of Object.values(routers)) await client.end();
    }
    return {
      off: quantile(
        rounds.map(({ off }) => off),
        0.5,
      ),
      on: quantile(
        rounds.map(({ on }) => on),
        0.5,
      ),
      ratio: quantile(
        rounds.map(({ off, on }) => on / off),
        0.5,
      ),
      records: linesIn(folder),
    };
  } finally {
    await echo.end();
    workplace.remove();
  }
}

/**
 * @param {Workplace} workplace
 * @param {string} config
 * @returns {StdioClient}
 */
const router = (workplace, config) =>
  new StdioClient(nodeProgram(workplace, ['out/cli/mcp-router.js', '--config', config]));

/**
 * @param {string} folder
 * @returns {number}
 */
function linesIn(folder) {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce(
    (sum, { name }) => sum + readFileSync(join(folder, name), 'latin1').split('\n').length - 1,
    0,
  );
}
