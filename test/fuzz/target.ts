import fc from 'fast-check';

import { CaseWatch, type CaseLimits, type Usage } from './case-watch';

/** What a parser is fuzzed with, and what must hold of each case. */
interface TargetParts<Case> {
  readonly name: string;
  /** The parser, for people. */
  readonly parser: string;
  readonly cases: fc.Arbitrary<Case>;
  /** Throws when the parser did not do what it must. */
  readonly check: (one: Case) => void | Promise<void>;
  /** Ends what the checks started, such as a server. */
  readonly stop?: () => Promise<void>;
}

/** How much is run. */
export interface FuzzRun {
  readonly cases: number;
  readonly seed: number;
  readonly limits: CaseLimits;
  /** Told before each case, so that somebody else notices when none ends any more. */
  readonly onCase?: (number: number) => void;
}

/** What a run came to. */
export interface FuzzResult extends Usage {
  readonly name: string;
  readonly seed: number;
  /** How many cases were run, those of the search for a smaller one not counted. */
  readonly cases: number;
  readonly failure: FuzzFailure | null;
}

/** The smallest case that fails, and where to find it again. */
export interface FuzzFailure {
  readonly smallest: string;
  readonly reason: string;
  readonly path: string;
}

/** One parser under fire; the list of them is `targets.ts`. */
export interface FuzzTarget {
  readonly name: string;
  readonly parser: string;
  run(run: FuzzRun): Promise<FuzzResult>;
  /** The case with that number, for one that never ends. */
  caseAt(seed: number, number: number): string;
  stop(): Promise<void>;
}

/** Makes a target; what a case is stays in here. */
export function fuzzTarget<Case>(parts: TargetParts<Case>): FuzzTarget {
  const { name, parser, cases, check, stop = () => Promise.resolve() } = parts;
  return {
    name,
    parser,
    stop,
    run: async (run) => {
      const watch = new CaseWatch(run);
      const property = fc.asyncProperty(cases, (one) => watch.over(() => check(one)));
      const details = await watch.during(() => fc.check(property, { numRuns: run.cases, seed: run.seed }));
      const { failed, numRuns, counterexample, counterexamplePath, errorInstance } = details;
      const usage = watch.finish();
      const broken = failed
        ? {
            smallest: caseText(counterexample?.[0]),
            reason: reasonOf(errorInstance),
            path: counterexamplePath ?? '',
          }
        : null;
      const failure = broken ?? usage.failure;
      return { name, seed: run.seed, cases: numRuns, ...usage, failure };
    },
    caseAt: (seed, number) => caseText(fc.sample(cases, { seed, numRuns: number }).at(-1)),
  };
}

/** To be read, and to be pasted into a test. */
function caseText(one: unknown): string {
  const readable = JSON.stringify(one, (_key, value: unknown) => asText(value) ?? value);
  return `${readable}\n${fc.stringify(one)}`;
}

/** The bytes of a buffer, which JSON has as a list of numbers, as text. */
function asText(value: unknown): string | undefined {
  const isBuffer = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
  return isBuffer && 'data' in value && Array.isArray(value.data)
    ? Buffer.from(value.data.map(Number)).toString('latin1')
    : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${reasonOf(error.cause)}`;
  return (error.stack ?? error.message) + cause;
}
