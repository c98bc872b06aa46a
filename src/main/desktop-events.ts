import type { RouterEvent } from '../shared/model/events';

const MAX_RECENT_EVENTS = 500;
const BATCH_MS = 100;

/** The newest events, kept for a window that opens later and told in batches to one that is open. */
export class DesktopEvents {
  private recent: readonly RouterEvent[] = [];
  private batch: RouterEvent[] = [];
  private readonly listeners = new Set<(events: readonly RouterEvent[]) => void>();

  /** @param after calls back after a while */
  constructor(private readonly after: (delayMs: number, callback: () => void) => void) {}

  /** Bounded, newest last. */
  kept(): readonly RouterEvent[] {
    return this.recent;
  }

  onEvents(listener: (events: readonly RouterEvent[]) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  keep(event: RouterEvent): void {
    // One for each request: counted in the status, and too many for a list that people read.
    if (event.kind === 'request-settled') return;
    this.recent = [...this.recent.slice(1 - MAX_RECENT_EVENTS), event];
    this.batch.push(event);
    if (this.batch.length > 1) return;
    this.after(BATCH_MS, () => {
      const events = this.batch.slice(-MAX_RECENT_EVENTS);
      this.batch = [];
      for (const listener of this.listeners) listener(events);
    });
  }
}
