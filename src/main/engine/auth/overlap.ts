import type { RouterConfig } from '../../../shared/model/config';
import { RouterError } from '../../../shared/model/errors';
import type { RouterFact } from '../../../shared/model/events';
import type { EnginePorts, Timer } from '../ports';

import { nameOfPrevious, slotsOfAll, type CredentialSlot } from './credential-slot';
import { finishSwap, whileSlotIsOurs } from './rotate';

/** What ending overlaps needs. */
export interface OverlapParts {
  readonly ports: EnginePorts;
  readonly config: () => RouterConfig;
  readonly publish: (fact: RouterFact) => void;
}

/** What cannot be deleted now is tried again. */
const RETRY_MS = 600_000;
/** Timers end at 24 days; a date far away in a damaged index must not make one fire at once. */
const MAX_PAUSE_MS = 86_400_000;

/** Deletes the credential before the one of now when its time is over, whoever rotated, and also after a restart. */
export class Overlaps {
  private timer: Timer | undefined;
  private isStopped = false;
  private looking: Promise<void> | undefined;

  constructor(private readonly parts: OverlapParts) {}

  /** Looks now, and again when the next one is due. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
  }

  private async lookOnce(): Promise<void> {
    const { ports, config } = this.parts;
    const { clock, logger } = ports;
    const slots = slotsOfAll(config().gateway_pool.endpoints, ports);
    const dues: number[] = [];
    for (const slot of slots) {
      try {
        await finishSwap(slot, ports.locks);
        const due = await this.dueOf(slot);
        if (due !== null) dues.push(due);
      } catch (error) {
        if (!(error instanceof RouterError)) throw error;
        logger.warn('the old credential of a rotation cannot be deleted', { code: error.code });
        dues.push(clock.now() + RETRY_MS);
      }
    }
    this.schedule(dues);
  }

  /** When it has to be looked at again; null when nothing is kept. */
  private async dueOf(slot: CredentialSlot): Promise<number | null> {
    const { ports, publish } = this.parts;
    const due = await this.expiryOf(slot);
    if (due === null || due > ports.clock.now()) return due;
    const isDeleted = await whileSlotIsOurs({ slot, locks: ports.locks }, async () => {
      const again = await this.expiryOf(slot);
      if (again === null || again > ports.clock.now()) return false;
      await slot.forgetPrevious();
      return true;
    });
    if (isDeleted) publish({ kind: 'credential-overlap-ended', what: slot.what, name: slot.inUse.name });
    return isDeleted ? null : this.expiryOf(slot);
  }

  /** The index knows it without asking the keychain. */
  private async expiryOf(slot: CredentialSlot): Promise<number | null> {
    const { name, source } = slot.inUse;
    if (source === 'keychain') {
      const stored = await this.parts.ports.secrets.list();
      const entry = stored.find((one) => nameOfPrevious(one.name) === name);
      return entry?.expiresAt === undefined ? null : Date.parse(entry.expiresAt);
    }
    const previous = await slot.readPrevious();
    return previous === null ? null : Date.parse(previous.expiresAt);
  }

  private schedule(dues: readonly number[]): void {
    this.timer?.cancel();
    if (dues.length === 0 || this.isStopped) return;
    const { clock } = this.parts.ports;
    const delayMs = Math.min(MAX_PAUSE_MS, Math.max(0, Math.min(...dues) - clock.now()));
    this.timer = clock.after(delayMs, () => {
      void this.look();
    });
  }
}
