// @ts-check
/** @typedef {'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'} Status */

/**
 * One check of the suite.
 * @typedef {object} Check
 * @property {string} scenario
 * @property {string} id
 * @property {string} name
 * @property {Status} status
 * @property {string} [errorMessage]
 */

/**
 * What one way gave.
 * @typedef {object} Column
 * @property {string} way
 * @property {boolean} hasAdapter whether the suite spoke to our adapter, whose own influence is known then
 * @property {readonly Check[]} checks
 */

/** @typedef {{ scenario: string, check: string, reason: string }} Accepted */
/** @typedef {Status | 'ABSENT'} Verdict */

/**
 * One check in all columns.
 * @typedef {object} Line
 * @property {string} scenario
 * @property {string} check
 * @property {readonly Verdict[]} verdicts
 */

/**
 * A check that is worse through the router than without it.
 * @typedef {object} Regression
 * @property {string} scenario
 * @property {string} check
 * @property {string} way
 * @property {Verdict} before
 * @property {Verdict} now
 * @property {string} detail
 */

/** @type {Readonly<Record<Verdict, number>>} */
const RANK = { SUCCESS: 3, INFO: 3, WARNING: 2, SKIPPED: 1, ABSENT: 0, FAILURE: 0 };

/** A name that several checks share says too little alone. @param {Check} check */
const keyOf = ({ id, name }) => (name === '' || name === id ? id : `${id} (${name})`);

/**
 * Every check that some column has, with the worst verdict of each column: a check may be made several times.
 * @param {readonly Column[]} columns
 * @returns {readonly Line[]}
 */
export function linesOf(columns) {
  const worst = columns.map(({ checks }) => {
    /** @type {Map<string, Check>} */
    const found = new Map();
    for (const check of checks) {
      if (check.status === 'INFO') continue;
      const key = `${check.scenario}\n${keyOf(check)}`;
      const known = found.get(key);
      if (known === undefined || RANK[check.status] < RANK[known.status]) found.set(key, check);
    }
    return found;
  });
  const keys = [...new Set(worst.flatMap((found) => [...found.keys()]))].sort();
  return keys.map((key) => {
    const [scenario = '', check = ''] = key.split('\n');
    return { scenario, check, verdicts: worst.map((found) => found.get(key)?.status ?? 'ABSENT') };
  });
}

/**
 * What is worse than in the first column, and neither the adapter's doing nor accepted.
 * @param {readonly Column[]} columns the first one is direct
 * @param {{ adapter?: string, accepted?: readonly Accepted[] }} known `adapter`: the column that shows its own influence
 * @returns {readonly Regression[]}
 */
export function regressionsIn(columns, { adapter, accepted = [] } = {}) {
  const alone = columns.findIndex(({ way }) => way === adapter);
  const isAccepted = (/** @type {Line} */ line) =>
    accepted.some(({ scenario, check }) => scenario === line.scenario && check === line.check);
  return linesOf(columns).flatMap((line) =>
    columns.flatMap(({ way, hasAdapter, checks }, index) => {
      const [before = 'ABSENT'] = line.verdicts;
      const now = line.verdicts[index] ?? 'ABSENT';
      if (index === 0 || index === alone || RANK[now] >= RANK[before] || isAccepted(line)) return [];
      const own = hasAdapter ? line.verdicts[alone] : undefined;
      if (own !== undefined && RANK[own] <= RANK[now]) return [];
      const { scenario, check } = line;
      const detail = checks.find(
        (one) => one.scenario === scenario && keyOf(one) === check && one.status === now,
      );
      return [{ scenario, check, way, before, now, detail: detail?.errorMessage ?? '' }];
    }),
  );
}
