import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { guideFragments, overMinimal } from '../support/guide-fragments';
import { RouterProcess, TemporaryHome } from '../support/router-process';

/** What the guide calls wrong: refused, for ever. */
const wrong: Readonly<Record<string, readonly string[]>> = {
  'Token Management, never': ['gateway.auth.token'],
};

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
      const expected = [...(wrong[heading] ?? [])];
      expect(errors.map(({ path }) => path).sort()).toEqual(expected.toSorted());
      if (expected.length === 0) expect([0, 2]).toContain(code);
      else expect(code).toBe(1);
      expect(said).not.toContain('sk-1234567890abcdef');
    },
  );

  it('are all there, and the list names no fragment that there is not', () => {
    const headings = [...guideFragments().keys()];
    expect(headings).toHaveLength(11);
    expect(Object.keys(wrong).filter((name) => !headings.includes(name))).toEqual([]);
  });
});
