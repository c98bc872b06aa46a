import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import { RouterError } from '../../../shared/model/errors';

import type { TlsOptions } from './tls';

/** Opens a TCP connection. Throws the system's error, or the reason of the signal. */
export function openPlain(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectPlain({ host, port, noDelay: true, keepAlive: true });
  return whenReady(socket, 'connect', signal);
}

interface Encryption {
  readonly host: string;
  readonly tls: TlsOptions;
  readonly protocol?: string | undefined;
}

/** Speaks TLS on a connected socket. */
export function encrypt(
  socket: Socket,
  { host, tls, protocol }: Encryption,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const name = tls.servername ?? (isIP(host) === 0 ? host : undefined);
  const secured = connectTls({
    ...tls,
    socket,
    host,
    ...(name === undefined ? {} : { servername: name }),
    ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
  });
  return whenReady(secured, 'secureConnect', signal);
}

/** Waits for the event; an error, an early end or the signal destroys the socket. */
function whenReady<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      socket.off('close', onClose);
      finish();
    };
    const fail = (error: unknown): void => {
      settle(() => {
        // The socket may still report an error of its own while it is torn down.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error instanceof Error ? error : new RouterError('gateway-unreachable', 'given up'));
      });
    };
    const onAbort = (): void => {
      fail(signal.reason);
    };
    const onError = (error: Error): void => {
      fail(error);
    };
    const onClose = (): void => {
      fail(new RouterError('gateway-unreachable', 'the connection was closed'));
    };
    socket.once(event, () => {
      settle(() => {
        resolve(socket);
      });
    });
    socket.on('error', onError);
    socket.on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
