import { afterAll, describe, expect, it } from 'vitest';

import { shortRun } from './runs';
import { targets } from './targets';

afterAll(async () => {
  for (const target of targets) await target.stop();
});

describe(`SEC-66 whatever a parser is given (${String(shortRun.cases)} cases from seed ${String(shortRun.seed)}; npm run fuzz for more)`, () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    '%s crashes, hangs and grows on nothing',
    { timeout: 120_000 },
    async (_name, target) => {
      const { failure, cases } = await target.run(shortRun);
      expect(failure).toBeNull();
      expect(cases).toBe(shortRun.cases);
    },
  );
});
