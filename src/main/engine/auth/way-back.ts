import { kindWords } from '../../../shared/model/credential-age';
import { RouterError } from '../../../shared/model/errors';
import type { RouterFact } from '../../../shared/model/events';
import type { CredentialKind, Degradation } from '../../../shared/model/status';
import type { EnginePorts } from '../ports';

import type { CredentialSlot } from './credential-slot';
import { putBack, remember, validPrevious, whileSlotIsOurs, type ProofOutcome } from './rotate';
import type { Secret } from './secret';

/** What going back needs. */
export interface WayBackParts {
  readonly ports: EnginePorts;
  readonly publish: (fact: RouterFact) => void;
}

/** Who refuses it, in words for people. */
const REFUSER: Readonly<Record<CredentialKind, string>> = {
  token: 'The gateway',
  'client-secret': 'The identity provider',
  certificate: 'The gateway',
};

/** Goes back to the credential before a rotation when the new one is refused within the overlap. */
export class WayBack {
  /** What was put back, for as long as it is what is in use. */
  private readonly restored = new Map<string, { readonly slot: CredentialSlot; readonly secret: Secret }>();
  private readonly running = new Map<string, Promise<Secret | null>>();

  constructor(private readonly parts: WayBackParts) {}

  /**
   * Callers whose credential is refused at the same time share one way back.
   *
   * @param prove asks the other side about the old one
   * @returns what is in use in place of the refused one; null when there is nothing to go back to
   */
  from(
    slot: CredentialSlot,
    refused: Secret,
    prove: (old: Secret) => Promise<ProofOutcome>,
  ): Promise<Secret | null> {
    const key = keyOf(slot);
    const running =
      this.running.get(key) ?? this.goBack(slot, refused, prove).finally(() => this.running.delete(key));
    this.running.set(key, running);
    return running;
  }

  /** Forgets what somebody has replaced since. */
  async look(): Promise<void> {
    for (const [key, { slot, secret }] of this.restored) {
      const now = await readOrNull(slot);
      if (now !== null && now.reveal() !== secret.reveal()) this.restored.delete(key);
    }
  }

  degradations(): readonly Degradation[] {
    return [...this.restored.values()].map(({ slot: { what, inUse } }) => ({
      code: 'credential-rolled-back',
      text: `${REFUSER[what]} refused the new ${kindWords[what]} of "${inUse.name}", so the old one is in use again.`,
    }));
  }

  private async goBack(
    slot: CredentialSlot,
    refused: Secret,
    prove: (old: Secret) => Promise<ProofOutcome>,
  ): Promise<Secret | null> {
    const { ports } = this.parts;
    try {
      // Whoever holds a token has looked for a newer one. Most refusals have nothing to do with a rotation: no lock for them.
      const faster = slot.what === 'token' ? null : await slot.read();
      if (faster !== null && faster.reveal() !== refused.reveal()) return faster;
      if ((await validPrevious(slot, ports.clock.now())) === null) return null;
      return await whileSlotIsOurs({ slot, locks: ports.locks }, () => this.restore(slot, refused, prove));
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      ports.logger.warn('the old credential of a rotation could not be put back', { code: error.code });
      return null;
    }
  }

  private async restore(
    slot: CredentialSlot,
    refused: Secret,
    prove: (old: Secret) => Promise<ProofOutcome>,
  ): Promise<Secret | null> {
    const { ports, publish } = this.parts;
    const now = await slot.read();
    // Another process was faster.
    if (now !== null && now.reveal() !== refused.reveal()) return now;
    const previous = await validPrevious(slot, ports.clock.now());
    if (previous === null) return null;
    remember(slot, previous.secret, ports.mask);
    // When the old one is refused as well, the fault is not the new one's.
    if ((await prove(previous.secret)).kind === 'refused') return null;
    await putBack(slot, previous);
    this.restored.set(keyOf(slot), { slot, secret: previous.secret });
    publish({ kind: 'credential-rolled-back', what: slot.what, name: slot.inUse.name });
    return previous.secret;
  }
}

const keyOf = ({ inUse: { source, name } }: CredentialSlot): string => `${source} ${name}`;

/** Null also where it cannot be read. */
export async function readOrNull(slot: CredentialSlot): Promise<Secret | null> {
  try {
    return await slot.read();
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return null;
  }
}
