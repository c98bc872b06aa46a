import { setFlagsFromString, getHeapStatistics } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { FuzzFailure, FuzzRun } from './target';

/** What a case, and all of them together, may use. */
export interface CaseLimits {
  /** Generous, as the machine may be busy; a case takes microseconds. */
  readonly caseMs: number;
  /** Above what was used before, at any moment; garbage counts only when it comes of one case. */
  readonly peakBytes: number;
  /** Above what was used when the first tenth was done, garbage collected. */
  readonly keptBytes: number;
}

/** What was used. */
export interface Usage {
  readonly elapsedMs: number;
  readonly slowestMs: number;
  readonly peakBytes: number;
  readonly keptBytes: number;
}

/** How long a smaller failing case is looked for. */
const SHRINK_MS = 30_000;
const usedBytes = (): number => {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
};

/** Runs the cases of one target, and measures each: time, memory, and errors that nobody catches. */
export class CaseWatch {
  private readonly collect = garbageCollector();
  private readonly startedAt = performance.now();
  private readonly baseBytes: number;
  private settledBytes: number | undefined;
  private peakBytes = 0;
  private slowestMs = 0;
  private started = 0;
  private failedAt: number | undefined;
  private isTooSlow = false;
  private readonly stray: unknown[] = [];

  constructor(private readonly run: FuzzRun) {
    this.collect();
    this.baseBytes = usedBytes();
  }

  /** Runs one case. After a failure these are the attempts to find a smaller one. */
  async over(check: () => void | Promise<void>): Promise<void> {
    if (this.isTooSlow || performance.now() > (this.failedAt ?? Infinity) + SHRINK_MS) return;
    this.started += 1;
    if (this.failedAt === undefined) this.run.onCase?.(this.started);
    const [startedAt, bytesBefore] = [performance.now(), usedBytes()];
    try {
      await this.inTime(check());
      this.judge(performance.now() - startedAt, bytesBefore);
    } catch (error) {
      this.failedAt ??= performance.now();
      throw error;
    }
    if (this.settledBytes === undefined && this.started >= this.run.cases / 10) {
      this.collect();
      this.settledBytes = usedBytes();
    }
  }

  /** Errors that nobody catches end a process; here they end the case. */
  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    const note = (error: unknown): void => {
      this.stray.push(error);
    };
    process.on('uncaughtException', note);
    process.on('unhandledRejection', note);
    try {
      return await work();
    } finally {
      process.off('uncaughtException', note);
      process.off('unhandledRejection', note);
    }
  }

  /** What was used, and the failure that no single case is to blame for. */
  finish(): Usage & { readonly failure: FuzzFailure | null } {
    this.collect();
    const keptBytes = Math.max(0, usedBytes() - (this.settledBytes ?? this.baseBytes));
    const { peakBytes, slowestMs } = this;
    const [stray] = this.stray;
    const reason =
      keptBytes > this.run.limits.keptBytes
        ? `the cases left ${String(keptBytes)} bytes behind`
        : stray instanceof Error
          ? `after the last case: ${stray.stack ?? stray.message}`
          : null;
    const failure = reason === null ? null : { smallest: 'all cases together', reason, path: '' };
    return { elapsedMs: performance.now() - this.startedAt, slowestMs, peakBytes, keptBytes, failure };
  }

  private async inTime(ended: void | Promise<void>): Promise<void> {
    if (ended === undefined) return;
    const { caseMs } = this.run.limits;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.isTooSlow = true;
        reject(new Error(`the case did not end within ${String(caseMs)} ms`));
      }, caseMs);
    });
    try {
      await Promise.race([ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private judge(tookMs: number, bytesBefore: number): void {
    const { caseMs, peakBytes } = this.run.limits;
    this.slowestMs = Math.max(this.slowestMs, tookMs);
    this.peakBytes = Math.max(this.peakBytes, usedBytes() - this.baseBytes);
    const ownBytes = usedBytes() - bytesBefore;
    // What other cases left behind is garbage, or is held for ever: the collector tells.
    if (usedBytes() - this.baseBytes > peakBytes / 2) this.collect();
    const grownBytes = Math.max(ownBytes, usedBytes() - this.baseBytes);
    const stray = this.stray.shift();
    if (stray !== undefined) throw new Error('an error that nobody caught', { cause: stray });
    if (tookMs > caseMs) throw new Error(`the case took ${String(Math.round(tookMs))} ms`);
    if (grownBytes > peakBytes)
      throw new Error(`the case brought memory to ${String(grownBytes)} bytes more`);
  }
}

const isCollector = (value: unknown): value is () => void => typeof value === 'function';

/** The collector of V8, also where the program was not started with the flag for it. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (!isCollector(collect)) throw new Error('there is no garbage collector to call');
  return collect;
}
