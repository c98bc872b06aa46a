import { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import { connect, createServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { KeyedCertificate } from '../../support/certificates';
import { createAuthority, selfSigned } from '../../support/certificates';

const DAY_MS = 86_400_000;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(keyed: KeyedCertificate, clientAuthorityPem?: string): Promise<number> {
  const server = createServer(
    {
      cert: keyed.certificatePem,
      key: keyed.privateKeyPem,
      ...(clientAuthorityPem === undefined
        ? {}
        : { ca: clientAuthorityPem, requestCert: true, rejectUnauthorized: true }),
    },
    (socket) => {
      socket.on('error', () => socket.destroy());
      socket.end('hello');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  );
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** What a strict client gets: the greeting, or the code of the refusal. */
async function visit(options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', servername: 'localhost', ...options });
  return new Promise((resolve) => {
    socket.once('data', (data: Buffer) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
  });
}

describe('certificates made for tests', () => {
  it('are accepted by a strict client that trusts the authority', async () => {
    const authority = createAuthority('Test CA');
    const port = await serve(authority.issueServer({ hosts: ['localhost', '127.0.0.1', '::1'] }));
    expect(await visit({ port, ca: authority.certificatePem })).toBe('hello');
    const certificate = new X509Certificate(
      authority.issueServer({ hosts: ['localhost', '127.0.0.1', 'fe80::1'] }).certificatePem,
    );
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('fe80::1')).toBe('fe80::1');
    expect(certificate.checkIssued(new X509Certificate(authority.certificatePem))).toBe(true);
  });

  const now = Date.now();
  it.each([
    ['an unknown authority', { hosts: ['localhost'] }, 'foreign', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['another host', { hosts: ['elsewhere.test'] }, 'own', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [
      'an expired one',
      { hosts: ['localhost'], notBefore: new Date(now - 2 * DAY_MS), notAfter: new Date(now - DAY_MS) },
      'own',
      'CERT_HAS_EXPIRED',
    ],
    [
      'one of the future',
      { hosts: ['localhost'], notBefore: new Date(now + DAY_MS), notAfter: new Date(now + 2 * DAY_MS) },
      'own',
      'CERT_NOT_YET_VALID',
    ],
  ] as const)('are refused when they are for %s', async (_, request, trust, code) => {
    const authority = createAuthority('Test CA');
    const trusted = trust === 'own' ? authority : createAuthority('Another CA');
    const port = await serve(authority.issueServer(request));
    expect(await visit({ port, ca: trusted.certificatePem })).toBe(code);
  });

  it('are refused when self-signed and accepted when pinned', async () => {
    const keyed = selfSigned({ hosts: ['localhost'] });
    const port = await serve(keyed);
    expect(await visit({ port })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(await visit({ port, ca: keyed.certificatePem })).toBe('hello');
  });

  it('identify clients', async () => {
    const authority = createAuthority('Test CA');
    const port = await serve(authority.issueServer({ hosts: ['localhost'] }), authority.certificatePem);
    const client = authority.issueClient({ commonName: 'router' });
    const trust = { port, ca: authority.certificatePem };
    expect(await visit({ ...trust, cert: client.certificatePem, key: client.privateKeyPem })).toBe('hello');
    expect(await visit(trust)).not.toBe('hello');
  });

  it('cover dates after 2049', () => {
    const keyed = selfSigned({ hosts: ['localhost'], notAfter: new Date('2060-01-02T03:04:05Z') });
    expect(new Date(new X509Certificate(keyed.certificatePem).validTo).toISOString()).toBe(
      '2060-01-02T03:04:05.000Z',
    );
  });
});
