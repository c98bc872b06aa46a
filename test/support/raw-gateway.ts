import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type WebSocket } from 'ws';

import { isJsonObject, parseJson } from './gateway/json';

/** What is done with one upgrade; the connections are numbered from 1. */
export interface RawConnection {
  readonly number: number;
  readonly socket: Duplex;
  /** Answers the upgrade, and after it whatever bytes are given, in one and the same write. */
  accept(after?: Buffer): void;
  /** Answers the upgrade, and every request with an empty result. */
  serve(): WebSocket;
}

/** RFC 6455 section 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A peer whose bytes the test decides, for what no well-behaved WebSocket library would do. */
export class RawGateway {
  readonly served: WebSocket[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  private count = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
    });
  }

  static async start(onUpgrade: (connection: RawConnection) => void): Promise<RawGateway> {
    const gateway = new RawGateway(createServer());
    gateway.server.on('upgrade', (request, socket, head) => {
      gateway.count += 1;
      onUpgrade({
        number: gateway.count,
        socket,
        accept: (after = Buffer.alloc(0)) => {
          const key = request.headers['sec-websocket-key'] ?? '';
          const proof = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
          const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`;
          socket.write(Buffer.concat([Buffer.from(head), after]));
        },
        serve: () => gateway.serve(request, socket, head),
      });
    });
    gateway.server.listen(0, '127.0.0.1');
    await once(gateway.server, 'listening');
    return gateway;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
    return `ws://127.0.0.1:${String(address.port)}/`;
  }

  /** How many upgrades there were. */
  get upgrades(): number {
    return this.count;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private serve(...upgrade: Parameters<RawGateway['answerUpgrade']>): WebSocket {
    const webSocket = this.answerUpgrade(...upgrade);
    this.served.push(webSocket);
    webSocket.on('error', () => {
      webSocket.terminate();
    });
    webSocket.on('message', (data: Buffer) => {
      const frame = parseJson(data.toString());
      const payload = isJsonObject(frame) ? frame['mcp_payload'] : undefined;
      if (!isJsonObject(payload) || payload['id'] === undefined) return;
      webSocket.send(JSON.stringify({ jsonrpc: '2.0', id: payload['id'], result: {} }));
    });
    return webSocket;
  }

  private answerUpgrade(
    ...[request, socket, head]: [Parameters<WebSocketServer['handleUpgrade']>[0], Duplex, Buffer]
  ): WebSocket {
    const opened: WebSocket[] = [];
    this.webSockets.handleUpgrade(request, socket, head, (webSocket) => opened.push(webSocket));
    const [webSocket] = opened;
    if (webSocket === undefined) throw new Error('the upgrade was refused');
    return webSocket;
  }
}

/** A text frame of a server: not masked, in one piece. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('longer than a short frame');
  return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
}

/** A close frame of a server. */
export function closeFrame(code: number): Buffer {
  return Buffer.from([0x88, 0x02, code >> 8, code & 0xff]);
}
