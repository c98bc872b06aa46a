import type { GatewayLook } from '../../../shared/model/gateway-look';
import { resolveProxy } from '../auth/proxy';
import { openSocket } from '../auth/open-socket';
import { tlsSettings, type TlsSettings } from '../auth/tls';

import { dialFailure } from './dial-failure';
import { proveCredential, type ProofParts } from './prove';

type Encryption = GatewayLook['encryption'];

const ENCRYPTED: ReadonlySet<string> = new Set(['wss:', 'https:', 'tcps:']);
const PORTS: Readonly<Record<string, number>> = { 'wss:': 443, 'https:': 443, 'ws:': 80, 'http:': 80 };

/**
 * Looks at `gateway.url` of the configuration: what it presents, and whether it wants a credential. No credential is read,
 * and nothing but a handshake goes to a side that cannot be trusted.
 */
export async function lookAtGateway(parts: ProofParts, signal: AbortSignal): Promise<GatewayLook> {
  const encryption = await encryptionOf(parts, signal);
  if (encryption.kind === 'untrusted') return { encryption, answer: { kind: 'not-asked' } };
  if (encryption.kind === 'unseen') {
    return { encryption, answer: { kind: 'failed', cause: encryption.cause } };
  }
  const outcome = await proveCredential(parts, null, signal);
  return { encryption, answer: answerOf(outcome) };
}

function answerOf(outcome: Awaited<ReturnType<typeof proveCredential>>): GatewayLook['answer'] {
  if (outcome.kind === 'accepted') return { kind: 'open' };
  if (outcome.kind === 'unreachable') return { kind: 'failed', cause: outcome.cause };
  return { kind: outcome.cause.code === 'auth-failed' ? 'wants-credential' : 'wants-certificate' };
}

async function encryptionOf(parts: ProofParts, signal: AbortSignal): Promise<Encryption> {
  const url = new URL(parts.config.gateway.url);
  if (!ENCRYPTED.has(url.protocol)) return { kind: 'plain' };
  try {
    const settings = await tlsSettings(parts.config, url.hostname, parts.ports);
    return await handshake(parts, url, { settings, signal });
  } catch (error) {
    return { kind: 'unseen', cause: causeOf(error) };
  }
}

interface Try {
  readonly settings: TlsSettings;
  readonly signal: AbortSignal;
}

async function handshake(parts: ProofParts, url: URL, attempt: Try): Promise<Encryption> {
  try {
    const facts = await factsOf(parts, url, attempt);
    return facts === null ? { kind: 'plain' } : { kind: 'trusted', facts };
  } catch (error) {
    const cause = causeOf(error);
    if (cause.code !== 'certificate-rejected') return { kind: 'unseen', cause };
    return { kind: 'untrusted', cause, facts: await presented(parts, url, attempt) };
  }
}

/** What an untrusted side presents, to be shown and nothing else: the connection is closed after the handshake. */
async function presented(
  parts: ProofParts,
  url: URL,
  { settings, signal }: Try,
): Promise<Extract<Encryption, { kind: 'untrusted' }>['facts']> {
  // No certificate of ours: it is not for a side that nobody vouches for.
  const { minVersion, maxVersion, ciphers, servername } = settings.options;
  const options = {
    minVersion,
    maxVersion,
    ciphers,
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
  };
  try {
    return await factsOf(parts, url, { settings: { ...settings, options, pins: [], client: null }, signal });
  } catch {
    return null; // it was only to be shown
  }
}

async function factsOf(
  { config, ports }: ProofParts,
  url: URL,
  { settings, signal }: Try,
): Promise<Awaited<ReturnType<typeof openSocket>>['facts']> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (PORTS[url.protocol] ?? 443) : Number(url.port);
  const proxy = await resolveProxy(config, { host, port, isEncrypted: true }, ports);
  const limits = { clock: ports.clock, timeoutMs: config.gateway.connection.timeout_ms, signal };
  const { socket, facts } = await openSocket({ host, port, tls: settings, proxy }, limits);
  socket.destroy();
  return facts;
}

function causeOf(error: unknown): ReturnType<typeof dialFailure> {
  const cause = dialFailure(error);
  if (cause.code === 'internal') throw error;
  return cause;
}
