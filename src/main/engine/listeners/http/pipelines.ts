import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that wait on one connection for the answers before them. No client of today sends any. */
const MAX_PIPELINED = 8;

/**
 * Node tells only the response whose turn it is that the connection is gone; those behind it would wait for ever. Here
 * each hears of it.
 */
export class Pipelines {
  private readonly open = new WeakMap<Socket, Set<ServerResponse>>();

  /** False: there are too many, and the connection was ended. */
  follow({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const responses = this.open.get(socket) ?? this.begun(socket);
    responses.add(response);
    response.once('close', () => {
      responses.delete(response);
    });
    if (responses.size <= MAX_PIPELINED) return true;
    socket.destroy();
    return false;
  }

  private begun(socket: Socket): Set<ServerResponse> {
    const responses = new Set<ServerResponse>();
    this.open.set(socket, responses);
    socket.once('close', () => {
      for (const response of responses) {
        response.destroy();
        response.emit('close');
      }
    });
    return responses;
  }
}
