import { createHash } from 'node:crypto';

import type { TokenHolder, TokenHolders } from '../../src/main/engine/ports';

import { EngineUnderTest, parseReply, testConfig, type Reply } from './engine-client';
import { rawHttp, type RawAnswer } from './raw-http';

/** Tokens in memory, in place of the file of the platform. */
export class HeldTokens implements TokenHolders {
  private holders: readonly TokenHolder[] = [];
  private readonly listeners = new Set<() => void>();

  /** The token of this client from now on. */
  give(name: string, token = `token-of-${name}`): string {
    const tokenHash = createHash('sha256').update(token).digest('hex');
    this.holders = [...this.holders, { name, tokenHash }];
    return token;
  }

  revoke(name: string): void {
    this.holders = this.holders.filter((holder) => holder.name !== name);
    for (const listener of this.listeners) listener();
  }

  current(): readonly TokenHolder[] {
    return this.holders;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}

/** What a raw POST is made of; the default is one that is let in. */
export interface RawPost {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

/** An engine whose HTTP address is open, and a token for it. */
export class DoorBench extends EngineUnderTest {
  readonly tokens = new HeldTokens();
  readonly token = this.tokens.give('first');
  private opened = '';

  static async start(url: string, changes: Record<string, unknown> = {}): Promise<DoorBench> {
    const { local, ...others } = changes;
    const own = { http: { address: '127.0.0.1:0', ...httpOf(local) } };
    const bench = new DoorBench(testConfig(url, { ...others, local: { ...asRecord(local), ...own } }));
    bench.engine.start();
    await bench.engine.listenOnHttp(bench.tokens);
    const [event] = bench.kinds('listener-opened');
    bench.opened = event?.kind === 'listener-opened' ? event.address : '';
    return bench;
  }

  get url(): URL {
    return new URL(`http://${this.opened}/mcp`);
  }

  get port(): number {
    return Number(this.url.port);
  }

  /** What every POST of a client has. */
  headers(token = this.token): Record<string, string> {
    return {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
  }

  /** One request, byte for byte, after which the connection is closed. */
  raw({ method = 'POST', target = '/mcp', headers = {}, body = '' }: RawPost = {}): Promise<RawAnswer> {
    const all: Record<string, string | undefined> = {
      host: `127.0.0.1:${String(this.port)}`,
      connection: 'close',
      ...this.headers(),
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    };
    const lines = Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}\r\n`],
    );
    return rawHttp(this.port, `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  }

  /** Opens a session; the headers of what follows in it. */
  async session(token = this.token, version = '2025-06-18'): Promise<Record<string, string>> {
    const params = { ...initialize.params, protocolVersion: version };
    const response = await this.post({ ...initialize, params }, {}, token);
    await response.text();
    const id = response.headers.get('mcp-session-id');
    if (id === null) throw new Error(`no session: ${String(response.status)}`);
    const headers = { 'mcp-session-id': id, 'mcp-protocol-version': version };
    await (await this.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers, token)).text();
    return headers;
  }

  post(message: object, headers: Record<string, string> = {}, token = this.token): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers: { ...this.headers(token), ...headers },
      body: JSON.stringify(message),
    });
  }

  stop(): Promise<void> {
    return this.engine.stop();
  }
}

/** The one message of an answer that is JSON. */
export const replyOf = async (response: Response): Promise<Reply> => parseReply(await response.text());

/** A request. */
export const ask = (id: number | string, method: string, params: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

export const initialize = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'raw client', version: '1' },
  },
} as const;

/** A call of a tool. */
export const call = (id: number | string, name: string, args: object = {}, meta?: object): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) },
});

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const httpOf = (local: unknown): Record<string, unknown> => asRecord(asRecord(local)['http']);
