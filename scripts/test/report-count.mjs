// @ts-check

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 *
 * @typedef {object} VitestReport what we read of vitest's JSON report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {readonly { status: string, assertionResults: readonly TestResult[] }[]} testResults
 *
 * @typedef {object} TestResult
 * @property {string} [fullName]
 * @property {string} [status]
 * @property {readonly string[]} [failureMessages] of every try, also of a test that passed in the end
 */

/** @type {Count} */
export const nothing = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {readonly Count[]} counts
 * @returns {Count}
 */
export const sum = (counts) =>
  counts.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    nothing,
  );

/**
 * What a run of vitest came to. A file that could not be loaded, a run without tests, a missing report and a bad end without a
 * failed test each count as one failure: silence is never a pass.
 * @param {VitestReport | null} report
 * @param {number} exitCode
 * @returns {Count}
 */
export function countOf(report, exitCode) {
  if (report === null) return { ...nothing, failed: 1 };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const count = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const isUnexplained = count.failed === 0 && (exitCode !== 0 || count.passed === 0);
  return isUnexplained ? { ...count, failed: 1 } : count;
}

/**
 * Tests that passed only when they were tried again, each with what the first try said: to be mended, not to be got used to.
 * @param {VitestReport | null} report
 * @returns {readonly string[]}
 */
export const unsteady = (report) =>
  (report?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, failureMessages = [] }) => status === 'passed' && failureMessages.length > 0)
    .map(({ fullName = '', failureMessages = [] }) => `${fullName}\n  ${failureMessages[0] ?? ''}`);

/**
 * @param {Count} count
 * @returns {string} the last line of a run
 */
export const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
