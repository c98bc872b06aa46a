import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { StreamTestClient, type FakeMachine } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { CLIENT_SECRET, IdentityProvider, PASSWORD, RESOURCE } from '../support/identity-provider';
import { SessionBench } from '../support/session-bench';

const authority = createAuthority('Identity provider authority');
const CA = '/idp-ca.pem';

let bench: SessionBench;
let gateway: Gateway;
let provider: IdentityProvider;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
  provider = await IdentityProvider.start({ tls: authority.issueServer({ hosts: ['localhost'] }) });
  await gateway.restart({ auth: provider.gatewayAuth });
});

afterEach(async () => {
  await bench.stop();
  await provider.stop();
});

const machine = (more: FakeMachine = {}): FakeMachine => ({
  ...more,
  variables: { OAUTH_CLIENT_SECRET: CLIENT_SECRET, PASSWORD, ...more.variables },
  files: { [CA]: { kind: 'found', value: authority.certificatePem }, ...more.files },
});

const oauth = (keys: object = {}): Record<string, unknown> => ({
  auth: {
    type: 'oauth2',
    client_id: 'service',
    client_secret_env: 'OAUTH_CLIENT_SECRET',
    token_endpoint: provider.tokenEndpoint,
    tls: { ca_cert_path: CA },
    ...keys,
  },
});

describe('client credentials', () => {
  it('give a token that opens the gateway, in the header and not in the envelope', async () => {
    expect(await bench.settle(oauth({ scopes: ['mcp:read', 'mcp:write'] }), machine())).toMatchObject({
      name: 'connected',
    });
    const { host } = new URL(provider.issuer);
    expect(bench.under.engine.status().credential).toEqual({ source: 'oauth2', name: `service @ ${host}` });
    expect(provider.exchanges).toMatchObject([
      {
        status: 200,
        hasBasic: true,
        parameters: { grant_type: 'client_credentials', scope: 'mcp:read mcp:write' },
      },
    ]);
    const client = new StreamTestClient(bench.under.engine);
    client.request(1, 'm');
    await client.reply(1);
    expect(gateway.recording.requests()[0]?.envelope?.authToken).toBeNull();
    expect(gateway.recording.upgrades.every(({ hasAuthorization }) => hasAuthorization)).toBe(true);
    expect(provider.exchanges).toHaveLength(1);
  });
});
