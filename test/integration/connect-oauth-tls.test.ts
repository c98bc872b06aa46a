import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Gateway } from '../support/gateway/gateway';
import type { IdentityProvider } from '../support/identity-provider';
import {
  OAuthBench,
  oauthMachine as machine,
  PROVIDER_CA as CA,
  providerAuthority as authority,
  providerTls as tls,
} from '../support/oauth-bench';
import type { SessionBench } from '../support/session-bench';

let oauthBench: OAuthBench;
let bench: SessionBench;
let gateway: Gateway;
let provider: IdentityProvider;

beforeEach(async () => {
  oauthBench = await OAuthBench.start();
  ({ sessions: bench, gateway, provider } = oauthBench);
});

afterEach(() => oauthBench.stop());

const oauth = (changes: object = {}): Record<string, unknown> => oauthBench.keys(changes);

describe('TLS to the identity provider', () => {
  const untrusted = { name: 'failed', cause: { code: 'oauth-untrusted' } };

  it('SEC-41 is verified with the roots of gateway.auth.tls, and gateway.tls does not matter', async () => {
    const gatewayTls = { tls: { ca_cert_path: CA, verify: false } };
    expect(await bench.settle({ ...oauth({ tls: {} }), ...gatewayTls }, machine())).toMatchObject(untrusted);
    expect(provider.started).toBe(0);
  });

  it.each([
    ['another host', () => authority.issueServer({ hosts: ['elsewhere.example'] }), {}],
    [
      'yesterday',
      () => authority.issueServer({ hosts: ['localhost'], notAfter: new Date(Date.now() - 1000) }),
      {},
    ],
  ])('SEC-41 refuses a certificate of %s before anything is sent', async (_which, certificate) => {
    let requests = 0;
    const endpoint = await oauthBench.startEndpoint((_request, response) => {
      requests += 1;
      response.end();
    }, certificate());
    expect(await bench.settle(oauth({ token_endpoint: endpoint }), machine())).toMatchObject(untrusted);
    expect(requests).toBe(0);
  });

  it('SEC-41 demands TLS 1.3 unless gateway.auth.tls.min_version says 1.2', async () => {
    const endpoint = await oauthBench.startEndpoint(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ access_token: 'opaque-1', token_type: 'Bearer' }));
      },
      tls,
      'TLSv1.2',
    );
    await gateway.restart({ auth: { kind: 'tokens', tokens: ['opaque-1'] } });
    expect(await bench.settle(oauth({ token_endpoint: endpoint }), machine())).toMatchObject(untrusted);
    await bench.under.engine.stop();
    const older = oauth({ token_endpoint: endpoint, tls: { ca_cert_path: CA, min_version: '1.2' } });
    expect(await bench.settle(older, machine())).toMatchObject({ name: 'connected' });
  });

  it('looks for server_name in the certificate', async () => {
    const endpoint = await oauthBench.startEndpoint(
      (_request, response) => response.end(),
      authority.issueServer({ hosts: ['idp.example'] }),
    );
    const keys = { token_endpoint: endpoint, tls: { ca_cert_path: CA, server_name: 'idp.example' } };
    const state = await bench.settle(oauth(keys), machine());
    expect(state).toMatchObject({ name: 'waiting', cause: { code: 'oauth-misbehaved' } });
  });

  it('shows as degraded while verify is off', async () => {
    expect(await bench.settle(oauth({ tls: { verify: false } }), machine())).toMatchObject({
      name: 'connected',
    });
    expect(bench.under.engine.status().degradations).toMatchObject([{ code: 'provider-verification-off' }]);
  });

  it('a file of authorities that is not there is said by its key', async () => {
    const state = await bench.settle(oauth({ tls: { ca_cert_path: '/none.pem' } }), machine());
    expect(state).toMatchObject(untrusted);
    expect(state.name === 'failed' && state.cause.detail).toContain(
      'gateway.auth.tls.ca_cert_path: there is no file /none.pem',
    );
  });
});
