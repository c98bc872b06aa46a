import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { plannedKeys } from '../../src/main/platform/planned-keys';
import { guideFragments, overMinimal } from '../support/guide-fragments';
import { RouterProcess, TemporaryHome } from '../support/router-process';

/** What the guide calls wrong: refused, for ever. */
const wrong: Readonly<Record<string, readonly string[]>> = {
  'Token Management, never': ['gateway.auth.token'],
};

/**
 * What this version does not have yet, by the heading of the fragment: refused as not available. Whoever brings a key
 * takes it out here; the test fails when the key is accepted and still stands in this list.
 */
const awaited: Readonly<Record<string, readonly string[]>> = {};

interface Problem {
  readonly severity: string;
  readonly path: string;
  readonly message: string;
}

let home: TemporaryHome;

beforeEach(() => {
  home = new TemporaryHome();
});

afterEach(() => {
  home.remove();
});

async function check(
  text: string,
): Promise<{ code: number | null; errors: readonly Problem[]; said: string }> {
  const path = home.write('router.yaml', text);
  const router = new RouterProcess(home, { args: ['config', 'check', '--config', path, '--json'] });
  const code = await router.exited;
  const said = router.lines.join('\n');
  const report: unknown = JSON.parse(said);
  const errors = problemsIn(report).filter(({ severity }) => severity === 'error');
  return { code, errors, said: said + router.stderr };
}

function problemsIn(report: unknown): readonly Problem[] {
  const list: unknown =
    typeof report === 'object' && report !== null && 'problems' in report ? report.problems : [];
  return Array.isArray(list) ? list.filter(isProblem) : [];
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'severity' in value && 'path' in value && 'message' in value;

describe('SEC-67 the fragments of the security guide, checked by the command line', () => {
  it.each([...guideFragments()])(
    '%s is accepted, or refused for what is known',
    async (heading, fragment) => {
      const { code, errors, said } = await check(overMinimal(fragment));
      const expected = [...(wrong[heading] ?? []), ...(awaited[heading] ?? [])];
      expect(errors.map(({ path }) => path).sort()).toEqual(expected.toSorted());
      if (expected.length === 0) expect([0, 2]).toContain(code);
      else expect(code).toBe(1);
      for (const { path, message } of errors) {
        if (awaited[heading]?.includes(path) === true)
          expect(message).toContain('is not available in this version');
      }
      expect(said).not.toContain('sk-1234567890abcdef');
    },
  );

  it('wait only for keys that are announced, and name no fragment that there is not', () => {
    const keys = Object.values(awaited).flat();
    expect(keys.filter((key) => !plannedKeys.has(key))).toEqual([]);
    const headings = [...guideFragments().keys()];
    expect(headings).toHaveLength(11);
    expect(
      [...Object.keys(wrong), ...Object.keys(awaited)].filter((name) => !headings.includes(name)),
    ).toEqual([]);
  });
});
