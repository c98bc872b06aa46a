import { createPublicKey } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';

import type { TlsSuite } from '../../../shared/model/gateway-settings';
import { RouterError } from '../../../shared/model/errors';
import type { TlsFacts } from '../../../shared/model/status';

import { presentedPins } from './pins';
import { tlsFacts, type TlsSettings } from './tls';

/** Where to, and what must be true of it before a byte of ours is sent. */
export interface TlsTarget {
  readonly host: string;
  readonly port: number;
  readonly settings: TlsSettings;
  /** For address lookup, TCP and TLS together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** A stream that leads to the host already, such as a tunnel through a proxy; without it TCP is opened here. */
  readonly through?: Duplex;
  /** Looks the name up in place of the system. */
  readonly lookup?: LookupFunction | undefined;
  /** Offered through ALPN, such as `http/1.1`. */
  readonly alpnProtocols?: readonly string[];
}

/** A connection that was checked and is open, and what was found out about it. */
export interface TlsConnection {
  readonly socket: TLSSocket;
  readonly facts: TlsFacts;
}

/**
 * Opens TCP and TLS, and hands the socket over when certificate, version, suite and pins were all found good; until
 * then nothing of ours but the handshake has been sent. A failed or aborted try leaves nothing open. The socket keeps
 * a listener for errors, so that one between here and the new owner cannot end the process.
 *
 * @throws RouterError gateway-unreachable, cipher-rejected, pin-mismatch, tls-version-rejected; system and TLS errors,
 *   which `dialFailure` names; the reason of `signal`
 */
export async function connectTls(target: TlsTarget): Promise<TlsConnection> {
  const { host, port, settings, through, lookup, alpnProtocols, signal } = target;
  signal.throwIfAborted();
  const socket = connect({
    ...settings.options,
    host,
    port,
    ...(through === undefined ? {} : { socket: through }),
    ...(lookup === undefined ? {} : { lookup }),
    ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
  });
  socket.on('error', ignoreHere);
  try {
    await secured(socket, target);
    return { socket, facts: checked(socket, settings) };
  } catch (error) {
    socket.destroy();
    through?.destroy();
    forgetErrors();
    throw error;
  }
}

/**
 * Electron's BoringSSL leaves an error of a refused handshake behind, which the next computation (reading a key, for
 * one) would report as its own.
 */
function forgetErrors(): void {
  try {
    createPublicKey('');
  } catch (error) {
    // It always throws; what counts is that no older error is left when it has.
    if (!(error instanceof Error)) throw error;
  }
}

/** Who owns the socket has listeners of its own. */
const ignoreHere = (): void => undefined;

function secured(socket: TLSSocket, { timeoutMs, signal }: TlsTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      finish(() => {
        reject(new RouterError('gateway-unreachable', 'no answer in time'));
      });
    }, timeoutMs);
    const finish = (settle: () => void): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', aborted);
      socket.off('secureConnect', opened);
      socket.off('error', failed);
      socket.off('close', closed);
      settle();
    };
    const opened = (): void => {
      finish(resolve);
    };
    const failed = (error: Error): void => {
      finish(() => {
        reject(error);
      });
    };
    const closed = (): void => {
      failed(new RouterError('gateway-unreachable', 'the connection was closed during the handshake'));
    };
    const aborted = (): void => {
      finish(() => {
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      });
    };
    signal.addEventListener('abort', aborted, { once: true });
    socket.once('secureConnect', opened);
    socket.once('error', failed);
    socket.once('close', closed);
  });
}

/** Version, suite and pins of an established connection; OpenSSL has checked the certificate before. */
function checked(socket: TLSSocket, settings: TlsSettings): TlsFacts {
  const facts = tlsFacts(socket, settings.client);
  const { minVersion } = settings.options;
  if (facts.protocol !== 'TLSv1.3' && facts.protocol !== minVersion) {
    throw new RouterError('tls-version-rejected', facts.protocol);
  }
  const suites: ReadonlySet<string> = new Set<TlsSuite>(settings.suites);
  if (!suites.has(facts.cipher)) {
    throw new RouterError(
      'cipher-rejected',
      `it chose ${facts.cipher}; allowed: ${settings.suites.join(', ')}`,
    );
  }
  requirePin(socket, settings.pins);
  return facts;
}

function requirePin(socket: TLSSocket, pins: readonly string[]): void {
  if (pins.length === 0) return;
  const presented = presentedPins(socket);
  if (presented.some((pin) => pins.includes(pin))) return;
  const shown = presented.length === 0 ? 'none' : presented.join(', ');
  throw new RouterError('pin-mismatch', `expected ${pins.join(' or ')}; presented ${shown}`);
}
