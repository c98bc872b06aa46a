import type { RouterConfig } from '../../shared/model/config';

import type { CredentialSlot } from './auth/credential-slot';
import { createRotation, finishSwap, whileSlotIsOurs, type Prove, type Rotation } from './auth/rotate';
import { Secret } from './auth/secret';
import { proveAt, proveSlot } from './gateway/prove-slot';
import { openTransport } from './gateway/transports/open-transport';
import type { LockdownGate } from './lockdown-gate';
import type { EnginePorts } from './ports';

/** Proves at the one endpoint that such a source is for. */
export const proveHere =
  (config: () => RouterConfig, ports: EnginePorts, guarded: LockdownGate['guarding']): Prove =>
  (slot, secret, signal) =>
    proveAt({ ports, config: config(), open: guarded(openTransport) }, slot, secret, {
      signal,
      tokens: new Map(),
    });

/** Prepares the rotation of the credential in that slot; it needs no running engine. */
export function rotationOf(slot: CredentialSlot, ports: EnginePorts, config: RouterConfig): Rotation {
  const { clock, locks, mask } = ports;
  const overlapMinutes = config.security.rotation_overlap_minutes;
  const prove: Prove = (of, secret, signal) =>
    proveSlot({ ports, config, open: openTransport }, of, secret, signal);
  return createRotation({ slot, prove, clock, locks, mask, overlapMinutes });
}

/** Puts another credential in place without asking anybody; no way back is kept. Throws RouterError. */
export const replaceUnproven = (slot: CredentialSlot, value: string, { locks }: EnginePorts): Promise<void> =>
  whileSlotIsOurs({ slot, locks }, async () => {
    await slot.write(new Secret(value));
    await slot.forgetPrevious();
  });

/** Deletes the credential before the one of now, so that there is no way back. Throws RouterError. */
export const endOverlap = (slot: CredentialSlot, { locks }: EnginePorts): Promise<void> =>
  whileSlotIsOurs({ slot, locks }, () => slot.forgetPrevious());

/** Deletes what stands in the slot and beside it; only for a slot that can. Throws RouterError. */
export const removeCredential = (slot: CredentialSlot, { locks }: EnginePorts): Promise<void> =>
  whileSlotIsOurs({ slot, locks }, async () => slot.remove?.());

/** Ends a swap of a certificate and its key that somebody began and did not live to finish. Throws RouterError. */
export const finishRotation = (slot: CredentialSlot, { locks }: EnginePorts): Promise<void> =>
  finishSwap(slot, locks);
