import type { RouterConfig } from '../../../shared/model/config';
import { RouterError, type ErrorCode } from '../../../shared/model/errors';
import type { Credential } from '../auth/credentials';
import { requireFips } from '../auth/fips';
import { resolveProxy } from '../auth/proxy';
import type { ProxyFor } from '../auth/proxy-tunnel';
import { tlsSettings, type TlsSettings } from '../auth/tls';
import type { EnginePorts } from '../ports';

import { certificateRefusals } from './certificate-refusals';
import { dialFailure } from './dial-failure';
import type { EndpointUse } from './endpoints';
import type { OpenTransport, Transport, TransportHandlers } from './transports/transport';

/** One try to connect to an endpoint. */
export interface Dial {
  readonly ports: EnginePorts;
  readonly open: OpenTransport;
  readonly config: () => RouterConfig;
  readonly use: EndpointUse;
  readonly signal: AbortSignal;
  /** False once nobody wants the connection any more. */
  readonly isWanted: () => boolean;
  readonly onCredential: (credential: Credential) => void;
}

/**
 * Opens a transport to the endpoint, with the credential that is configured for it and no other.
 *
 * @returns undefined when nobody wants it any more
 * @throws RouterError or a system error; `dialFailure` names both
 */
export async function dialEndpoint(dial: Dial, handlers: TransportHandlers): Promise<Transport | undefined> {
  if (dial.config().advanced.compliance.fips_mode) requireFips();
  const credential = await dial.use.credentials.current(dial.signal);
  return dial.isWanted() ? openRenewing(dial, handlers, credential) : undefined;
}

/** Opens with this credential, and once more with a newer one if it is refused and there is a newer one. */
async function openRenewing(
  dial: Dial,
  handlers: TransportHandlers,
  credential: Credential | null,
): Promise<Transport | undefined> {
  const shown: Shown = { certificate: null };
  try {
    return await openWith(dial, handlers, credential, shown);
  } catch (error) {
    const { code } = dialFailure(error);
    const isAboutToken = credential !== null && code === 'auth-failed';
    const renewed = isAboutToken ? await dial.use.credentials.renewed(credential, dial.signal) : null;
    if (renewed === null && !(await hasOtherCertificate(dial, code, shown))) {
      throw credential === null ? error : refusedForGood(dial, error);
    }
    return dial.isWanted() ? openRenewed(dial, handlers, renewed ?? credential) : undefined;
  }
}

/** What of ours the other side saw of a try. */
interface Shown {
  certificate: string | null;
}

async function hasOtherCertificate(
  { use, signal }: Dial,
  code: ErrorCode,
  { certificate }: Shown,
): Promise<boolean> {
  if (certificate === null || !certificateRefusals.has(code)) return false;
  return (await use.credentials.certificateRefused?.(certificate, signal)) ?? false;
}

async function openRenewed(
  dial: Dial,
  handlers: TransportHandlers,
  renewed: Credential | null,
): Promise<Transport> {
  try {
    return await openWith(dial, handlers, renewed, { certificate: null });
  } catch (error) {
    throw refusedForGood(dial, error);
  }
}

/** The error of a dial whose credential cannot be renewed any more. */
function refusedForGood({ use }: Dial, error: unknown): unknown {
  const cause = dialFailure(error);
  if (cause.code !== 'auth-failed') return error;
  const { code, detail } = use.credentials.refusedForGood(cause);
  return new RouterError(code, detail, { cause: error });
}

function openWith(
  dial: Dial,
  handlers: TransportHandlers,
  credential: Credential | null,
  shown: Shown,
): Promise<Transport> {
  const { ports, open, use, signal } = dial;
  const { endpoint: gateway, credentials } = use;
  const { advanced } = dial.config();
  use.credential = credential;
  if (credential !== null) dial.onCredential(credential);
  const { files, clock } = ports;
  const config = { gateway, advanced };
  const settings = async (host: string): Promise<TlsSettings> => {
    const found = await tlsSettings(config, host, ports);
    shown.certificate = found.options.cert ?? null;
    return found;
  };
  const proxyFor: ProxyFor = (target) => resolveProxy(config, target, ports);
  const shared = { files, tlsSettings: settings, proxyFor, clock, signal };
  return open({ gateway, credential, credentials, ...shared }, handlers);
}
