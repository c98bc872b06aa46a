import type { AuditJob, AuditJobProgress } from '../../shared/ipc/audit-calls';

/** Progress is told no more often than that. */
const TELL_EVERY_MS = 100;
/** Before that nobody can say how long the rest takes. */
const ESTIMATE_AFTER_MS = 400;

/** Somebody cancelled the job, or began it anew. */
export class JobEnded extends Error {}

/** What a job looks at and tells while it runs. */
export interface RunningJob {
  /** Aborts with a {@link JobEnded}. */
  readonly signal: AbortSignal;
  /** @param share 0 to 1 */
  tell(records: number, share: number): void;
}

/** The long jobs of the page: one of each kind at a time; a new one ends the one before. */
export class AuditJobs {
  private readonly running = new Map<AuditJob, AbortController>();

  constructor(
    private readonly announce: (progress: AuditJobProgress) => void,
    /** Epoch milliseconds. */
    private readonly now: () => number,
  ) {}

  /** Null when it was ended before its time. */
  async run<Value>(job: AuditJob, act: (running: RunningJob) => Promise<Value>): Promise<Value | null> {
    this.cancel(job);
    const controller = new AbortController();
    this.running.set(job, controller);
    const { signal } = controller;
    try {
      return await act({ signal, tell: this.teller(job) });
    } catch (error) {
      if (error instanceof JobEnded) return null;
      throw error;
    } finally {
      if (this.running.get(job) === controller) this.running.delete(job);
    }
  }

  cancel(job: AuditJob): void {
    this.running.get(job)?.abort(new JobEnded(job));
    this.running.delete(job);
  }

  private teller(job: AuditJob): RunningJob['tell'] {
    const startedAt = this.now();
    let toldAt = startedAt;
    return (records, share) => {
      const now = this.now();
      if (now - toldAt < TELL_EVERY_MS) return;
      toldAt = now;
      const passedMs = now - startedAt;
      const isKnown = passedMs >= ESTIMATE_AFTER_MS && share > 0;
      const leftMs = isKnown ? Math.max(0, Math.round((passedMs * (1 - share)) / share)) : null;
      this.announce({ job, records, share: Math.min(1, share), leftMs });
    };
  }
}
