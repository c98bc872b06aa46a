import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority, selfSigned } from '../support/certificates';
import type { FakeMachine } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
let gateway: Gateway;

const authority = createAuthority('Test authority');
const hosts = ['localhost', '127.0.0.1'];
const good = authority.issueServer({ hosts });
const HOUR = 3_600_000;

const trustFile = (pem: string): NonNullable<FakeMachine['files']> => ({
  '/ca.pem': { kind: 'found', value: pem },
});
const tlsGateway = (pair: { certificatePem: string; privateKeyPem: string }, versions = {}): Promise<void> =>
  gateway.restart({ tls: { ...pair, ...versions } });

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
});

afterEach(() => bench.stop());

describe('TLS', () => {
  const withCa = { auth: { type: 'none' }, tls: { ca_cert_path: '/ca.pem' } };

  it('SEC-01 connects when the private authority is trusted, and shows what was proven', async () => {
    await tlsGateway(good);
    const state = await bench.settle(withCa, { files: trustFile(authority.certificatePem) });
    expect(state).toMatchObject({
      name: 'connected',
      tls: { protocol: 'TLSv1.3', isVerified: true, subject: 'localhost', issuer: 'Test authority' },
    });
    expect(bench.under.engine.status()).toMatchObject({ shown: 'connected', cause: null, degradations: [] });
  });

  const refused: readonly [string, () => { certificatePem: string; privateKeyPem: string }, string][] = [
    ['a private authority that nobody trusted', () => good, 'not trusted here'],
    ['a self-signed certificate', () => selfSigned({ hosts }), 'self-signed'],
    ['another authority', () => createAuthority('Other').issueServer({ hosts }), 'not trusted here'],
    ['another host', () => authority.issueServer({ hosts: ['elsewhere.example'] }), 'another host'],
    [
      'an expired certificate',
      () =>
        authority.issueServer({
          hosts,
          notBefore: new Date(Date.now() - 2 * HOUR),
          notAfter: new Date(Date.now() - HOUR),
        }),
      'has expired',
    ],
    [
      'one that is not valid yet',
      () =>
        authority.issueServer({
          hosts,
          notBefore: new Date(Date.now() + HOUR),
          notAfter: new Date(Date.now() + 2 * HOUR),
        }),
      'not valid yet',
    ],
  ];

  it.each(refused)(
    'SEC-01 refuses %s, says why, and does not try again',
    async (name, certificate, detail) => {
      await tlsGateway(certificate());
      const trusts = name === 'a private authority that nobody trusted' ? { auth: { type: 'none' } } : withCa;
      const state = await bench.settle(trusts, { files: trustFile(authority.certificatePem) });
      expect(state).toMatchObject({ name: 'failed', cause: { code: 'certificate-rejected' } });
      expect(state.name === 'failed' && state.cause.detail).toContain(detail);
      expect(gateway.recording.upgrades).toEqual([]);
      expect(bench.under.kinds('certificate-rejected')).toHaveLength(1);
    },
  );

  it('SEC-02 refuses a server that stops at TLS 1.2, unless min_version says 1.2', async () => {
    await tlsGateway(good, { maxVersion: 'TLSv1.2' });
    const machine = { files: trustFile(authority.certificatePem) };
    expect(await bench.settle(withCa, machine)).toMatchObject({
      name: 'failed',
      cause: { code: 'tls-version-rejected' },
    });
    await bench.under.engine.stop();
    const relaxed = { auth: { type: 'none' }, tls: { ca_cert_path: '/ca.pem', min_version: '1.2' } };
    expect(await bench.settle(relaxed, machine)).toMatchObject({
      name: 'connected',
      tls: { protocol: 'TLSv1.2' },
    });
  });

  it('takes server_name for SNI and for the check', async () => {
    await tlsGateway(authority.issueServer({ hosts: ['gateway.example'] }));
    const machine = { files: trustFile(authority.certificatePem) };
    const named = {
      auth: { type: 'none' },
      tls: { ca_cert_path: '/ca.pem', server_name: 'gateway.example' },
    };
    expect((await bench.settle(named, machine)).name).toBe('connected');
    await bench.under.engine.stop();
    await tlsGateway(good);
    expect(await bench.settle(named, machine)).toMatchObject({
      name: 'failed',
      cause: { code: 'certificate-rejected' },
    });
  });

  it('SEC-03 connects with verification off, and is loudly degraded', async () => {
    await tlsGateway(selfSigned({ hosts }));
    const state = await bench.settle({ auth: { type: 'none' }, tls: { verify: false } });
    expect(state).toMatchObject({ name: 'connected', tls: { isVerified: false } });
    expect(bench.under.engine.status()).toMatchObject({
      shown: 'degraded',
      degradations: [{ code: 'verification-off' }],
    });
  });

  it('names a trust file that is not there', async () => {
    await tlsGateway(good);
    expect(await bench.settle(withCa)).toMatchObject({
      name: 'failed',
      cause: { code: 'trust-file-unreadable' },
    });
  });

  it('calls a plain server on a wss address a failed handshake, and tries again', async () => {
    const url = gateway.urlFor('localhost').replace('ws:', 'wss:');
    expect(
      await bench.settle({ ...withCa, url }, { files: trustFile(authority.certificatePem) }),
    ).toMatchObject({
      name: 'waiting',
      cause: { code: 'tls-failed' },
    });
  });
});
