/** The requests of one step of time. Latencies are of answered requests alone; null where none was answered. */
export interface TrafficStep {
  readonly requests: number;
  /** Those that ended in an error. */
  readonly failures: number;
  /** Half of the answers came within this time. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** What passed through the router in the last minutes. */
export interface TrafficReport {
  /** When the router that runs was started, epoch milliseconds; null while none runs. */
  readonly startedAt: number | null;
  readonly stepMs: number;
  /** Whole steps, oldest first; always the same number. The step that is under way is not in it. */
  readonly steps: readonly TrafficStep[];
  /** The same for all steps together. */
  readonly total: TrafficStep;
}
