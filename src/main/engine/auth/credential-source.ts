import type { RouterConfig } from '../../../shared/model/config';
import type { FailureCause } from '../../../shared/model/status';
import type { EnginePorts } from '../ports';

import { resolveCredential, type Credential } from './credentials';

/** Where connections get their credential from; one for the whole engine, so that sessions share a refresh. */
export interface CredentialSource {
  /**
   * The credential for a new connection or request; null when none is sent.
   *
   * @throws RouterError credential-*, keychain-*, auth-failed, sign-in-needed
   */
  current(signal: AbortSignal): Promise<Credential | null>;
  /**
   * The other side refused this credential (HTTP 401): a newer one, or null when there is none and trying again is
   * pointless. Calls for the same refused credential share one renewal.
   */
  renewed(refused: Credential, signal: AbortSignal): Promise<Credential | null>;
  /**
   * The other side takes the credential, but wants these scopes as well (HTTP 403, insufficient_scope): one that has
   * them, or null when this source knows no scopes.
   *
   * @throws RouterError sign-in-needed, auth-failed, oauth-*
   */
  widened(held: Credential, scopes: readonly string[], signal: AbortSignal): Promise<Credential | null>;
  /**
   * The other side refused us, and this client certificate (PEM) was shown: true when another one is in use now, and
   * trying again makes sense. Absent where there is nothing to go back to.
   */
  certificateRefused?(certificate: string, signal: AbortSignal): Promise<boolean>;
  /** Drops what is held in memory. Absent where nothing is. */
  forget?(): void;
  /** What to tell when the other side refuses even a renewed credential. */
  refusedForGood(cause: FailureCause): FailureCause;
  /** The scopes that the other side wants and only a person can get; null when nothing is missing. */
  readonly missingScope: string | null;
}

/**
 * A bearer token from keychain, environment or file: read anew each time, so that a swapped file is noticed. What a
 * command printed is kept until it is refused or the configuration is loaded again, and calls share one run of it.
 */
export function bearerSource(config: () => RouterConfig, ports: EnginePorts): CredentialSource {
  const read = (): Promise<Credential | null> => resolveCredential(config().gateway.auth, ports);
  const kept = new KeptCredential(config, read);
  return {
    current: () => kept.get(),
    renewed: async (refused) => {
      // Another process may have stored a newer one.
      if (refused.inUse.source === 'keychain') await ports.secrets.readAnew(refused.inUse.name);
      const now = await kept.getInPlaceOf(refused);
      return now !== null && now.secret.reveal() !== refused.secret.reveal() ? now : null;
    },
    widened: () => Promise.resolve(null),
    forget: () => {
      kept.forget();
    },
    refusedForGood: (cause) => cause,
    missingScope: null,
  };
}

/** Remembers a credential that came from a command, and lets concurrent calls share one look-up. */
class KeptCredential {
  private auth: unknown;
  private lookup: Promise<Credential | null> | undefined;

  constructor(
    private readonly config: () => RouterConfig,
    private readonly read: () => Promise<Credential | null>,
  ) {}

  async get(): Promise<Credential | null> {
    const { auth } = this.config().gateway;
    if (auth.token_command === undefined) return this.read();
    if (this.auth !== auth) this.forget();
    this.auth = auth;
    const lookup = (this.lookup ??= this.read());
    try {
      const credential = await lookup;
      if (credential?.inUse.source !== 'command') this.forget(lookup);
      return credential;
    } catch (error) {
      this.forget(lookup);
      throw error;
    }
  }

  async getInPlaceOf(refused: Credential): Promise<Credential | null> {
    const { lookup } = this;
    const known = await lookup;
    // Another call may have renewed it already.
    if (known?.secret.reveal() === refused.secret.reveal()) this.forget(lookup);
    return this.get();
  }

  forget(lookup = this.lookup): void {
    if (this.lookup === lookup) this.lookup = undefined;
  }
}
