import { canary, keyMarks, marksOf, type Mark } from '../canary/canary';
import { createAuthority } from '../certificates';
import { IdentityProvider } from '../identity-provider';
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
  /** What must turn up nowhere, besides the canaries that it uses. */
  marks(): readonly Mark[];
  stop(): Promise<void>;
}

export type Credential = 'bearer' | 'mtls' | 'client-credentials' | 'authorization-code';

const clients = createAuthority('Client authority');
const nothing = (): Promise<void> => Promise.resolve();
const none = (): readonly Mark[] => [];

/** Makes what a cell needs; files go into the home. */
export function proofOf(credential: Credential, home: TemporaryHome): Promise<Proof> {
  return makers[credential](home);
}

const makers: Readonly<Record<Credential, (home: TemporaryHome) => Promise<Proof>>> = {
  bearer: () => {
    const token = canary('token-env');
    return Promise.resolve({
      demand: { auth: { kind: 'tokens', tokens: [token] }, clientAuthorityPem: null },
      auth: '{ type: bearer, token_env: MY_TOKEN }',
      variables: { MY_TOKEN: token },
      marks: none,
      stop: nothing,
    });
  },
  mtls: (home) => {
    const pair = clients.issueClient({ commonName: 'router' });
    const certificate = home.write('client.pem', pair.certificatePem, 0o644);
    const key = home.write('client.key', pair.privateKeyPem);
    return Promise.resolve({
      demand: { auth: { kind: 'none' }, clientAuthorityPem: clients.certificatePem },
      auth: `{ type: mtls, client_cert: ${certificate}, client_key: ${key} }`,
      variables: {},
      marks: () => keyMarks('the client key', pair.privateKeyPem),
      stop: nothing,
    });
  },
  'client-credentials': async (home) => {
    const provider = await IdentityProvider.start({ tls: providerTls });
    const secret = canary('client-secret');
    await provider.acceptSecrets('service', secret);
    const ids = `client_id: service, client_secret_env: CLIENT_SECRET, token_endpoint: "${provider.tokenEndpoint}"`;
    return {
      demand: { auth: provider.gatewayAuth, clientAuthorityPem: null },
      auth: `{ type: oauth2, ${ids}, scopes: ["mcp:read"], ${trust(home)} }`,
      variables: { CLIENT_SECRET: secret },
      provider,
      marks: () => tokenMarks(provider),
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
      marks: () => tokenMarks(provider),
      stop: () => provider.stop(),
    };
  },
};

/** Marks of every token that the identity provider gave out. */
export const tokenMarks = (provider: IdentityProvider): readonly Mark[] =>
  provider.answers.flatMap((answer) =>
    ['access_token', 'refresh_token', 'id_token'].flatMap((name) => {
      const token = answer[name];
      return typeof token === 'string' ? marksOf(name, token) : [];
    }),
  );

const trust = (home: TemporaryHome): string =>
  `tls: { ca_cert_path: ${home.write('idp-ca.pem', providerAuthority.certificatePem, 0o644)} }`;
