import type { Socket } from 'node:net';

import { RouterError } from '../../../shared/model/errors';

import { encrypt, openPlain } from './raw-socket';
import type { Secret } from './secret';
import type { TlsOptions } from './tls';

/** An HTTP proxy that tunnels with CONNECT (RFC 9110 section 9.3.6). */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** For `https://` proxies; null speaks plain HTTP to the proxy. */
  readonly tls: TlsOptions | null;
  /** `user:password` for the Basic scheme; null without authentication. */
  readonly login: Secret | null;
}

/** A longer answer to CONNECT is refused. */
const MAX_HEAD_BYTES = 16 * 1024;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/**
 * Opens a tunnel through the proxy to a host and port; what is written to the socket then goes there.
 *
 * @throws RouterError (proxy-refused, gateway-unreachable) or the system's error
 */
export async function openTunnel(
  proxy: Proxy,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Socket> {
  const plain = await openPlain(proxy.host, proxy.port, signal);
  const socket =
    proxy.tls === null
      ? plain
      : await encrypt(plain, { host: proxy.host, tls: proxy.tls, protocol: 'http/1.1' }, signal);
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const authority = `${host}:${String(target.port)}`;
  const login =
    proxy.login === null
      ? ''
      : `Proxy-Authorization: Basic ${Buffer.from(proxy.login.reveal()).toString('base64')}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${login}\r\n`);
  const head = await readHead(socket, signal);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? '0');
  if (status >= 200 && status < 300) return socket;
  socket.destroy();
  if (status === 407) throw new RouterError('proxy-refused', 'it asks for another user name or password');
  if (status >= 500)
    throw new RouterError('gateway-unreachable', `the proxy answered HTTP status ${String(status)}`);
  throw new RouterError(
    'proxy-refused',
    status === 0 ? 'it is no HTTP proxy' : `HTTP status ${String(status)}`,
  );
}

/** Reads the answer up to the empty line; what follows it stays in the socket. */
function readHead(socket: Socket, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const settle = (finish: () => void): void => {
      socket.off('data', onData);
      socket.off('error', fail);
      socket.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (error: unknown): void => {
      settle(() => {
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error instanceof Error ? error : new RouterError('gateway-unreachable', 'given up'));
      });
    };
    const onAbort = (): void => {
      fail(signal.reason);
    };
    const onClose = (): void => {
      fail(new RouterError('gateway-unreachable', 'the proxy closed the connection'));
    };
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0 && head.length > MAX_HEAD_BYTES)
        fail(new RouterError('proxy-refused', 'its answer is too long'));
      if (end < 0) return;
      settle(() => {
        socket.pause();
        const rest = head.subarray(end + END_OF_HEAD.length);
        if (rest.length > 0) socket.unshift(rest);
        resolve(head.toString('latin1', 0, end));
      });
    };
    socket.on('data', onData);
    socket.on('error', fail);
    socket.on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
