import { Agent, type ClientRequest, type ClientRequestArgs, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A server; an IPv6 address without brackets. */
export interface HttpTarget {
  readonly host: string;
  readonly port: number;
}

/** Opens a connected, and for `https:` checked, socket. */
export type OpenHttpSocket = (target: HttpTarget) => Promise<Socket>;

type Opened = (error: Error | null, socket: Duplex) => void;

/** How long a free connection is kept when the server says nothing of it. */
const DEFAULT_KEEP_ALIVE_MS = 4000;
/** A server that promises a longer keep-alive is not believed: what sits between may forget the connection. */
const MAX_KEEP_ALIVE_MS = 30_000;
/** We part before the server does, or a request would meet a connection that is just being closed. */
const KEEP_ALIVE_MARGIN_MS = 2000;

/**
 * Keeps connections for further requests, and gets new ones from `open` alone, so that nothing goes around a proxy or
 * the checks of TLS.
 */
export class HttpAgent extends Agent {
  private readonly keptMs = new WeakMap<Duplex, number>();

  constructor(
    scheme: 'http:' | 'https:',
    private readonly open: OpenHttpSocket,
  ) {
    super({ keepAlive: true });
    // What Node asks of an agent for this scheme; declared nowhere.
    Object.assign(this, { protocol: scheme, defaultPort: scheme === 'https:' ? 443 : 80 });
  }

  /** Learns from an answer how long the server keeps its connection. */
  heed({ socket, headers }: IncomingMessage): void {
    const seconds = /timeout=(\d+)/.exec(String(headers['keep-alive'] ?? ''))?.[1];
    if (seconds === undefined) this.keptMs.delete(socket);
    else this.keptMs.set(socket, Math.min(Number(seconds) * 1000 - KEEP_ALIVE_MARGIN_MS, MAX_KEEP_ALIVE_MS));
  }

  override createConnection({ host, port }: ClientRequestArgs, opened?: Opened): undefined {
    this.open({ host: host ?? '', port: Number(port) }).then(
      (socket) => opened?.(null, socket),
      (error: unknown) => {
        const failure = error instanceof Error ? error : new Error('no connection', { cause: error });
        // With an error Node looks at no socket; its type wants one.
        opened?.(failure, new Socket());
      },
    );
    return undefined;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const keptMs = this.keptMs.get(socket) ?? DEFAULT_KEEP_ALIVE_MS;
    if (!(socket instanceof Socket) || keptMs <= 0) return false;
    socket.unref();
    socket.setTimeout(keptMs);
    socket.on('data', closeUnasked);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', closeUnasked);
    if (socket instanceof Socket) socket.setTimeout(0);
    super.reuseSocket(socket, request);
  }
}

/** An answer that nobody asked for must not become the answer to the next request. */
function closeUnasked(this: Duplex): void {
  this.destroy();
}
