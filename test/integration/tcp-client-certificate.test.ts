import { afterEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import type { FakeMachine } from '../support/engine-client';
import { TcpBench } from '../support/tcp-bench';

let bench: TcpBench;

afterEach(() => bench.stop());

const authority = createAuthority('Server authority');
const clients = createAuthority('Client authority');
const tls = {
  ...authority.issueServer({ hosts: ['localhost'] }),
  clientAuthorityPem: clients.certificatePem,
};
const ours = clients.issueClient({ commonName: 'router' });
const strange = createAuthority('Other authority').issueClient({ commonName: 'router' });
const machine = (pair: { certificatePem: string; privateKeyPem: string }): FakeMachine => ({
  files: {
    '/ca.pem': { kind: 'found', value: authority.certificatePem },
    '/client.pem': { kind: 'found', value: pair.certificatePem },
    '/client.key': { kind: 'found', value: pair.privateKeyPem },
  },
});
const withCertificate = {
  auth: { type: 'mtls', client_cert: '/client.pem', client_key: '/client.key' },
  tls: { ca_cert_path: '/ca.pem' },
};

describe('a client certificate on TCP', () => {
  it('is presented, and messages travel bare', async () => {
    bench = await TcpBench.start({ mode: 'live', agreedVersion: 1, tls });
    expect(await bench.settle(withCertificate, machine(ours))).toMatchObject({
      name: 'connected',
      tls: { client: { subject: 'router' } },
    });
    expect(bench.gateway.frames.map(({ type }) => type)).toEqual([6]);
  });

  it.each([
    [
      'of an authority that the gateway does not know',
      withCertificate,
      /client-certificate-refused|gateway-unreachable/,
    ],
    [
      'that is not there',
      { ...withCertificate, auth: { type: 'none' } },
      /client-certificate-missing|gateway-unreachable/,
    ],
  ])('SEC-33 %s is refused, and nothing counts as connected', async (_name, keys, code) => {
    bench = await TcpBench.start({ mode: 'live', agreedVersion: 1, tls });
    const state = await bench.settle(keys, machine(strange));
    // A gateway that hangs up at once may reset the connection before its alert is read.
    expect('cause' in state && state.cause.code).toMatch(code);
    expect(bench.gateway.frames).toEqual([]);
  });
});
