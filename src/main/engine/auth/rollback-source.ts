import { RouterError } from '../../../shared/model/errors';
import type { RouterFact } from '../../../shared/model/events';
import type { Degradation, FailureCause } from '../../../shared/model/status';
import type { EnginePorts } from '../ports';

import type { CredentialSource } from './credential-source';
import { slotOf, type CredentialSlot } from './credential-slot';
import type { Credential } from './credentials';
import { putBack, validPrevious, whileSlotIsOurs, type Prove } from './rotate';

/** What going back needs. */
export interface RollbackParts {
  readonly source: CredentialSource;
  readonly ports: EnginePorts;
  readonly prove: Prove;
  readonly publish: (fact: RouterFact) => void;
}

/** A credential source that goes back to the credential before a rotation when the new one is refused. */
export class RollbackSource implements CredentialSource {
  /** The credential that was put back, for as long as it is the one in use. */
  private restored: Credential | null = null;
  private readonly running = new Map<string, Promise<Credential | null>>();

  constructor(private readonly parts: RollbackParts) {}

  async current(signal: AbortSignal): Promise<Credential | null> {
    const credential = await this.parts.source.current(signal);
    if (this.restored !== null && !isSame(credential, this.restored)) this.restored = null;
    return credential;
  }

  async renewed(refused: Credential, signal: AbortSignal): Promise<Credential | null> {
    const newer = await this.parts.source.renewed(refused, signal);
    if (newer !== null) return newer;
    const { ports } = this.parts;
    const slot = slotOf(refused.inUse, { secrets: ports.secrets, files: ports.files });
    if (slot === null) return null;
    // Lanes whose credential is refused at the same time share one way back.
    const key = `${refused.inUse.source} ${refused.inUse.name}`;
    const running =
      this.running.get(key) ?? this.goBack(slot, refused, signal).finally(() => this.running.delete(key));
    this.running.set(key, running);
    return running;
  }

  widened(held: Credential, scopes: readonly string[], signal: AbortSignal): Promise<Credential | null> {
    return this.parts.source.widened(held, scopes, signal);
  }

  refusedForGood(cause: FailureCause): FailureCause {
    return this.parts.source.refusedForGood(cause);
  }

  get missingScope(): string | null {
    return this.parts.source.missingScope;
  }

  degradations(): readonly Degradation[] {
    if (this.restored === null) return [];
    const { name } = this.restored.inUse;
    const text = `The gateway refused the new token of "${name}", so the old one is in use again.`;
    return [{ code: 'credential-rolled-back', text }];
  }

  private async goBack(
    slot: CredentialSlot,
    refused: Credential,
    signal: AbortSignal,
  ): Promise<Credential | null> {
    const { ports } = this.parts;
    try {
      // Most refusals have nothing to do with a rotation: no lock for them.
      if ((await validPrevious(slot, ports.clock.now())) === null) return null;
      return await whileSlotIsOurs({ slot, locks: ports.locks }, () => this.restore(slot, refused, signal));
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      ports.logger.warn('the old credential of a rotation could not be put back', { code: error.code });
      return null;
    }
  }

  private async restore(
    slot: CredentialSlot,
    refused: Credential,
    signal: AbortSignal,
  ): Promise<Credential | null> {
    const { ports, prove, publish } = this.parts;
    const { inUse } = slot;
    const now = await slot.read();
    // Another process was faster.
    if (now !== null && now.reveal() !== refused.secret.reveal()) return { secret: now, inUse };
    const previous = await validPrevious(slot, ports.clock.now());
    if (previous === null) return null;
    ports.mask.add(previous.secret.reveal());
    const credential: Credential = { secret: previous.secret, inUse };
    // When the old one is refused as well, the fault is not the new one's.
    if ((await prove(credential, signal)).kind === 'refused') return null;
    await putBack(slot, previous);
    this.restored = credential;
    publish({ kind: 'credential-rolled-back', name: inUse.name });
    return credential;
  }
}

const isSame = (one: Credential | null, other: Credential): boolean =>
  one?.secret.reveal() === other.secret.reveal();
