import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectEncrypted, TLSSocket } from 'node:tls';

import type { GatewayConfig } from '../../../../../shared/model/config';
import { RouterError } from '../../../../../shared/model/errors';
import type { TlsFacts } from '../../../../../shared/model/status';
import { tlsFacts, tlsOptions } from '../../../auth/tls';
import type { CredentialFiles } from '../../../ports';

import type { TcpAddress } from './address';

/** What it takes to connect. */
export interface SocketRequest {
  readonly address: TcpAddress;
  readonly tls: GatewayConfig['tls'];
  readonly files: CredentialFiles;
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
 * @throws a system error, or RouterError trust-file-unreadable
 */
export async function connectSocket({ address, tls, files, signal }: SocketRequest): Promise<OpenedSocket> {
  const { host, port, isEncrypted } = address;
  const options = isEncrypted ? await tlsOptions(tls, host, files) : undefined;
  signal.throwIfAborted();
  const socket =
    options === undefined ? connectPlain({ host, port }) : connectEncrypted({ host, port, ...options });
  socket.setNoDelay(true);
  await opened(socket, signal);
  return { socket, tls: socket instanceof TLSSocket ? tlsFacts(socket) : null };
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
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
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
