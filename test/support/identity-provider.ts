import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';

import { Provider, type ProviderContext } from 'oidc-provider';

import type { KeyedCertificate } from './certificates';
import { ChangeSignal } from './change-signal';
import type { GatewayAuth } from './gateway/authenticate';

/** The client secret of every confidential client; a canary that must turn up nowhere. */
export const CLIENT_SECRET = 'canary-client-secret-0123456789abcdef';
export const PASSWORD = 'canary-password-0123456789';
/** What tokens are for, and what the gateway demands as their audience. */
export const RESOURCE = 'https://gateway.example/mcp';

/** One request to the token endpoint as the provider saw it. */
export interface TokenExchange {
  readonly status: number;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly hasBasic: boolean;
}

export interface IdentityProviderOptions {
  readonly tls: KeyedCertificate;
  /** Of access tokens, in seconds. */
  readonly lifetime?: number;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

const clients = [
  {
    client_id: 'service',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  {
    client_id: 'service-post',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  },
  {
    client_id: 'person',
    grant_types: ['refresh_token', 'password'],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  { client_id: 'app', grant_types: ['refresh_token', 'password'], token_endpoint_auth_method: 'none' },
].map((client) => ({
  ...client,
  ...(client.token_endpoint_auth_method === 'none' ? {} : { client_secret: CLIENT_SECRET }),
  redirect_uris: [],
  response_types: [],
}));

/** Registered by hand for a program on the person's machine, on any port of it. */
function nativeClient(issuer: string): object {
  const folder = createHash('sha256').update(issuer).digest('hex').slice(0, 16);
  return {
    client_id: 'native',
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [`http://127.0.0.1/callback/${folder}`],
    token_endpoint_auth_method: 'none',
  };
}

/** A real OAuth 2 and OpenID provider with TLS on loopback. */
export class IdentityProvider {
  readonly exchanges: TokenExchange[] = [];
  /** What it answered; holds tokens. */
  readonly answers: Readonly<Record<string, unknown>>[] = [];
  /** Seen before it is answered. */
  started = 0;
  lifetime: number;
  /** Of its one person. */
  password = PASSWORD;
  /** Every token request waits for it, so that a test decides what happens meanwhile. */
  gate: Promise<void> = Promise.resolve();
  private readonly grants: { readonly client: string; readonly id: string }[] = [];
  private readonly changes = new ChangeSignal();
  private readonly sockets = new Set<Socket>();
  private provider: Provider | undefined;

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    private readonly publicKeyPem: string,
    lifetime: number,
  ) {
    this.lifetime = lifetime;
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  static async start({ tls, lifetime = 3600, port = 0 }: IdentityProviderOptions): Promise<IdentityProvider> {
    const server = createServer({ cert: tls.certificatePem, key: tls.privateKeyPem });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const started = new IdentityProvider(server, `https://localhost:${address.port}`, pem, lifetime);
    started.provide(privateKey.export({ format: 'jwk' }));
    return started;
  }

  get tokenEndpoint(): string {
    return `${this.issuer}/token`;
  }

  /** What a gateway must be told to accept the tokens of this provider. */
  get gatewayAuth(): GatewayAuth {
    return { kind: 'jwt', publicKeyPem: this.publicKeyPem, issuer: this.issuer, audience: RESOURCE };
  }

  async until(name: string, condition: () => boolean): Promise<void> {
    await this.changes.until(name, condition);
  }

  /** Ends every sign-in of that client. */
  async revokeAll(clientId: string): Promise<void> {
    for (const { client, id } of this.grants) {
      if (client === clientId) await this.running.RefreshToken.revokeByGrantId(id);
    }
  }

  /** A refresh token as a person would get it by signing in. */
  async signIn(clientId = 'person'): Promise<string> {
    const { Grant, RefreshToken, Client } = this.running;
    const grant = new Grant({ accountId: 'tester', clientId });
    grant.addOIDCScope('openid offline_access');
    grant.addResourceScope(RESOURCE, 'mcp:read mcp:write');
    const grantId = await grant.save();
    this.grants.push({ client: clientId, id: grantId });
    return new RefreshToken({
      accountId: 'tester',
      client: await Client.find(clientId),
      grantId,
      gty: 'authorization_code',
      scope: 'openid offline_access mcp:read mcp:write',
      resource: RESOURCE,
    }).save();
  }

  /** The secrets that this client may present from now on, as during an overlap at the identity provider. */
  async acceptSecrets(clientId: string, ...secrets: readonly string[]): Promise<void> {
    const client = await this.running.Client.find(clientId);
    client.compareClientSecret = (actual) => secrets.includes(actual);
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private get running(): Provider {
    if (this.provider === undefined) throw new Error('not started');
    return this.provider;
  }

  private provide(key: object): void {
    const provider = new Provider(this.issuer, {
      clients: [...clients, nativeClient(this.issuer)],
      pkce: { required: () => true },
      jwks: { keys: [{ ...key, alg: 'RS256', use: 'sig', kid: 'test' }] },
      scopes: ['openid', 'offline_access', 'mcp:read', 'mcp:write'],
      rotateRefreshToken: true,
      cookies: { keys: ['cookie-key-of-the-test'] },
      findAccount: (_context: unknown, accountId: string) => ({
        accountId,
        claims: () => ({ sub: accountId }),
      }),
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: true },
        registration: { enabled: true },
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => RESOURCE,
          useGrantedResource: () => true,
          getResourceServerInfo: () => this.resourceServer(),
        },
      },
    });
    provider.registerGrantType('password', (context) => this.passwordGrant(context), [
      'username',
      'password',
      'scope',
      'resource',
    ]);
    provider.use((context, next) => this.watch(context, next));
    this.provider = provider;
    this.server.on('request', provider.callback());
  }

  private resourceServer(): object {
    return {
      scope: 'mcp:read mcp:write',
      audience: RESOURCE,
      accessTokenTTL: this.lifetime,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'RS256' } },
    };
  }

  private async watch(context: ProviderContext, next: () => Promise<void>): Promise<void> {
    if (context.path !== '/token') return next();
    this.started += 1;
    this.changes.changed();
    await this.gate;
    await next();
    const hasBasic = context.headers['authorization']?.startsWith('Basic ') ?? false;
    this.exchanges.push({ status: context.status, parameters: { ...context.oidc.body }, hasBasic });
    this.answers.push({ ...(typeof context.body === 'object' ? context.body : {}) });
    this.changes.changed();
  }

  private async passwordGrant(context: ProviderContext): Promise<void> {
    const { params, client } = context.oidc;
    if (params['username'] !== 'tester' || params['password'] !== this.password) {
      Object.assign(context, { status: 400, body: { error: 'invalid_grant' } });
      return;
    }
    const { AccessToken, ResourceServer } = this.running;
    const token = new AccessToken({ accountId: 'tester', client, gty: 'password', scope: params['scope'] });
    token.resourceServer = new ResourceServer(RESOURCE, this.resourceServer());
    context.oidc.entity('AccessToken', token);
    context.body = {
      access_token: await token.save(),
      token_type: 'Bearer',
      expires_in: this.lifetime,
      refresh_token: await this.signIn(client.clientId),
    };
  }
}
