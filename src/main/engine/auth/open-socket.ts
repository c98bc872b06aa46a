import { connect, type LookupFunction, type Socket } from 'node:net';

import { RouterError } from '../../../shared/model/errors';
import type { TlsFacts } from '../../../shared/model/status';
import type { Clock } from '../ports';

import type { TlsSettings } from './tls';
import { connectTls } from './tls-connect';

/** Where a socket leads. */
export interface SocketTarget {
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null for a plain connection. */
  readonly tls: TlsSettings | null;
  /** Looks the name up in place of the system; the socket goes to what it answers and nowhere else. */
  readonly lookup?: LookupFunction | undefined;
}

/** Limits of opening a socket. */
export interface OpenLimits {
  readonly clock: Clock;
  /** Address lookup, TCP and TLS together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A connected socket for HTTP/1.1, and what TLS proved; null on a plain one. */
export interface OpenSocket {
  readonly socket: Socket;
  readonly facts: TlsFacts | null;
}

/**
 * Opens a connected, and where asked for encrypted and checked, socket.
 *
 * @throws RouterError of `connectTls`, gateway-unreachable, or the system's error
 */
export async function openSocket(target: SocketTarget, limits: OpenLimits): Promise<OpenSocket> {
  const { host, port, tls, lookup } = target;
  limits.signal.throwIfAborted();
  if (tls === null) return { socket: await openPlain(target, limits), facts: null };
  const { timeoutMs, signal } = limits;
  const alpnProtocols = ['http/1.1'];
  const { socket, facts } = await connectTls({
    ...{ host, port, lookup, settings: tls },
    ...{ timeoutMs, signal, alpnProtocols },
  });
  socket.setNoDelay(true);
  return { socket, facts };
}

function openPlain(
  { host, port, lookup }: SocketTarget,
  { clock, timeoutMs, signal }: OpenLimits,
): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, ...(lookup === undefined ? {} : { lookup }) });
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (error: Error): void => {
      settle(() => {
        socket.destroy();
        reject(error);
      });
    };
    const onAbort = (): void => {
      fail(new RouterError('gateway-unreachable', 'given up'));
    };
    const timer = clock.after(timeoutMs, () => {
      fail(new RouterError('gateway-unreachable', 'no answer in time'));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      settle(() => {
        resolve(socket);
      });
    });
    // Stays for the socket's whole life: an error event without a listener would end the process.
    socket.on('error', fail);
  });
}
