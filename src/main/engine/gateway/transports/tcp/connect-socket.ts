import { connect, type Socket } from 'node:net';

import { RouterError } from '../../../../../shared/model/errors';
import type { TlsFacts } from '../../../../../shared/model/status';
import type { TlsSettings } from '../../../auth/tls';
import { connectTls } from '../../../auth/tls-connect';

import type { TcpAddress } from './address';

/** What it takes to connect. */
export interface SocketRequest {
  readonly address: TcpAddress;
  readonly tlsSettings: (host: string) => Promise<TlsSettings>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A connected socket that does not flow yet, and what its handshake proved. */
export interface OpenedSocket {
  readonly socket: Socket;
  readonly tls: TlsFacts | null;
}

/**
 * Connects, and with TLS finishes the handshake.
 *
 * @throws a system error, or RouterError of `tlsSettings` and `connectTls`
 */
export async function connectSocket(request: SocketRequest): Promise<OpenedSocket> {
  const { host, port, isEncrypted } = request.address;
  const { signal, timeoutMs } = request;
  if (isEncrypted) {
    const settings = await request.tlsSettings(host);
    const { socket, facts } = await connectTls({ host, port, settings, timeoutMs, signal });
    socket.setNoDelay(true);
    socket.pause();
    return { socket, tls: facts };
  }
  signal.throwIfAborted();
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  await opened(socket, signal);
  return { socket, tls: null };
}

function opened(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy();
      reject(new RouterError('gateway-unreachable', 'no answer in time'));
    };
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', abort);
      finish();
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      socket.pause();
      settle(resolve);
    });
    // Stays for the socket's whole life: an error event without a listener would end the process.
    socket.on('error', (error) => {
      settle(() => {
        reject(error);
      });
    });
    socket.once('close', () => {
      settle(() => {
        reject(new RouterError('gateway-unreachable', 'the connection was closed'));
      });
    });
  });
}
