import { createServer, type Server, type Socket } from 'node:net';

import { RouterError } from '../../../shared/model/errors';
import { errorReply } from '../jsonrpc/message';
import type { Clock } from '../ports';

import { serveStream, type StreamServices } from './stream-door';

const FAREWELL_MS = 1000;

/** A local socket that serves clients of the same user. */
export interface SocketListener {
  /** Stops accepting; sessions that are open are closed by the router. */
  close(): Promise<void>;
}

/**
 * Listens on a Unix socket or named pipe. Whoever may open the path may speak: the folder's mode is the guard,
 * and the platform sets it before.
 *
 * @throws the system's error when the path cannot be bound
 */
export function listenOnSocket(path: string, services: StreamServices): Promise<SocketListener> {
  const silent = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void whenItSpeaks(socket, silent, services);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, readableAll: false, writableAll: false }, () => {
      server.removeListener('error', reject);
      // From here on an error is one client that could not be accepted, as when the files of the process run out.
      server.on('error', (error) => {
        services.logger.error('a local client could not be accepted', { error: error.message });
      });
      resolve({ close: () => closed(server, silent) });
    });
  });
}

/**
 * Programs look whether somebody listens here. Only a client that says something costs a session and a connection to
 * the gateway; of those that say nothing there may be as many as sessions.
 */
async function whenItSpeaks(socket: Socket, silent: Set<Socket>, services: StreamServices): Promise<void> {
  if (silent.size >= services.local().max_sessions) {
    turnAway(socket, new RouterError('session-limit', 'too many clients say nothing'), services.clock);
    return;
  }
  silent.add(socket);
  await new Promise<void>((resolve) => {
    socket.once('readable', resolve);
    socket.once('close', resolve);
    // For ever: an error event without a listener would end the process; `close` follows.
    socket.on('error', () => undefined);
  });
  silent.delete(socket);
  if (socket.destroyed) return;
  if (socket.readableLength === 0) socket.destroy();
  else await serve(socket, services);
}

async function serve(socket: Socket, services: StreamServices): Promise<void> {
  try {
    await serveStream({ kind: 'socket', input: socket, output: socket }, services);
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    turnAway(socket, error, services.clock);
  }
}

/** Says why there is no session. Whether the client listens or not, the socket is gone soon. */
function turnAway(socket: Socket, { code, detail }: RouterError, clock: Clock): void {
  const farewell = clock.after(FAREWELL_MS, () => {
    socket.destroy();
  });
  socket.once('close', () => {
    farewell.cancel();
  });
  socket.on('error', () => socket.destroy());
  socket.resume();
  const limit = code === 'session-limit' ? { limit: 'local.max_sessions' } : {};
  socket.end(Buffer.concat([errorReply(null, { code, detail, ...limit }), Buffer.from('\n')]));
}

const closed = (server: Server, silent: ReadonlySet<Socket>): Promise<void> =>
  new Promise((resolve) => {
    for (const socket of silent) socket.destroy();
    server.close(() => {
      resolve();
    });
  });
