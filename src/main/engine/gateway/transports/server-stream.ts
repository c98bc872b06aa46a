import type { Clock } from '../../ports';

import { listen, type ListenParts } from './listen-stream';

/** What is sent next waits this long at most for the stream; some servers answer a GET only when they have news. */
const GRACE_MS = 500;

/** The standing GET stream of a session of the 2025 era: opened once, and awaited for a moment. */
export class ServerStream {
  private isOpen = false;

  constructor(
    private readonly parts: Omit<ListenParts, 'onAnswer'> & {
      readonly clock: Clock;
      readonly onSessionEnded: () => void;
    },
  ) {}

  /**
   * Opens the stream if it is not open already, and keeps it open.
   *
   * @returns resolves when the server has answered, or a moment has passed: what a server asks of its own accord before
   * it has this stream is lost, so nothing that may make it ask should overtake it
   */
  open(): Promise<void> {
    if (this.isOpen) return Promise.resolve();
    this.isOpen = true;
    const { clock, onSessionEnded } = this.parts;
    return new Promise((resolve) => {
      const limit = clock.after(GRACE_MS, resolve);
      const onAnswer = (): void => {
        limit.cancel();
        resolve();
      };
      void listen({ ...this.parts, onAnswer }).then((end) => {
        this.isOpen = false;
        onAnswer();
        if (end === 'session-ended') onSessionEnded();
      });
    });
  }
}
