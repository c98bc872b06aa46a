import type { Socket } from 'node:net';

import { RouterError } from '../../../shared/model/errors';
import type { ProxyTarget } from '../../../shared/model/no-proxy';
import type { ProxyAddress } from '../../../shared/model/proxy-choice';

import { ConnectAnswerReader, type ConnectAnswer } from './connect-answer';
import { openPlain } from './plain-socket';
import type { Secret } from './secret';
import type { TlsSettings } from './tls';
import { connectTls } from './tls-connect';

/** An HTTP proxy that a connection goes through. */
export interface Proxy {
  readonly address: ProxyAddress;
  /** For a proxy that is itself reached over TLS; null speaks plain HTTP to it. */
  readonly tls: TlsSettings | null;
  /** What stands behind `Basic`; null without authentication. */
  readonly login: Secret | null;
}

/** Which proxy leads to a target; null: directly. Throws RouterError when one is named and cannot be used. */
export type ProxyFor = (target: ProxyTarget) => Promise<Proxy | null>;

/** The proxy itself could not be reached, or not safely. `cause` says why; `dialFailure` puts it into words. */
export class ProxyLegError extends Error {
  override readonly name = 'ProxyLegError';

  constructor(cause: unknown) {
    super('no connection to the proxy', { cause });
  }
}

/** Limits of opening a tunnel. */
export interface TunnelLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a tunnel through the proxy (CONNECT, RFC 9110 section 9.3.6); what is written to the socket then reaches the
 * target. The name of the target is looked up by the proxy. A failed try leaves nothing open.
 *
 * @throws ProxyLegError, or RouterError proxy-refused, proxy-auth-failed, proxy-unreachable, gateway-unreachable
 */
export async function openTunnel(
  proxy: Proxy,
  target: Pick<ProxyTarget, 'host' | 'port'>,
  limits: TunnelLimits,
): Promise<Socket> {
  const request = connectRequest(target, proxy.login);
  const socket = await reachProxy(proxy, limits);
  try {
    socket.write(request);
    const answer = await readAnswer(socket, limits.signal);
    if (answer.kind !== 'open') throw refusal(answer, proxy.login !== null);
    if (answer.rest.length > 0) socket.unshift(answer.rest);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function reachProxy({ address, tls }: Proxy, { timeoutMs, signal }: TunnelLimits): Promise<Socket> {
  const { host, port } = address;
  try {
    if (tls === null) return await openPlain({ host, port }, signal);
    const alpnProtocols = ['http/1.1'];
    const { socket } = await connectTls({ host, port, settings: tls, timeoutMs, signal, alpnProtocols });
    return socket;
  } catch (error) {
    throw new ProxyLegError(error);
  }
}

/** Nothing but the target and our name for the proxy: the gateway's credential travels inside the tunnel alone. */
function connectRequest({ host, port }: Pick<ProxyTarget, 'host' | 'port'>, login: Secret | null): string {
  const name = host.includes(':') ? `[${host}]` : host;
  // Names come out of a URL parser; that none of them ends the line is not left to it.
  if (!/^[\x21-\x7e]+$/.test(name)) throw new RouterError('config-invalid', 'gateway.url has no usable host');
  const authority = `${name}:${String(port)}`;
  const authorization =
    login === null
      ? ''
      : `Proxy-Authorization: Basic ${Buffer.from(login.reveal(), 'utf8').toString('base64')}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`;
}

/**
 * Reads with `readable`, not `data`: once that listener is gone, the socket flows for its next owner just as a new one
 * would.
 */
function readAnswer(socket: Socket, signal: AbortSignal): Promise<ConnectAnswer> {
  const reader = new ConnectAnswerReader();
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      socket.off('readable', onReadable);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
      socket.off('error', onError);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (error: Error): void => {
      settle(() => {
        reject(error);
      });
    };
    const onError = (error: Error): void => {
      fail(new ProxyLegError(error));
    };
    const onEnd = (): void => {
      fail(new RouterError('proxy-unreachable', 'it closed the connection without an answer'));
    };
    const onAbort = (): void => {
      fail(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const onReadable = (): void => {
      for (let chunk = next(socket); chunk !== null; chunk = next(socket)) {
        const answer = reader.push(chunk);
        if (answer.kind === 'unfinished') continue;
        settle(() => {
          resolve(answer);
        });
        return;
      }
    };
    socket.on('readable', onReadable);
    socket.once('end', onEnd);
    socket.once('close', onEnd);
    socket.once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function next(socket: Socket): Buffer | null {
  const chunk: unknown = socket.read();
  return Buffer.isBuffer(chunk) ? chunk : null;
}

/** What a proxy said in place of opening the tunnel. Its own words are not repeated. */
function refusal(answer: Exclude<ConnectAnswer, { kind: 'open' }>, hadLogin: boolean): RouterError {
  if (answer.kind !== 'refused') {
    return new RouterError('proxy-refused', answer.kind === 'unreadable' ? answer.detail : 'no answer');
  }
  const { status, acceptsBasic } = answer;
  const shown = `HTTP status ${String(status)}`;
  if (status === 407) return new RouterError('proxy-auth-failed', loginProblem(acceptsBasic, hadLogin));
  if (status === 502 || status === 504) {
    return new RouterError('gateway-unreachable', `the proxy cannot connect to it: ${shown}`);
  }
  if (status >= 500 || status === 408 || status === 429) {
    return new RouterError('proxy-unreachable', `it opens no tunnel at the moment: ${shown}`);
  }
  return new RouterError('proxy-refused', shown);
}

function loginProblem(acceptsBasic: boolean, hadLogin: boolean): string {
  if (!acceptsBasic)
    return 'HTTP status 407; it accepts other schemes than Basic only, which are not supported';
  return hadLogin
    ? 'HTTP status 407; it does not accept this user name and password'
    : 'HTTP status 407; it asks for a user name and password';
}
