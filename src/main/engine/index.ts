import type { RouterConfig } from '../../shared/model/config';

import type { Engine, EngineOptions } from './engine';
import type { EnginePorts } from './ports';
import { RunningEngine } from './running-engine';

export { clientIdentity } from './auth/client-identity';
export { bundleCandidate } from './auth/certificate-candidate';
export { certificateCandidate, type CertificateCandidate } from './auth/certificate-candidate';
export { previousEntry, nameOfPrevious, slotsOf, type CredentialSlot } from './auth/credential-slot';
export { slotKey, slotsOfAll, usesKind } from './auth/credential-slot';
export { resolveCredential } from './auth/credentials';
export { namedCertificates } from './auth/named-certificates';
export { foundClientSecret } from './auth/oauth-secrets';
export { endpointsWith } from './gateway/prove-slot';
export type { Rotation } from './auth/rotate';
export { refuseStream } from './listeners/refusing-door';
export { signIn, signOut } from './auth/sign-in';
export type { SignedIn } from './auth/oauth-sign-in';
export { signInRecord } from './auth/oauth-sign-in-store';
export { ANCHOR_KEY_NAME, anchorKey, storedKey } from './observe/audit-anchor';
export { openChain } from './observe/audit-chain';
export { ChainCheck, type ChainReport } from './observe/audit-check';
export { readRecord, type AuditFact, type AuditRecord } from './observe/audit-record';
export { chainParts } from './observe/audit-trail';
export type { Engine, EngineOptions } from './engine';
export { lookAtGateway } from './gateway-look';
export type { EnginePorts } from './ports';
export { endOverlap, finishRotation, removeCredential, replaceUnproven, rotationOf } from './rotations';

/** Builds an engine that does nothing yet. */
export function createEngine(ports: EnginePorts, initial: RouterConfig, options: EngineOptions): Engine {
  return new RunningEngine(ports, initial, options);
}
