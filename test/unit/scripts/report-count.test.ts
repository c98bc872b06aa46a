import { describe, expect, it } from 'vitest';
import { countOf, sum, summary, unsteady } from '../../../scripts/test/report-count.mjs';

const clean = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
};

describe('what a run came to', () => {
  it('is what its report says', () => {
    expect(countOf(clean, 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
    expect(countOf({ ...clean, numFailedTests: 2 }, 1)).toEqual({ passed: 5, failed: 2, skipped: 2 });
  });

  it('counts a file that could not be loaded', () => {
    const testResults = [...clean.testResults, { status: 'failed', assertionResults: [] }];
    expect(countOf({ ...clean, testResults }, 1).failed).toBe(1);
  });

  it('is a failure without a report, without tests, and after a bad end that no test explains', () => {
    expect(countOf(null, 0).failed).toBe(1);
    expect(countOf({ ...clean, numPassedTests: 0, testResults: [] }, 0).failed).toBe(1);
    expect(countOf(clean, 1).failed).toBe(1);
  });
});

describe('the last line', () => {
  it('names skipped tests only when there are any', () => {
    expect(summary({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(summary(sum([countOf(clean, 0), { passed: 1, failed: 1, skipped: 0 }]))).toBe(
      '6 passed, 1 failed, 2 skipped',
    );
  });
});

describe('a test that passed only when it was tried again', () => {
  it('is named with what went wrong first', () => {
    const assertionResults = [
      { fullName: 'steady', status: 'passed', failureMessages: [] },
      { fullName: 'unsteady', status: 'passed', failureMessages: ['came too late'] },
      { fullName: 'broken', status: 'failed', failureMessages: ['wrong', 'wrong'] },
    ];
    const report = { ...clean, testResults: [{ status: 'failed', assertionResults }] };
    expect(unsteady(report)).toEqual(['unsteady\n  came too late']);
    expect(unsteady(null)).toEqual([]);
  });
});
