import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureVersion } from 'node:tls';

import { createAuthority, type KeyedCertificate } from './certificates';
import type { FakeMachine } from './engine-client';
import type { Gateway } from './gateway/gateway';
import { CLIENT_SECRET, IdentityProvider, PASSWORD } from './identity-provider';
import { SessionBench } from './session-bench';

/** Signs the identity provider's certificates. */
export const providerAuthority = createAuthority('Identity provider authority');
/** For `localhost`. */
export const providerTls = providerAuthority.issueServer({ hosts: ['localhost'] });
/** Where a machine of {@link oauthMachine} has that authority. */
export const PROVIDER_CA = '/idp-ca.pem';

/** A machine that has what the identity provider asks for: OAUTH_CLIENT_SECRET and MY_PASSWORD. */
export function oauthMachine(more: FakeMachine = {}): FakeMachine {
  return {
    ...more,
    variables: { OAUTH_CLIENT_SECRET: CLIENT_SECRET, MY_PASSWORD: PASSWORD, ...more.variables },
    files: { [PROVIDER_CA]: { kind: 'found', value: providerAuthority.certificatePem }, ...more.files },
  };
}

/** A gateway that believes one identity provider, and token endpoints that misbehave as a test wants. */
export class OAuthBench {
  private readonly closing: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly sessions: SessionBench,
    readonly provider: IdentityProvider,
  ) {}

  static async start(): Promise<OAuthBench> {
    const sessions = await SessionBench.start();
    const provider = await IdentityProvider.start({ tls: providerTls });
    await sessions.gateway.restart({ auth: provider.gatewayAuth });
    return new OAuthBench(sessions, provider);
  }

  get gateway(): Gateway {
    return this.sessions.gateway;
  }

  /** Keys of `gateway` for client credentials, with changes below `auth`. */
  keys(changes: object = {}): Record<string, unknown> {
    return {
      auth: {
        type: 'oauth2',
        client_id: 'service',
        client_secret_env: 'OAUTH_CLIENT_SECRET',
        token_endpoint: this.provider.tokenEndpoint,
        tls: { ca_cert_path: PROVIDER_CA },
        ...changes,
      },
    };
  }

  /** A token endpoint that answers as the test wants; returns its address. */
  async startEndpoint(
    answer: RequestListener,
    certificate: KeyedCertificate = providerTls,
    maxVersion: SecureVersion = 'TLSv1.3',
  ): Promise<string> {
    const { certificatePem: cert, privateKeyPem: key } = certificate;
    const server = createServer({ cert, key, maxVersion }, answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.closing.push(() => {
      server.closeAllConnections();
      server.close();
      return once(server, 'close');
    });
    const { port } = server.address() as AddressInfo; // a server that listens on a port has no other address
    return `https://localhost:${String(port)}/token`;
  }

  async stop(): Promise<void> {
    await this.sessions.stop();
    await this.provider.stop();
    await Promise.all(this.closing.map((close) => close()));
  }
}
