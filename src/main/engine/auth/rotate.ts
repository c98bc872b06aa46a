import { assertNever, RouterError } from '../../../shared/model/errors';
import type { FailureCause } from '../../../shared/model/status';
import type { Clock, ProcessLocks, SecretMask } from '../ports';

import type { CredentialSlot, PreviousCredential } from './credential-slot';
import {
  isAtWork,
  rotationStep,
  type RotationEffect,
  type RotationEvent,
  type RotationState,
} from './rotation';
import { Secret } from './secret';

/** What the other side says to a credential. `unreachable`: it could not be asked. */
export type ProofOutcome =
  { readonly kind: 'accepted' } | { readonly kind: 'refused' | 'unreachable'; readonly cause: FailureCause };

/** Asks the other side about what is to stand in the slot, by a real connection and, where it gives tokens, a request for one. */
export type Prove = (slot: CredentialSlot, secret: Secret, signal: AbortSignal) => Promise<ProofOutcome>;

/** What rotating one credential needs. */
export interface RotationParts {
  readonly slot: CredentialSlot;
  readonly prove: Prove;
  readonly clock: Clock;
  readonly locks: ProcessLocks;
  readonly mask: SecretMask;
  /** `security.rotation_overlap_minutes`. */
  readonly overlapMinutes: number;
}

/** The rotation of one credential, step by step; the same for command line and window. */
export interface Rotation {
  readonly state: RotationState;
  /** @returns ends the subscription */
  onState(listener: (state: RotationState) => void): () => void;
  /** Proves the new credential, then swaps; resolves when it rests. Nothing has changed unless it is `rotated`. */
  begin(value: string): Promise<RotationState>;
  /** Goes back to the credential before, if it is still kept. */
  rollBack(): Promise<RotationState>;
}

const MINUTE_MS = 60_000;
/** Proving is bounded by `gateway.connection.timeout_ms`, the keychain by limits of its own. */
const LOCK_LIMIT_MS = 60_000;

/** Whoever changes this slot keeps the other processes away. */
export const whileSlotIsOurs = <Value>(
  { slot: { inUse }, locks }: Pick<RotationParts, 'slot' | 'locks'>,
  work: () => Promise<Value>,
): Promise<Value> => locks.exclusively(`rotation ${inUse.source} ${inUse.name}`, LOCK_LIMIT_MS, work);

/** Ends a swap that somebody began and did not live to finish, and removes half-written files. Throws RouterError credential-file-*, token-lock-unavailable. */
export async function finishSwap(slot: CredentialSlot, locks: ProcessLocks): Promise<void> {
  await slot.removeUnfinished?.();
  const { recovery } = slot;
  if (recovery === undefined || !(await recovery.isNeeded())) return;
  await whileSlotIsOurs({ slot, locks }, () => recovery.finish());
}

/** Prepares a rotation; nothing happens yet. */
export function createRotation(parts: RotationParts): Rotation {
  return new SlotRotation(parts);
}

class SlotRotation implements Rotation {
  private current: RotationState = { name: 'idle' };
  private readonly listeners = new Set<(state: RotationState) => void>();
  private candidate: Secret | null = null;

  constructor(private readonly parts: RotationParts) {}

  get state(): RotationState {
    return this.current;
  }

  onState(listener: (state: RotationState) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  async begin(value: string): Promise<RotationState> {
    if (isAtWork(this.current)) return this.current;
    this.candidate = new Secret(value);
    remember(this.parts.slot, this.candidate, this.parts.mask);
    await this.apply({ kind: 'begun' });
    this.candidate = null;
    return this.current;
  }

  async rollBack(): Promise<RotationState> {
    await this.apply({ kind: 'roll-back-asked' });
    return this.current;
  }

  /** Performs what the table says until it rests. */
  private async apply(first: RotationEvent): Promise<void> {
    let event: RotationEvent | null = first;
    while (event !== null) {
      const { state, effect }: ReturnType<typeof rotationStep> = rotationStep(this.current, event);
      if (state !== this.current) {
        this.current = state;
        for (const listener of this.listeners) listener(state);
      }
      event = effect === null ? null : await this.perform(effect);
    }
  }

  private async perform(effect: RotationEffect): Promise<RotationEvent> {
    const { slot, prove } = this.parts;
    try {
      switch (effect) {
        case 'prove':
          return await prove(slot, this.newOne(), new AbortController().signal);
        case 'swap':
          return await whileSlotIsOurs(this.parts, () => this.swap(this.newOne()));
        case 'restore':
          return await whileSlotIsOurs(this.parts, () => this.restore());
        default:
          return assertNever(effect);
      }
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      return { kind: 'failed', cause: { code: error.code, detail: error.detail } };
    }
  }

  private newOne(): Secret {
    if (this.candidate === null) throw new Error('there is nothing to rotate to');
    return this.candidate;
  }

  /** The old one is put beside first, so that there is a way back whatever happens next. */
  private async swap(secret: Secret): Promise<RotationEvent> {
    const { slot, clock, mask, overlapMinutes } = this.parts;
    const before = await slot.read();
    if (before === null || overlapMinutes === 0) {
      await slot.write(secret);
      if (overlapMinutes === 0) await forgetQuietly(slot);
      return { kind: 'stored', until: null };
    }
    remember(slot, before, mask);
    const expiresAt = new Date(clock.now() + overlapMinutes * MINUTE_MS).toISOString();
    await slot.keepPrevious({ secret: before, expiresAt });
    try {
      await slot.write(secret);
    } catch (error) {
      await forgetQuietly(slot);
      throw error;
    }
    return { kind: 'stored', until: expiresAt };
  }

  private async restore(): Promise<RotationEvent> {
    const { slot, clock, mask } = this.parts;
    const previous = await validPrevious(slot, clock.now());
    if (previous === null) {
      const detail = 'no old one is kept for it (any more)';
      return { kind: 'failed', cause: { code: 'credential-missing', detail } };
    }
    remember(slot, previous.secret, mask);
    await putBack(slot, previous);
    return { kind: 'restored' };
  }
}

/** No log line shows it from now on. A key in PEM form stands in files alone, and would make every line slow to look through. */
export function remember({ what }: CredentialSlot, secret: Secret, mask: SecretMask): void {
  if (what !== 'certificate') mask.add(secret.reveal());
}

/** The credential before the one of now, unless its time is over. */
export async function validPrevious(slot: CredentialSlot, now: number): Promise<PreviousCredential | null> {
  const previous = await slot.readPrevious();
  return previous !== null && Date.parse(previous.expiresAt) > now ? previous : null;
}

/** Makes the credential before the one of now again. */
export async function putBack(slot: CredentialSlot, { secret }: PreviousCredential): Promise<void> {
  await slot.write(secret);
  await forgetQuietly(slot);
}

/** What stays behind is deleted when its time is over, at the latest. */
async function forgetQuietly(slot: CredentialSlot): Promise<void> {
  try {
    await slot.forgetPrevious();
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
  }
}
