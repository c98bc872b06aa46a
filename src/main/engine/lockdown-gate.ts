import { RouterError } from '../../shared/model/errors';
import type { RouterFact } from '../../shared/model/events';
import type { Lockdown } from '../../shared/model/lockdown';

import type { OpenTransport } from './gateway/transports/transport';

/** What is locked. */
export interface GateParts {
  readonly router: () => { lockDown(): Promise<void>; release(): void };
  readonly publish: (fact: RouterFact) => void;
  /** Drops every token that is held in memory. */
  readonly forget: () => void;
}

/** Whether anything may pass. */
export class LockdownGate {
  private held: Lockdown | null = null;

  constructor(private readonly parts: GateParts) {}

  get state(): Lockdown | null {
    return this.held;
  }

  /** Locks, releases, or leaves everything as it is. */
  async set(next: Lockdown | null): Promise<void> {
    const wasLocked = this.held !== null;
    this.held = next;
    if ((next !== null) === wasLocked) return;
    const { publish, forget, router } = this.parts;
    if (next === null) {
      publish({ kind: 'lockdown-released' });
      router().release();
      return;
    }
    publish({ kind: 'locked-down', by: next.by, detail: next.problem ?? '' });
    forget();
    await router().lockDown();
  }

  /** Nothing is dialled while it is locked, whoever asks for it. */
  guarding(open: OpenTransport): OpenTransport {
    return (request, handlers) =>
      this.held === null ? open(request, handlers) : Promise.reject(new RouterError('locked-down'));
  }
}
