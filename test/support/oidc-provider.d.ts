/** The part of oidc-provider that the tests use; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface ProviderContext {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly headers: Readonly<Record<string, string | undefined>>;
    body: unknown;
    readonly oidc: {
      readonly route?: string;
      readonly body?: Readonly<Record<string, string | undefined>>;
      readonly params: Readonly<Record<string, string | undefined>>;
      readonly client: ProviderClient;
      entity(name: string, value: object): void;
    };
  }

  export interface ProviderClient {
    readonly clientId: string;
    compareClientSecret(actual: string): boolean;
  }

  export interface ProviderToken {
    resourceServer?: object;
    save(): Promise<string>;
  }

  export interface ProviderGrant {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    proxy: boolean;
    readonly Client: { find(id: string): Promise<ProviderClient> };
    readonly Grant: new (properties: object) => ProviderGrant;
    readonly RefreshToken: (new (properties: object) => ProviderToken) & {
      revokeByGrantId(id: string): Promise<void>;
    };
    readonly AccessToken: new (properties: object) => ProviderToken;
    readonly ResourceServer: new (resource: string, info: object) => object;
    use(middleware: (context: ProviderContext, next: () => Promise<void>) => Promise<void>): void;
    registerGrantType(
      name: string,
      handler: (context: ProviderContext) => Promise<void>,
      parameters: readonly string[],
    ): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}
