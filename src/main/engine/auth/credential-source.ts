import type { RouterConfig } from '../../../shared/model/config';
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
}

/** A bearer token from keychain, environment or file: read anew each time, so that a swapped file is noticed. */
export function bearerSource(config: () => RouterConfig, ports: EnginePorts): CredentialSource {
  const read = (): Promise<Credential | null> => resolveCredential(config().gateway.auth, ports);
  return {
    current: read,
    renewed: async (refused) => {
      const now = await read();
      return now !== null && now.secret.reveal() !== refused.secret.reveal() ? now : null;
    },
  };
}
