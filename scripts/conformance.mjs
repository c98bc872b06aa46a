// @ts-check
// The official conformance suite without the router and through it. Exit code 1 when a check gets worse.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { conformanceDocument, printedReport, worse } from '../test/conformance/report.mjs';
import { compareClients, compareServers } from '../test/conformance/run.mjs';
import { installSuite } from '../test/conformance/suite.mjs';
import { ways } from '../test/conformance/ways.mjs';
import { build } from './build.mjs';
import { checkout } from './checkout.mjs';

/** @type {readonly import('../test/conformance/suite.mjs').Revision[]} */
const revisions = ['2025-11-25', '2026-07-28'];

const help = `npm run conformance -- [options]   (all of it: about six minutes)

  --revision R   ${revisions.join(' or ')} only
  --side S       server or client only
  --way NAME     only this way beside the direct one, may be repeated: ${ways.map(({ name }) => `"${name}"`).join(', ')}
  --write        write docs/conformance.md

The suite is installed into out/ on demand. Exit code 1: a check is worse through the router.
`;

const options = /** @type {const} */ ({
  revision: { type: 'string' },
  side: { type: 'string' },
  way: { type: 'string', multiple: true },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/** @returns {Promise<number>} the exit code */
async function conformance() {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (!(await build({ ifStale: true }))) return 1;
  const trouble = await installSuite();
  if (trouble !== undefined) {
    console.error(`The conformance suite could not be installed: ${trouble}`);
    return 1;
  }
  const say = (/** @type {string} */ text) => console.error(text);
  const only = values.way === undefined ? undefined : ['direct', 'adapter alone', ...values.way];
  /** @type {import('../test/conformance/run.mjs').Comparison[]} */
  const comparisons = [];
  for (const revision of revisions.filter(
    (one) => values.revision === undefined || values.revision === one,
  )) {
    if (values.side !== 'client') comparisons.push(await compareServers(revision, { only, say }));
    if (values.side !== 'server') comparisons.push(await compareClients(revision, { say }));
  }
  console.log(printedReport(comparisons));
  const regressions = comparisons.flatMap((comparison) => comparison.regressions);
  if (values.write) await write(comparisons);
  if (regressions.length > 0) console.error(worse(regressions));
  return regressions.length > 0 ? 1 : 0;
}

/** @param {readonly import('../test/conformance/run.mjs').Comparison[]} comparisons */
async function write(comparisons) {
  const path = join(checkout, 'docs', 'conformance.md');
  const text = conformanceDocument(comparisons, new Date().toISOString().slice(0, 10));
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  console.error(`Written to ${path}`);
}

process.exitCode = await conformance();
