import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { isJsonObject } from '../support/gateway/json';

import { longRun } from './runs';
import type { FuzzResult, FuzzTarget } from './target';
import { targets } from './targets';

const USAGE = `Usage: npm run fuzz [-- --target NAME ... --cases N --seed N]

Gives each parser that many random cases, and tells what it took. A failure is shown with its smallest case; the same
seed finds it again. Targets: ${targets.map(({ name }) => name).join(', ')}.
`;
/** No case ends any more: one may take as long as the limits of a case, and a busy machine may sleep. */
const STUCK_MS = 3 * longRun.limits.caseMs;
const LOOK_MS = 1000;
const MIB = 1024 * 1024;
const EXIT_USAGE = 64;

interface Job {
  readonly name: string;
  readonly cases: number;
  readonly seed: number;
  /** The number of the case that runs, for the thread that watches. */
  readonly progress: Int32Array;
}

function targetNamed(name: string): FuzzTarget {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`there is no target ${name}`);
  return target;
}

/** In a thread of its own: a parser that never returns must not stop the one that reports it. */
async function runHere({ name, cases, seed, progress }: Job): Promise<FuzzResult> {
  const target = targetNamed(name);
  const { limits } = longRun;
  const result = await target.run({
    cases,
    seed,
    limits,
    onCase: (number) => {
      progress[0] = number;
    },
  });
  await target.stop();
  return result;
}

/** Runs the job in a thread; a case that never ends ends the thread. */
async function runInThread(name: string, cases: number, seed: number): Promise<FuzzResult> {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const job: Job = { name, cases, seed, progress };
  const startedAt = performance.now();
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  const broken = (reason: string): FuzzResult => {
    const number = progress[0] ?? 0;
    const smallest = number === 0 ? 'none had begun' : targetNamed(name).caseAt(seed, number);
    const failure = { smallest, reason, path: '' };
    const elapsedMs = performance.now() - startedAt;
    return { name, seed, cases: number, elapsedMs, slowestMs: 0, peakBytes: 0, keptBytes: 0, failure };
  };
  return new Promise((resolve) => {
    const finish = (result: FuzzResult): void => {
      clearInterval(watch);
      void worker.terminate();
      resolve(result);
    };
    let last = { number: 0, at: performance.now() };
    const watch = setInterval(() => {
      const number = progress[0] ?? 0;
      if (number !== last.number) last = { number, at: performance.now() };
      // The search for a smaller case does not count.
      else if (performance.now() - last.at > STUCK_MS + 40_000) finish(broken('the case never ended'));
    }, LOOK_MS);
    worker.once('message', (result: FuzzResult) => {
      finish(result);
    });
    worker.once('error', (error) => {
      finish(broken(`the thread broke: ${String(error)}`));
    });
    worker.once('exit', (code) => {
      finish(broken(`the thread ended with ${String(code)}`));
    });
  });
}

const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(1);
const HEADINGS = ['target', 'cases', 'seconds', 'slowest ms', 'peak MiB', 'kept MiB', 'result'];
const WIDTHS = [14, 9, 9, 11, 10, 10, 6];
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[at] ?? 0) : cell.padStart(WIDTHS[at] ?? 0)))
    .join(' ');

function rowOf({ name, cases, elapsedMs, slowestMs, peakBytes, keptBytes, failure }: FuzzResult): string {
  const numbers = [
    (elapsedMs / 1000).toFixed(1),
    slowestMs.toFixed(0),
    mebibytes(peakBytes),
    mebibytes(keptBytes),
  ];
  return row([name, String(cases), ...numbers, failure === null ? 'good' : 'FAILED']);
}

function options(): { readonly names: readonly string[]; readonly cases: number; readonly seed: number } {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true },
      cases: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const cases = Number(values.cases ?? longRun.cases);
  const seed = Number(values.seed ?? longRun.seed);
  const names = values.target ?? targets.map(({ name }) => name);
  names.forEach(targetNamed);
  if (!Number.isSafeInteger(cases) || cases < 1) throw new Error('--cases must be a whole number above 0');
  if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number');
  return { names, cases, seed };
}

async function main(): Promise<number> {
  let asked;
  try {
    asked = options();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  const { names, cases, seed } = asked;
  console.log(`${String(cases)} cases for each parser, seed ${String(seed)}\n\n${row(HEADINGS)}`);
  const failed: FuzzResult[] = [];
  for (const name of names) {
    const result = await runInThread(name, cases, seed);
    console.log(rowOf(result));
    if (result.failure !== null) failed.push(result);
  }
  for (const { name, failure } of failed) {
    if (failure === null) continue;
    const again = `npm run fuzz -- --target ${name} --cases ${String(cases)} --seed ${String(seed)}`;
    console.error(
      `\n${name}: ${failure.reason}\nsmallest case (path ${failure.path}): ${failure.smallest}\n${again}`,
    );
  }
  return failed.length === 0 ? 0 : 1;
}

const isJob = (value: unknown): value is Job =>
  isJsonObject(value) && value['progress'] instanceof Int32Array;

if (isMainThread) process.exitCode = await main();
else if (isJob(workerData)) parentPort?.postMessage(await runHere(workerData));
