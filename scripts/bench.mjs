// @ts-check
// Measures the built mcp-router beside a bare pass-through and two peers. Fails only when something cannot be measured.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { auditRounds } from '../test/bench/audit-rounds.mjs';
import { compare } from '../test/bench/aims.mjs';
import { fullPlan, quickPlan } from '../test/bench/plan.mjs';
import { performanceDocument, printedReport } from '../test/bench/report.mjs';
import { runRounds } from '../test/bench/rounds.mjs';
import { build } from './build.mjs';
import { checkout } from './checkout.mjs';

const help = `npm run bench -- [options]   (five minutes at most)

  --quick      two short rounds, about a minute
  --no-peers   leave out mcp-remote and supergateway, which are installed into out/ on demand
  --audit      only what the audit log costs: requests per second with it and without, in turn
  --write      write docs/performance.md; its section "What the profile showed" is kept
`;

/** What is left of the throughput when every request is recorded. */
const AUDIT_AIM = 0.8;

const options = /** @type {const} */ ({
  quick: { type: 'boolean', default: false },
  audit: { type: 'boolean', default: false },
  'no-peers': { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/** @returns {Promise<number>} the exit code */
async function bench() {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (!(await build({ ifStale: true }))) return 1;
  if (values.audit) return benchAudit();
  const plan = { ...(values.quick ? quickPlan : fullPlan), withPeers: !values['no-peers'] };
  const { samples, remarks } = await runRounds(plan, (text) => console.error(text));
  const comparisons = compare(samples, plan.payloads);
  console.log(printedReport(comparisons, remarks));
  if (!values.write) return 0;
  const path = join(checkout, 'docs', 'performance.md');
  const date = new Date().toISOString().slice(0, 10);
  const text = performanceDocument(comparisons, { plan, remarks, before: readIfThere(path), date });
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  console.log(`\nWritten to ${path}`);
  return 0;
}

/** @returns {Promise<number>} the exit code: 1 when the audit log costs more than it may */
async function benchAudit() {
  const { off, on, ratio, records } = await auditRounds((text) => console.error(text));
  const rate = (/** @type {number} */ value) => Math.round(value).toLocaleString('en');
  console.log(`without the audit log     ${rate(off)} requests/s (median of the rounds)`);
  console.log(`with it, requests included ${rate(on)} requests/s, ${rate(records)} records`);
  console.log(`ratio                      ${ratio.toFixed(2)} (aim: at least ${String(AUDIT_AIM)})`);
  return ratio >= AUDIT_AIM ? 0 : 1;
}

/**
 * @param {string} path
 * @returns {string | undefined}
 */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

process.exitCode = await bench();
