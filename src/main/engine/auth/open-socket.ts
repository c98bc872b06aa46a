import type { LookupFunction, Socket } from 'node:net';

import { RouterError } from '../../../shared/model/errors';
import type { TlsFacts } from '../../../shared/model/status';
import type { Clock } from '../ports';

import { KEEP_ALIVE_MS, openPlain } from './plain-socket';
import { openTunnel, type Proxy } from './proxy-tunnel';
import type { TlsSettings } from './tls';
import { connectTls } from './tls-connect';

/** Where a socket leads. */
export interface SocketTarget {
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null for a plain connection. */
  readonly tls: TlsSettings | null;
  /** Null for a direct connection. There is no way from the one to the other: a proxy that fails is a failure. */
  readonly proxy: Proxy | null;
  /** Looks the name up in place of the system; the socket goes to what it answers and nowhere else. A proxy looks itself. */
  readonly lookup?: LookupFunction | undefined;
  /** Offered through ALPN, such as `http/1.1`. */
  readonly alpnProtocols?: readonly string[];
}

/** Limits of opening a socket. */
export interface OpenLimits {
  readonly clock: Clock;
  /** Address lookup, TCP, proxy and TLS together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A connected socket, and what TLS proved; null on a plain one. It keeps a listener for errors. */
export interface OpenSocket {
  readonly socket: Socket;
  readonly facts: TlsFacts | null;
}

/**
 * Opens a connected, and where asked for encrypted and checked, socket: the one place where connections begin. TLS to
 * the target runs inside the proxy's tunnel and is judged there exactly as without one.
 *
 * @throws ProxyLegError, RouterError of `openTunnel` and `connectTls`, gateway-unreachable, or the system's error
 */
export async function openSocket(target: SocketTarget, limits: OpenLimits): Promise<OpenSocket> {
  const { signal: wanted, clock, timeoutMs } = limits;
  wanted.throwIfAborted();
  const attempt = new AbortController();
  const giveUp = (): void => {
    attempt.abort(wanted.reason);
  };
  wanted.addEventListener('abort', giveUp, { once: true });
  const timer = clock.after(timeoutMs, () => {
    attempt.abort(new RouterError('gateway-unreachable', 'no answer in time'));
  });
  try {
    return await open(target, timeoutMs, attempt.signal);
  } finally {
    timer.cancel();
    wanted.removeEventListener('abort', giveUp);
  }
}

async function open(target: SocketTarget, timeoutMs: number, signal: AbortSignal): Promise<OpenSocket> {
  const { host, port, tls, proxy, lookup, alpnProtocols } = target;
  const through = proxy === null ? undefined : await openTunnel(proxy, target, { timeoutMs, signal });
  if (tls === null)
    return { socket: through ?? (await openPlain({ host, port, lookup }, signal)), facts: null };
  try {
    const connection = await connectTls({
      host,
      port,
      lookup,
      settings: tls,
      timeoutMs,
      signal,
      ...(through === undefined ? {} : { through }),
      ...(alpnProtocols === undefined ? {} : { alpnProtocols }),
    });
    connection.socket.setNoDelay(true);
    connection.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return connection;
  } catch (error) {
    // It may have been given up before TLS took the tunnel over.
    through?.destroy();
    throw error;
  }
}
