import { decodeJwt } from 'jose';

import { ChangeSignal } from './change-signal';
import { authenticate } from './gateway/authenticate';
import type { IdentityProvider } from './identity-provider';
import { providerTls } from './oauth-bench';
import type { RecordedRequest } from './recorded-http-server';
import { SdkServer, type Refusal } from './sdk-server';

/** A real MCP server behind tokens of a real identity provider, as MCP's authorization has it; for `localhost`. */
export class ProtectedServer {
  /** Tools that need `mcp:write`, or the scopes that a test puts here. */
  readonly needs = new Map([['progress', 'mcp:write']]);
  /** Streams for what the server tells of its own accord that were let in. */
  private streams = 0;
  private readonly changes = new ChangeSignal();
  private readonly seen = new Set<string>();
  private refused: ReadonlySet<string> = new Set();
  private refusesAll = false;

  private constructor(private readonly provider: IdentityProvider) {}

  private running: SdkServer | undefined;

  static async start(provider: IdentityProvider): Promise<ProtectedServer> {
    const server = new ProtectedServer(provider);
    server.running = await SdkServer.start({
      hasSessions: true,
      answersJson: false,
      certificate: providerTls,
      refuse: (request) => server.judge(request),
      documents: () => ({
        '/meta': {
          resource: server.url,
          authorization_servers: [provider.issuer],
          scopes_supported: ['mcp:read'],
        },
      }),
    });
    return server;
  }

  get sdk(): SdkServer {
    if (this.running === undefined) throw new Error('not started');
    return this.running;
  }

  get url(): string {
    return this.sdk.http.urlFor('/mcp', 'localhost');
  }

  /** Ends every token that was used so far. */
  endTokens(): void {
    this.refused = new Set(this.seen);
  }

  /** Takes no token any more. */
  refuseAll(): void {
    this.refusesAll = true;
  }

  /** How often the tool was asked for. */
  calls(tool: string): number {
    return this.sdk.http.posts(`"name":"${tool}"`).length;
  }

  /** Resolves when a client has opened everything that it opens by itself. */
  async listening(): Promise<void> {
    await this.changes.until('the stream of the session', () => this.streams > 0);
  }

  stop(): Promise<void> {
    return this.sdk.stop();
  }

  private async judge({ method, headers, body }: RecordedRequest): Promise<Refusal | null> {
    const metadata = `resource_metadata="${this.sdk.http.urlFor('/meta', 'localhost')}"`;
    const token = headers.authorization?.slice('Bearer '.length) ?? '';
    const verdict = await authenticate(this.provider.gatewayAuth, headers.authorization, new Date());
    if (verdict.kind !== 'accepted' || this.refusesAll || this.refused.has(token)) {
      return { status: 401, challenge: `Bearer ${metadata}` };
    }
    this.seen.add(token);
    const { scope } = decodeJwt<{ scope?: string }>(token);
    const granted = (scope ?? '').split(' ');
    const tool = /"name":"(\w+)"/.exec(body)?.[1] ?? '';
    const needed = (this.needs.get(tool) ?? '').split(' ').filter((scope) => scope !== '');
    if (needed.every((scope) => granted.includes(scope))) {
      if (method === 'GET' && headers['mcp-session-id'] !== undefined) {
        this.streams += 1;
        this.changes.changed();
      }
      return null;
    }
    return {
      status: 403,
      challenge: `Bearer error="insufficient_scope", scope="${needed.join(' ')}", ${metadata}`,
    };
  }
}
