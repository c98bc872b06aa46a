import type { Socket } from 'node:net';

import { RouterError } from '../../../shared/model/errors';
import type { Clock } from '../ports';

import { openTunnel, type Proxy } from './proxy-tunnel';
import { encrypt, openPlain } from './raw-socket';
import type { TlsOptions } from './tls';

/** Where a socket leads, and how. */
export interface SocketTarget {
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null for a plain connection. */
  readonly tls: TlsOptions | null;
  /** Null for a direct connection. */
  readonly proxy: Proxy | null;
  /** What is spoken inside TLS (ALPN); undefined offers nothing. */
  readonly protocol?: string;
}

/** Limits of opening a socket. */
export interface OpenLimits {
  readonly clock: Clock;
  /** Address lookup, TCP, proxy and TLS together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a connected, and where asked for encrypted, socket.
 *
 * @throws RouterError (gateway-unreachable, proxy-refused) or the system's error
 */
export async function openSocket(target: SocketTarget, limits: OpenLimits): Promise<Socket> {
  const abort = new AbortController();
  const giveUp = (): void => {
    abort.abort(limits.signal.reason);
  };
  limits.signal.throwIfAborted();
  limits.signal.addEventListener('abort', giveUp, { once: true });
  const timer = limits.clock.after(limits.timeoutMs, () => {
    abort.abort(new RouterError('gateway-unreachable', 'no answer in time'));
  });
  try {
    const { host, port, tls, proxy, protocol } = target;
    const plain =
      proxy === null
        ? await openPlain(host, port, abort.signal)
        : await openTunnel(proxy, { host, port }, abort.signal);
    return tls === null ? plain : await encrypt(plain, { host, tls, protocol }, abort.signal);
  } finally {
    timer.cancel();
    limits.signal.removeEventListener('abort', giveUp);
  }
}
