import { describe, expect, it } from 'vitest';

import { guideFragments, overMinimal } from '../../support/guide-fragments';

import { judge, problemLines } from './config-text';

/** What is said about a fragment that is not simply good. */
const remarks: Readonly<Record<string, readonly string[]>> = {
  'Token Management, never': ['error gateway.auth.token: "token" would hold the secret itself'],
  'Regulatory Compliance': [
    'warning advanced.compliance.fips_mode: nothing connects unless this program runs with its cryptography in FIPS mode',
  ],
};

describe('the fragments of the security guide', () => {
  it.each([...guideFragments()])('%s gets a clear answer', (heading, fragment) => {
    const expected = remarks[heading] ?? [];
    const loaded = judge(overMinimal(fragment));
    const lines = problemLines(loaded).map((line) => line.replace(/^(\w+) \d+ /, '$1 '));
    expect(lines.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected);
    expect(loaded.kind).toBe(lines.some((line) => line.startsWith('error')) ? 'invalid' : 'valid');
    expect(lines.join()).not.toContain('sk-1234567890abcdef');
  });
});
