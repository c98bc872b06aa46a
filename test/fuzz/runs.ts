import type { CaseLimits } from './case-watch';
import type { FuzzRun } from './target';

const MIB = 1024 * 1024;

/** No case may reach these. */
export const caseLimits: CaseLimits = { caseMs: 10_000, peakBytes: 128 * MIB, keptBytes: 24 * MIB };

/** The short form for every run of the tests. */
export const shortRun: FuzzRun = { cases: 300, seed: 20_260_728, limits: caseLimits };

/** What `npm run fuzz` does unless it is told otherwise. */
export const longRun: FuzzRun = { cases: 100_000, seed: 1, limits: caseLimits };
