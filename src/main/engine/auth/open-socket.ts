import { connect, type Socket } from 'node:net';

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
  const { host, port, tls } = target;
  limits.signal.throwIfAborted();
  if (tls === null) return { socket: await openPlain(host, port, limits), facts: null };
  const { timeoutMs, signal } = limits;
  const alpnProtocols = ['http/1.1'];
  const { socket, facts } = await connectTls({ host, port, settings: tls, timeoutMs, signal, alpnProtocols });
  socket.setNoDelay(true);
  return { socket, facts };
}

function openPlain(host: string, port: number, { clock, timeoutMs, signal }: OpenLimits): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
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
