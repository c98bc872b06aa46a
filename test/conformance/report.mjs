// @ts-check
import { linesOf } from './compare.mjs';
import { accepted, notApplicable, staged } from './scope.mjs';
import { suiteVersion } from './suite.mjs';

/** @typedef {import('./run.mjs').Comparison} Comparison */

const sides = {
  server: 'the suite as a client, of our fixture server',
  client: 'the suite as a server, of a client',
};
const words = {
  SUCCESS: 'passed',
  FAILURE: 'failed',
  WARNING: 'warning',
  SKIPPED: 'skipped',
  ABSENT: 'not made',
  INFO: '',
};

/**
 * Tables in Markdown: each scenario with what passed of it, and each check that has not passed everywhere.
 * @param {readonly Comparison[]} comparisons
 * @returns {string}
 */
export const printedReport = (comparisons) => comparisons.map(section).join('\n');

/** @param {Comparison} comparison */
function section({ side, revision, columns, regressions, remarks }) {
  const lines = linesOf(columns);
  const head = columns.map(({ way }) => way);
  const scenarios = [...new Set(lines.map(({ scenario }) => scenario))];
  const count = (/** @type {string | null} */ scenario, /** @type {number} */ index) => {
    const own = lines.filter((line) => scenario === null || line.scenario === scenario);
    const made = own.filter(({ verdicts }) => verdicts[index] !== 'ABSENT');
    return `${String(made.filter(({ verdicts }) => verdicts[index] === 'SUCCESS').length)}/${String(made.length)}`;
  };
  const rows = scenarios.map((scenario) => [scenario, ...columns.map((_, index) => count(scenario, index))]);
  const sum = ['**all**', ...columns.map((_, index) => count(null, index))];
  const uneven = lines.filter(({ verdicts }) => verdicts.some((verdict) => verdict !== 'SUCCESS'));
  return [
    `## ${revision}: ${sides[side]}\n`,
    table(['scenario', ...head], [...rows, sum]),
    ...(uneven.length === 0
      ? ['Every check has passed in every column.\n']
      : ['Checks that have not passed in every column:\n', unevenTable(head, uneven)]),
    ...remarks.map((remark) => `Not compared: ${remark}.\n`),
    regressions.length === 0 ? 'No check is worse through the router.\n' : worse(regressions),
  ].join('\n');
}

/**
 * @param {readonly string[]} head
 * @param {readonly import('./compare.mjs').Line[]} uneven
 */
const unevenTable = (head, uneven) =>
  table(
    ['scenario', 'check', ...head],
    uneven.map(({ scenario, check, verdicts }) => [
      scenario,
      check,
      ...verdicts.map((verdict) => words[verdict]),
    ]),
  );

/** @param {Comparison['regressions']} regressions */
export const worse = (regressions) =>
  ['**Worse through the router:**\n', ...regressions.map(regressionLine), ''].join('\n');

/** @param {Comparison['regressions'][number]} regression */
const regressionLine = ({ scenario, check, way, before, now, detail }) =>
  `- ${scenario}, ${check}, ${way}: ${words[before]} before, ${words[now]} now${detail === '' ? '' : `: ${detail}`}`;

/**
 * The whole document.
 * @param {readonly Comparison[]} comparisons
 * @param {string} date
 */
export const conformanceDocument = (comparisons, date) =>
  [
    '# Conformance\n',
    `Written by \`npm run conformance -- --write\` on ${date}, with the official suite (@modelcontextprotocol/conformance ${suiteVersion}).`,
    'Each table compares the same checks without the router and through it; none may get worse (SEC-65). A cell says how many of the',
    'checks that were made have passed. "adapter alone" is the test adapter between the suite, which speaks HTTP only, and a server on',
    'stdio, without a router: what fails there is no matter of the router.\n',
    printedReport(comparisons),
    '## What is not run, or differs for a reason\n',
    ...notApplicable.map(
      ({ scenario, reason }) => `- \`${scenario.source.replace(/\\\//g, '/')}\`: ${reason}`,
    ),
    ...staged.map(({ scenario, way, reason }) => `- ${scenario}, ${way}: ${reason}`),
    ...accepted.map(({ scenario, check, reason }) => `- ${scenario}, ${check}: ${reason}`),
    '',
  ].join('\n');

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
