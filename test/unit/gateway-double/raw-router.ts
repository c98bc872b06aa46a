import type { IncomingMessage } from 'node:http';
import type { ClientOptions } from 'ws';
import { WebSocket } from 'ws';
import { ChangeSignal } from '../../support/change-signal';
import { isJsonObject, parseJson, rawMembers } from '../../support/gateway/json';

/** The refusal of an upgrade. */
export interface Refused {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** A router that does exactly what the test says and nothing else. */
export class RawRouter {
  readonly frames: string[] = [];
  readonly binaryFrames: Buffer[] = [];
  readonly pongs: string[] = [];
  pings = 0;
  close: { readonly code: number; readonly reason: string } | null = null;
  readonly #socket: WebSocket;
  readonly #changes = new ChangeSignal();
  #read = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.binaryFrames.push(data);
      else this.frames.push(data.toString());
      this.#changes.changed();
    });
    socket.on('pong', (data) => {
      this.pongs.push(data.toString());
      this.#changes.changed();
    });
    socket.on('ping', () => {
      this.pings += 1;
      this.#changes.changed();
    });
    socket.on('close', (code, reason) => {
      this.close = { code, reason: reason.toString() };
      this.#changes.changed();
    });
    socket.on('error', () => {
      socket.terminate();
    });
  }

  static async connect(url: string, options: ClientOptions = {}): Promise<RawRouter> {
    const outcome = await attempt(url, options);
    if (outcome instanceof WebSocket) return new RawRouter(outcome);
    throw new Error(`refused with ${outcome.status}: ${outcome.body}`);
  }

  /** Sends an envelope around a payload. */
  send(payload: unknown, { namespace = 'system', id }: { namespace?: string; id?: unknown } = {}): void {
    const payloadId = isJsonObject(payload) ? (payload['id'] ?? null) : null;
    this.sendText(
      JSON.stringify({
        id: id === undefined ? payloadId : id,
        timestamp: '2026-01-02T03:04:05Z',
        source: 'local-router',
        ...(namespace === '' ? {} : { target_namespace: namespace }),
        mcp_payload: payload,
      }),
    );
  }

  /** Sends a frame as it is: text, or bytes for a binary one. */
  sendText(frame: string | Buffer): void {
    this.#socket.send(frame);
  }

  /** Sends a request and gives the payload text of the next frame. */
  async call(method: string, params: unknown = {}, id: unknown = 1): Promise<string> {
    this.send({ jsonrpc: '2.0', id, method, params });
    return this.nextPayload();
  }

  ping(payload = ''): void {
    this.#socket.ping(payload);
  }

  leave(): void {
    this.#socket.close(1000);
  }

  vanish(): void {
    this.#socket.terminate();
  }

  async until(name: string, condition: (router: this) => boolean): Promise<void> {
    return this.#changes.until(name, () => condition(this));
  }

  async nextFrame(): Promise<string> {
    await this.until('a frame', () => this.frames.length > this.#read);
    const frame = this.frames[this.#read] ?? '';
    this.#read += 1;
    return frame;
  }

  async nextPayload(): Promise<string> {
    return rawMembers(await this.nextFrame()).get('mcp_payload') ?? 'no payload';
  }

  async nextError(): Promise<string> {
    return errorOf(await this.nextPayload());
  }
}

/** The error message of a reply. */
export function errorOf(payload: string): string {
  const reply = parseJson(payload);
  const error = isJsonObject(reply) ? reply['error'] : undefined;
  return isJsonObject(error) && typeof error['message'] === 'string' ? error['message'] : 'no error';
}

/** An upgrade: the open socket, or the refusal. Rejects when there is no answer at all. */
export async function attempt(url: string, options: ClientOptions = {}): Promise<WebSocket | Refused> {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  return new Promise((resolve, reject) => {
    socket.once('upgrade', () => {
      resolve(socket);
    });
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
      });
    });
  });
}

/** An upgrade that must be refused. */
export async function refusal(url: string, options: ClientOptions = {}): Promise<Refused> {
  const outcome = await attempt(url, options);
  if (!(outcome instanceof WebSocket)) return outcome;
  outcome.terminate();
  throw new Error('the upgrade was accepted');
}
