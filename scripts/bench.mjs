// @ts-check
// Measures the built mcp-router beside a bare pass-through and two peers. Fails only when something cannot be measured.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { auditRounds } from '../test/bench/audit-rounds.mjs';
import { compare } from '../test/bench/aims.mjs';
import { fullPlan, quickPlan } from '../test/bench/plan.mjs';
import { desktopSection } from '../test/bench/desktop-report.mjs';
import { performanceDocument, printedReport, withDesktopSection } from '../test/bench/report.mjs';
import { runRounds } from '../test/bench/rounds.mjs';
import { build } from './build.mjs';
import { checkout } from './checkout.mjs';
import { runDesktopJob } from './desktop/desktop-job.mjs';
import { preflight } from './preflight.mjs';

const help = `npm run bench -- [options]   (five minutes at most)

  --quick      two short rounds, about a minute
  --no-peers   leave out mcp-remote and supergateway, which are installed into out/ on demand
  --audit      only what the audit log costs: requests per second with it and without, in turn
  --desktop    only the desktop app: click to window, idle processor time, memory (about six minutes, Linux)
  --write      write docs/performance.md; what people wrote there is kept, and so is what was not measured
`;

/** What is left of the throughput when every request is recorded. */
const AUDIT_AIM = 0.8;

const options = /** @type {const} */ ({
  quick: { type: 'boolean', default: false },
  audit: { type: 'boolean', default: false },
  desktop: { type: 'boolean', default: false },
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
  if (values.desktop) return benchDesktop(values.write);
  const plan = { ...(values.quick ? quickPlan : fullPlan), withPeers: !values['no-peers'] };
  const { samples, remarks } = await runRounds(plan, (text) => console.error(text));
  const comparisons = compare(samples, plan.payloads);
  console.log(printedReport(comparisons, remarks));
  if (!values.write) return 0;
  await write((before) => performanceDocument(comparisons, { plan, remarks, before, date: today() }));
  return 0;
}

const today = () => new Date().toISOString().slice(0, 10);

/** @param {(before: string | undefined) => string} change of docs/performance.md */
async function write(change) {
  const path = join(checkout, 'docs', 'performance.md');
  const text = change(readIfThere(path));
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  console.log(`\nWritten to ${path}`);
}

/**
 * @param {boolean} isWritten
 * @returns {Promise<number>} the exit code
 */
async function benchDesktop(isWritten) {
  if (process.platform !== 'linux') {
    console.error(
      'The desktop app is measured on Linux only: processor time and memory are read from /proc.',
    );
    return 1;
  }
  const figuresPath = join(checkout, 'artifacts', 'desktop-figures.json');
  rmSync(figuresPath, { force: true });
  if (!(await preflight(['electron', 'desktop-tests']))) return 1;
  if ((await runDesktopJob('figures', { limitMinutes: 12 })) !== 0) return 1;
  const section = desktopSection(JSON.parse(readFileSync(figuresPath, 'utf8')), today());
  console.log(section);
  if (isWritten) await write((before) => withDesktopSection(before ?? '# Performance\n', section));
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
