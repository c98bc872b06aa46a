// @ts-check
// npm test [-- STEP ...]: all that CI runs, or the named steps (see scripts/test/steps.mjs). It goes on after a failure, so that
// the sum is whole, and its last line is that sum. Artefacts and reports are in artifacts/.
import { preflight } from './preflight.mjs';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers';
import { checkout } from './checkout.mjs';
import { exitCodeOf } from './child.mjs';
import { startOwned } from './desktop/owned-process.mjs';
import { resolveElectron } from './electron-runtime.mjs';
import { countOf, nothing, sum, summary, unsteady } from './test/report-count.mjs';
import { reportFolder, steps } from './test/steps.mjs';

const timedOut = 124;

/** @typedef {import('./test/steps.mjs').Step} Step */
/** @typedef {import('./test/report-count.mjs').Count} Count */

/**
 * @param {readonly string[]} command arguments for Node
 * @param {number} limitMs
 * @param {Promise<number>} interrupted
 * @returns {Promise<number>}
 */
async function runCommand(command, limitMs, interrupted) {
  const program = startOwned(process.execPath, command, { cwd: checkout, stdio: 'inherit' });
  const limit = new Promise((resolve) => setTimeout(() => resolve(timedOut), limitMs).unref());
  const ended = program.ended.then(({ code, signal }) => exitCodeOf(code, signal));
  const code = await Promise.race([ended, limit, interrupted]);
  if (code === timedOut) console.error(`Ended after ${limitMs / 60_000} minutes.`);
  await program.close(20_000);
  return code;
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && ('code' in error ? error.code === 'ENOENT' : error instanceof SyntaxError))
      return null;
    throw error;
  }
}

/**
 * @param {Step} step
 * @param {Promise<number>} interrupted
 * @returns {Promise<Count>}
 */
async function runStep(step, interrupted) {
  console.log(`\n== ${step.name} ==`);
  const startedAt = Date.now();
  if (step.report !== null) rmSync(step.report, { force: true });
  let worst = 0;
  for (const command of step.commands)
    worst = (await runCommand(command, step.limitMs, interrupted)) || worst;
  const ofTool = worst === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
  const report = step.report === null ? null : readReport(step.report);
  const count = step.report === null ? ofTool : countOf(report, worst);
  for (const test of unsteady(report)) console.log(`UNSTEADY, passed only when tried again: ${test}`);
  console.log(`== ${step.name}: ${summary(count)} in ${Math.round((Date.now() - startedAt) / 1000)} s ==`);
  return count;
}

/** Fetched before the clock of any test runs. */
async function hasElectron() {
  try {
    await resolveElectron();
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return false;
  }
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no step ${unknown.join(', ')}; there are ${steps.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(64);
}
const chosen = steps.filter(({ name }) => asked.length === 0 || asked.includes(name));

/** @type {Promise<number>} */
const interrupted = new Promise((resolve) => {
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => resolve(exitCodeOf(null, signal)));
});
let stopCode = 0;
void interrupted.then((code) => (stopCode = code));

mkdirSync(reportFolder, { recursive: true });
/** @type {readonly import('./preflight.mjs').Job[]} */
const jobs = chosen.some(({ isDesktop }) => isDesktop) ? ['electron', 'desktop-tests'] : [];
/** @type {Count[]} */
const counts = [];
const isReady = (await preflight(jobs)) && (jobs.length === 0 || (await hasElectron()));
if (isReady) {
  for (const step of chosen) {
    if (stopCode === 0) counts.push(await runStep(step, interrupted));
  }
} else {
  counts.push({ ...nothing, failed: 1 });
}
const total = sum(counts);
console.log(`\n${summary(total)}`);
process.exit(stopCode || (total.failed > 0 ? 1 : 0));
