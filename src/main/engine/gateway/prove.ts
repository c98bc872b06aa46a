import type { RouterConfig } from '../../../shared/model/config';
import type { ErrorCode } from '../../../shared/model/errors';
import type { FailureCause } from '../../../shared/model/status';
import type { Credential } from '../auth/credentials';
import { requireFips } from '../auth/fips';
import { resolveProxy } from '../auth/proxy';
import type { ProofOutcome } from '../auth/rotate';
import { tlsSettings } from '../auth/tls';
import type { EnginePorts } from '../ports';

import { dialFailure } from './dial-failure';
import type { OpenTransport, TransportHandlers } from './transports/transport';

/** What a proof is made with. */
export interface ProofParts {
  readonly ports: EnginePorts;
  readonly config: RouterConfig;
  readonly open: OpenTransport;
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'auth-failed',
  'client-certificate-refused',
  'client-certificate-missing',
]);

/** Nothing that arrives on this connection is for anybody. */
const deaf: TransportHandlers = {
  onMessage: () => undefined,
  onUnreadable: () => undefined,
  onRejected: () => undefined,
  onClose: () => undefined,
  onDrain: () => undefined,
};

/** Makes one real connection with this credential: TLS, and upgrade, sign-in or opening question. */
export async function proveCredential(
  { ports, config, open }: ProofParts,
  credential: Credential | null,
  signal: AbortSignal,
): Promise<ProofOutcome> {
  const { gateway } = config;
  const { files, clock } = ports;
  const credentials = {
    current: () => Promise.resolve(credential),
    renewed: () => Promise.resolve(null),
    widened: () => Promise.resolve(null),
    refusedForGood: (cause: FailureCause) => cause,
    missingScope: null,
  };
  try {
    if (config.advanced.compliance.fips_mode) requireFips();
    const transport = await open(
      {
        gateway,
        credential,
        credentials,
        files,
        clock,
        signal,
        tlsSettings: (host) => tlsSettings(config, host, ports),
        proxyFor: (target) => resolveProxy(config, target, ports),
      },
      deaf,
    );
    await transport.close();
    return { kind: 'accepted' };
  } catch (error) {
    const cause = dialFailure(error);
    if (cause.code === 'internal') throw error;
    return { kind: REFUSALS.has(cause.code) ? 'refused' : 'unreachable', cause };
  }
}
