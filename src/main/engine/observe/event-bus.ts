import type { RouterEvent, RouterFact } from '../../../shared/model/events';
import type { Clock, Logger } from '../ports';

/** Told of every event, in order. It informs; whoever must act is called by name elsewhere. */
export type EventListener = (event: RouterEvent) => void;

/** One bus of past-tense facts (design section 5). */
export class EventBus {
  private readonly listeners = new Set<EventListener>();
  private sequence = 0;

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Tells every listener; one that throws is logged and stops nobody. Returns what they were told. */
  publish(fact: RouterFact): RouterEvent {
    this.sequence += 1;
    const event: RouterEvent = { ...fact, sequence: this.sequence, at: this.clock.now() };
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        this.logger.error('an event listener failed', { event: fact.kind, error: name });
      }
    }
    return event;
  }

  /** @returns ends the subscription; idempotent */
  subscribe(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
