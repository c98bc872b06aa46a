import { connect, type LookupFunction, type Socket } from 'node:net';

import { RouterError } from '../../../shared/model/errors';

/** How long a connection is silent before the kernel asks whether the other host is still there. */
export const KEEP_ALIVE_MS = 30_000;

/** Where to. */
export interface PlainTarget {
  readonly host: string;
  readonly port: number;
  /** Looks the name up in place of the system. */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * Opens a TCP connection. A failed or aborted try leaves nothing open.
 *
 * @throws the system's error, the RouterError that is the reason of `signal`, or gateway-unreachable
 */
export function openPlain({ host, port, lookup }: PlainTarget, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    ...(lookup === undefined ? {} : { lookup }),
  });
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
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
      const given: unknown = signal.reason;
      fail(given instanceof RouterError ? given : new RouterError('gateway-unreachable', 'given up'));
    };
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
