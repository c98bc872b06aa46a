import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer } from 'node:tls';

import { afterEach, describe, expect, it } from 'vitest';

import { connectTls } from '../../../src/main/engine/auth/tls-connect';
import { alertCause } from '../../../src/main/engine/auth/tls-alert';
import { tlsSettings, type TlsSettings } from '../../../src/main/engine/auth/tls';
import { chooseSuites } from '../../../src/main/engine/auth/tls-suites';
import { tlsSuites } from '../../../src/shared/model/gateway-settings';
import { createAuthority } from '../../support/certificates';
import { enginePorts, testConfig } from '../../support/engine-client';

describe('the choice of suites', () => {
  it('SEC-20 has those of TLS 1.3 by default, and those of TLS 1.2 only where that is allowed', () => {
    expect(chooseSuites(tlsSuites, '1.3', false)).toEqual({
      suites: ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
    });
    const both = chooseSuites(tlsSuites, '1.2', false);
    expect(both).toMatchObject({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
    expect(both?.ciphers.split(':')).toHaveLength(9);
  });

  it('keeps their order and asks for no version that has none of them', () => {
    const old = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'] as const;
    expect(chooseSuites(old, '1.2', false)).toEqual({
      suites: old,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384',
    });
    expect(chooseSuites(old, '1.3', false)).toBeNull();
  });

  it('SEC-24 has AES-GCM only in fips_mode, and the curves of NIST', async () => {
    expect(chooseSuites(['TLS_CHACHA20_POLY1305_SHA256'], '1.3', true)).toBeNull();
    const config = testConfig('wss://gateway.example/', { advanced: { compliance: { fips_mode: true } } });
    const { options, suites } = await tlsSettings(config, 'gateway.example', enginePorts());
    expect(suites).toEqual(['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256']);
    expect(options.ecdhCurve).toBe('P-256:P-384');
  });
});

describe('alerts of the other side', () => {
  const alerts: readonly [string, string, string][] = [
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', '', 'client-certificate-missing'],
    [
      'EPROTO',
      'SSL routines:OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED',
      'client-certificate-missing',
    ],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', '', 'client-certificate-refused'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', '', 'client-certificate-refused'],
    ['EPROTO', 'ssl routines::tlsv1 alert unknown ca', 'client-certificate-refused'],
    ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', '', 'client-certificate-refused'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', '', 'cipher-rejected'],
    ['ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY', '', 'cipher-rejected'],
  ];

  it.each(alerts)('SEC-22 %s %s is %s', (code, message, cause) => {
    expect(alertCause(code, message)?.code).toBe(cause);
  });

  it.each([
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tlsv1 alert protocol version'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number'],
  ])('%s is none of them', (code, message) => {
    expect(alertCause(code, message)).toBeNull();
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('connectTls', () => {
  const authority = createAuthority('Test authority');
  const pair = authority.issueServer({ hosts: ['localhost'] });
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  const settings = (): Promise<TlsSettings> =>
    tlsSettings(
      testConfig('wss://localhost/', { gateway: { tls: { ca_cert_path: '/ca' }, auth: { type: 'none' } } }),
      'localhost',
      enginePorts({ files: { '/ca': { kind: 'found', value: authority.certificatePem } } }),
    );

  async function listening(isSilent: boolean): Promise<number> {
    const options = { cert: pair.certificatePem, key: pair.privateKeyPem };
    const server = isSilent ? createTcpServer() : createServer(options);
    server.on('connection', (socket: Socket) => {
      closers.push(() => socket.destroy());
      socket.on('error', () => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    return portOf(server);
  }

  it('gives up in time when nobody answers the handshake', async () => {
    const target = { host: 'localhost', port: await listening(true), settings: await settings() };
    await expect(
      connectTls({ ...target, timeoutMs: 100, signal: new AbortController().signal }),
    ).rejects.toMatchObject({ code: 'gateway-unreachable', detail: 'no answer in time' });
  });

  it('gives up when it is told to, before and during the handshake', async () => {
    const target = { host: 'localhost', port: await listening(true), settings: await settings() };
    const abort = new AbortController();
    const dialing = connectTls({ ...target, timeoutMs: 60_000, signal: abort.signal });
    const reason = new Error('not wanted any more');
    abort.abort(reason);
    await expect(dialing).rejects.toBe(reason);
    await expect(connectTls({ ...target, timeoutMs: 60_000, signal: abort.signal })).rejects.toBe(reason);
  });

  it('goes through a stream that is open already, such as a tunnel', async () => {
    const port = await listening(false);
    const through = connectTcp(port, '127.0.0.1');
    await once(through, 'connect');
    const { socket, facts } = await connectTls({
      host: 'localhost',
      port,
      settings: await settings(),
      timeoutMs: 5000,
      signal: new AbortController().signal,
      through,
    });
    expect(facts).toMatchObject({ protocol: 'TLSv1.3', isVerified: true, subject: 'localhost' });
    socket.destroy();
  });
});
