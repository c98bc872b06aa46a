import { beforeAll, describe, expect, it, type TestContext } from 'vitest';

import { linesOf, type Column } from '../conformance/compare.mjs';
import { compareClients, compareServers } from '../conformance/run.mjs';
import { installSuite } from '../conformance/suite.mjs';

const WAYS = ['direct', 'stdio bridge, Streamable HTTP', 'HTTP door, Streamable HTTP'];
const INSTALL_LIMIT_MS = 150_000;
const quiet = { say: (): void => undefined };

let trouble: string | undefined;
beforeAll(async () => {
  trouble = await installSuite();
}, INSTALL_LIMIT_MS);

/** The suite comes from the registry; without it nothing is known, except on a build server, where that is a failure. */
function needSuite(context: TestContext): void {
  if (trouble === undefined) return;
  if (process.env['CI'] !== undefined) throw new Error(trouble);
  context.skip(`the conformance suite could not be installed: ${trouble}`);
}

const passed = ({ checks }: Column): number => checks.filter(({ status }) => status === 'SUCCESS').length;

describe('the official conformance suite, 2025-11-25', () => {
  it('SEC-65 passes no check less through the stdio bridge and the HTTP door than directly', async (context) => {
    needSuite(context);
    const { columns, regressions } = await compareServers('2025-11-25', { ...quiet, only: WAYS });
    expect(regressions).toEqual([]);
    const uneven = linesOf(columns).filter(({ verdicts }) =>
      verdicts.some((verdict) => verdict !== 'SUCCESS'),
    );
    expect(uneven).toEqual([]);
    expect(columns.map(passed)).toEqual([84, 84, 84]);
  }, 180_000);

  it('SEC-65 passes no check less for a client through the router than without it', async (context) => {
    needSuite(context);
    // Those that need no person to sign in.
    const scenarios = ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry'];
    const { columns, regressions } = await compareClients('2025-11-25', { ...quiet, scenarios });
    expect(regressions).toEqual([]);
    expect(columns.map(passed)).toEqual([11, 11]);
  }, 120_000);
});
