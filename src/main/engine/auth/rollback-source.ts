import type { RouterConfig } from '../../../shared/model/config';
import type { RouterFact } from '../../../shared/model/events';
import type { Degradation, FailureCause } from '../../../shared/model/status';
import type { EnginePorts } from '../ports';

import { certificateSlot, pairIn } from './certificate-slot';
import { configuredSource } from './configured-source';
import type { CredentialSource } from './credential-source';
import { slotOf, type CredentialSlot } from './credential-slot';
import type { Credential } from './credentials';
import type { OAuthTokens } from './oauth-source';
import { foundClientSecret } from './oauth-secrets';
import type { Prove } from './rotate';
import type { Secret } from './secret';
import { readOrNull, WayBack } from './way-back';

/** What going back needs. */
export interface RollbackParts {
  readonly config: () => RouterConfig;
  readonly ports: EnginePorts;
  readonly prove: Prove;
  readonly publish: (fact: RouterFact) => void;
}

/** The configured source; it goes back to the credential before a rotation when the new one is refused. */
export class RollbackSource implements CredentialSource {
  private readonly source: OAuthTokens;
  private readonly wayBack: WayBack;

  constructor(private readonly parts: RollbackParts) {
    const { config, ports, publish } = parts;
    this.wayBack = new WayBack({ ports, publish });
    this.source = configuredSource(config, ports, (secret) => this.clientSecretRefused(secret));
  }

  async current(signal: AbortSignal): Promise<Credential | null> {
    await this.wayBack.look();
    return this.source.current(signal);
  }

  async renewed(refused: Credential, signal: AbortSignal): Promise<Credential | null> {
    const newer = await this.source.renewed(refused, signal);
    if (newer !== null) return newer;
    const slot = slotOf('token', refused.inUse, this.parts.ports);
    if (slot === null) return null;
    const secret = await this.back(slot, refused.secret, signal);
    return secret === null ? null : { secret, inUse: slot.inUse };
  }

  widened(held: Credential, scopes: readonly string[], signal: AbortSignal): Promise<Credential | null> {
    return this.source.widened(held, scopes, signal);
  }

  refusedForGood(cause: FailureCause): FailureCause {
    return this.source.refusedForGood(cause);
  }

  async certificateRefused(certificate: string, signal: AbortSignal): Promise<boolean> {
    const { client_cert: path, client_key: key } = this.parts.config().gateway.auth;
    if (path === undefined || key === undefined) return false;
    const slot = certificateSlot({ certificate: path, key }, this.parts.ports.files);
    const now = await readOrNull(slot);
    if (now === null) return false;
    if (pairIn(now).certificate !== certificate) return true;
    return (await this.back(slot, now, signal)) !== null;
  }

  /** A file or keychain entry has changed. */
  lookAtSecrets(): Promise<void> {
    return this.source.lookAtSecrets();
  }

  /** Drops every token that is held in memory. */
  forget(): void {
    this.source.forget();
  }

  get missingScope(): string | null {
    return this.source.missingScope;
  }

  degradations(): readonly Degradation[] {
    return this.wayBack.degradations();
  }

  private async clientSecretRefused(refused: Secret): Promise<boolean> {
    const { config, ports } = this.parts;
    const inUse = (await foundClientSecret(config().gateway.auth, ports))?.inUse;
    const slot = inUse === undefined ? null : slotOf('client-secret', inUse, ports);
    return slot !== null && (await this.back(slot, refused, new AbortController().signal)) !== null;
  }

  private back(slot: CredentialSlot, refused: Secret, signal: AbortSignal): Promise<Secret | null> {
    return this.wayBack.from(slot, refused, (old) => this.parts.prove(slot, old, signal));
  }
}
