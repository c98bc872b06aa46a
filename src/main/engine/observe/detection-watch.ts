import type { Alert } from '../../../shared/model/alerts';
import type { DetectionConfig } from '../../../shared/model/config';
import type { RouterEvent, RouterFact } from '../../../shared/model/events';
import type { Clock, Timer } from '../ports';

import { Detection, type AlertChange } from './detection';

/** What the watch needs. */
export interface DetectionWatchParts {
  readonly clock: Clock;
  readonly settings: () => DetectionConfig;
  readonly isOnByDefault: boolean;
  readonly publish: (fact: RouterFact) => void;
}

/** Publishes what detection finds, and looks again when an alert may be over. */
export class DetectionWatch {
  private readonly detection: Detection;
  private timer: Timer | undefined;

  constructor(private readonly parts: DetectionWatchParts) {
    this.detection = new Detection(parts.settings, parts.isOnByDefault);
  }

  get alerts(): readonly Alert[] {
    return this.detection.alerts;
  }

  /** Takes an event that every listener has heard of. */
  take(event: RouterEvent): void {
    this.tell(this.detection.note(event));
  }

  /** Ends what is over: also after the settings have changed. */
  look(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.tell(this.detection.look(this.parts.clock.now()));
    this.lookLater();
  }

  stop(): void {
    this.timer?.cancel();
  }

  private tell(changes: readonly AlertChange[]): void {
    if (changes.length === 0) return;
    for (const change of changes) this.parts.publish(change);
    this.lookLater();
  }

  private lookLater(): void {
    const { nextLookAt } = this.detection;
    if (nextLookAt === null || this.timer !== undefined) return;
    const delayMs = Math.max(LEAST_DELAY_MS, nextLookAt - this.parts.clock.now());
    this.timer = this.parts.clock.after(delayMs, () => {
      this.look();
    });
  }
}

const LEAST_DELAY_MS = 100;
