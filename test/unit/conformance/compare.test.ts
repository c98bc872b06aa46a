import { describe, expect, it } from 'vitest';

import { linesOf, regressionsIn, type Check, type Column } from '../../conformance/compare.mjs';

const check = (name: string, status: Check['status']): Check => ({ scenario: 's', id: name, name, status });
const column = (way: string, hasAdapter: boolean, ...checks: Check[]): Column => ({
  way,
  hasAdapter,
  checks,
});

describe('a check', () => {
  it.each([
    ['fails', [check('c', 'FAILURE')]],
    ['only warns', [check('c', 'WARNING')]],
    ['is skipped', [check('c', 'SKIPPED')]],
    ['is not made', []],
    ['passes once and fails once', [check('c', 'SUCCESS'), check('c', 'FAILURE')]],
  ])('that passes directly and %s through the router is a regression', (_what, checks) => {
    const found = regressionsIn([
      column('direct', false, check('c', 'SUCCESS')),
      column('bridge', true, ...checks),
    ]);
    expect(found).toMatchObject([{ scenario: 's', check: 'c', way: 'bridge', before: 'SUCCESS' }]);
  });

  it('that fails directly, too, is none, and one that only informs is not looked at', () => {
    const direct = column('direct', false, check('c', 'FAILURE'), check('i', 'INFO'));
    expect(regressionsIn([direct, column('bridge', true, check('c', 'FAILURE'))])).toEqual([]);
    expect(linesOf([direct]).map((line) => line.check)).toEqual(['c']);
  });

  it('that the adapter alone fails is none behind the adapter, and one elsewhere', () => {
    const columns = [
      column('direct', false, check('c', 'SUCCESS')),
      column('adapter', true, check('c', 'FAILURE')),
      column('bridge', true, check('c', 'FAILURE')),
      column('door', false, check('c', 'FAILURE')),
    ];
    expect(regressionsIn(columns, { adapter: 'adapter' }).map(({ way }) => way)).toEqual(['door']);
  });

  it('that is worse for a reason that is written down is none', () => {
    const columns = [column('direct', false, check('c', 'SUCCESS')), column('bridge', true)];
    const accepted = [{ scenario: 's', check: 'c', reason: 'why' }];
    expect(regressionsIn(columns, { accepted })).toEqual([]);
  });
});
