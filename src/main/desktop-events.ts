import type { RouterEvent } from '../shared/model/events';
import { keptEvents, MAX_KEPT_EVENTS } from '../shared/model/kept-events';

const BATCH_MS = 100;
/** Sorting out happens once in so many events, and not for each. */
const SLACK = 100;

/** The newest events, kept for a window that opens later and told in batches to one that is open. */
export class DesktopEvents {
  private recent: RouterEvent[] = [];
  private batch: RouterEvent[] = [];
  /** Of its own: another engine, as after the demo, counts from the beginning. */
  private sequence = 0;
  private readonly listeners = new Set<(events: readonly RouterEvent[]) => void>();

  /** @param after calls back after a while */
  constructor(private readonly after: (delayMs: number, callback: () => void) => void) {}

  /** Bounded, newest last. */
  kept(): readonly RouterEvent[] {
    return keptEvents(this.recent);
  }

  onEvents(listener: (events: readonly RouterEvent[]) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  keep(told: RouterEvent): void {
    // One for each request: counted in the status, and too many for a list that people read.
    if (told.kind === 'request-settled') return;
    this.sequence += 1;
    const event = { ...told, sequence: this.sequence };
    this.recent = added(this.recent, event);
    const isFirst = this.batch.length === 0;
    this.batch = added(this.batch, event);
    if (!isFirst) return;
    this.after(BATCH_MS, () => {
      const events = keptEvents(this.batch);
      this.batch = [];
      for (const listener of this.listeners) listener(events);
    });
  }
}

function added(events: RouterEvent[], event: RouterEvent): RouterEvent[] {
  events.push(event);
  return events.length > MAX_KEPT_EVENTS + SLACK ? [...keptEvents(events)] : events;
}
