import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { RouterError } from '../../../shared/model/errors';
import type { Clock } from '../ports';

/** A door on this machine that one answer comes in through (RFC 8252 section 7.3). */
export interface LoopbackRedirect {
  readonly uri: string;
  /** The parameters of the answer that carries the state; everything else is turned away. */
  answer(state: string, signal: AbortSignal): Promise<URLSearchParams>;
  close(): Promise<void>;
}

/** How long a person has to sign in (mcp-notes 1.7). */
const SIGN_IN_LIMIT_MS = 600_000;
const HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'content-security-policy': "default-src 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  connection: 'close',
};

/** Listens on a free port of 127.0.0.1. `path` is unguessable or belongs to one identity provider. */
export async function openLoopbackRedirect(path: string, clock: Clock): Promise<LoopbackRedirect> {
  const server = createServer({ maxHeaderSize: 16_384 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on a port has no other address
  const origin = `http://127.0.0.1:${String(port)}`;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const answer = (state: string, signal: AbortSignal): Promise<URLSearchParams> =>
    new Promise((resolve, reject) => {
      const timer = clock.after(SIGN_IN_LIMIT_MS, () => {
        reject(new RouterError('sign-in-needed', 'nobody signed in within ten minutes'));
      });
      signal.addEventListener('abort', () => {
        timer.cancel();
        reject(new RouterError('sign-in-needed', 'signing in was given up'));
      });
      server.on('request', (request, response) => {
        const url = new URL(request.url ?? '/', origin);
        // Another host name means that a web page of somebody else found the port (DNS rebinding).
        const isOurs =
          request.method === 'GET' && url.pathname === path && request.headers.host === new URL(origin).host;
        if (!isOurs || url.searchParams.get('state') !== state) {
          response.writeHead(404, HEADERS).end('Nothing is here.\n');
          return;
        }
        timer.cancel();
        response.writeHead(200, HEADERS).end('You can close this page and return to MCP Router.\n', () => {
          resolve(url.searchParams);
        });
      });
    });
  return { uri: `${origin}${path}`, answer, close };
}
