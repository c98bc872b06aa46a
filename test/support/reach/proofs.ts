import { createAuthority } from '../certificates';
import { CLIENT_SECRET, IdentityProvider } from '../identity-provider';
import { providerAuthority, providerTls } from '../oauth-bench';
import type { TemporaryHome } from '../router-process';

import type { Demand } from './peers';

/** How the router proves who it is: what the other side demands, and the lines and variables that satisfy it. */
export interface Proof {
  readonly demand: Demand;
  /** The value of `gateway.auth`, in one line of YAML. */
  readonly auth: string;
  readonly variables: Readonly<Record<string, string>>;
  /** There where tokens come from an identity provider. */
  readonly provider?: IdentityProvider;
  stop(): Promise<void>;
}

export type Credential = 'bearer' | 'mtls' | 'client-credentials' | 'authorization-code';

const clients = createAuthority('Client authority');
const TOKEN = 'matrix-token-0123456789';
const nothing = (): Promise<void> => Promise.resolve();

/** Makes what a cell needs; files go into the home. */
export function proofOf(credential: Credential, home: TemporaryHome): Promise<Proof> {
  return makers[credential](home);
}

const makers: Readonly<Record<Credential, (home: TemporaryHome) => Promise<Proof>>> = {
  bearer: () =>
    Promise.resolve({
      demand: { auth: { kind: 'tokens', tokens: [TOKEN] }, clientAuthorityPem: null },
      auth: '{ type: bearer, token_env: MY_TOKEN }',
      variables: { MY_TOKEN: TOKEN },
      stop: nothing,
    }),
  mtls: (home) => {
    const pair = clients.issueClient({ commonName: 'router' });
    const certificate = home.write('client.pem', pair.certificatePem, 0o644);
    const key = home.write('client.key', pair.privateKeyPem);
    return Promise.resolve({
      demand: { auth: { kind: 'none' }, clientAuthorityPem: clients.certificatePem },
      auth: `{ type: mtls, client_cert: ${certificate}, client_key: ${key} }`,
      variables: {},
      stop: nothing,
    });
  },
  'client-credentials': async (home) => {
    const provider = await IdentityProvider.start({ tls: providerTls });
    const ids = `client_id: service, client_secret_env: CLIENT_SECRET, token_endpoint: "${provider.tokenEndpoint}"`;
    return {
      demand: { auth: provider.gatewayAuth, clientAuthorityPem: null },
      auth: `{ type: oauth2, ${ids}, scopes: ["mcp:read"], ${trust(home)} }`,
      variables: { CLIENT_SECRET },
      provider,
      stop: () => provider.stop(),
    };
  },
  'authorization-code': async (home) => {
    const provider = await IdentityProvider.start({ tls: providerTls });
    return {
      demand: { auth: provider.gatewayAuth, clientAuthorityPem: null },
      auth: `{ type: oauth2, grant_type: authorization_code, ${trust(home)} }`,
      variables: {},
      provider,
      stop: () => provider.stop(),
    };
  },
};

const trust = (home: TemporaryHome): string =>
  `tls: { ca_cert_path: ${home.write('idp-ca.pem', providerAuthority.certificatePem, 0o644)} }`;
