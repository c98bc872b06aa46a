import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { lookAtGateway } from '../../src/main/engine/gateway-look';
import { createAuthority } from '../support/certificates';
import { enginePorts, testConfig } from '../support/engine-client';
import { startGateway, type Gateway } from '../support/gateway/gateway';

const authority = createAuthority('Test authority');
const hosts = ['localhost', '127.0.0.1'];
const never = new AbortController().signal;

let gateway: Gateway;

const look = (changes: Record<string, unknown> = {}, url = gateway.url) =>
  lookAtGateway(
    enginePorts({ files: { '/ca.pem': { kind: 'found', value: authority.certificatePem } } }),
    testConfig(url, { gateway: { url, auth: { type: 'bearer' }, ...changes } }),
    never,
  );

beforeEach(async () => {
  gateway = await startGateway({ auth: { kind: 'tokens', tokens: ['a-token'] } });
});
afterEach(() => gateway.stop());

describe('one look at an address', () => {
  it('SEC-118 tells that it wants a credential, and sends none', async () => {
    expect(await look()).toEqual({ encryption: { kind: 'plain' }, answer: { kind: 'wants-credential' } });
    expect(gateway.recording.upgrades.map(({ headers }) => headers['authorization'])).toEqual([undefined]);
  });

  it('tells that it lets everybody in', async () => {
    await gateway.restart({ auth: { kind: 'none' } });
    expect((await look()).answer).toEqual({ kind: 'open' });
  });

  it('shows a certificate that is trusted', async () => {
    await gateway.restart({ tls: authority.issueServer({ hosts }) });
    expect(await look({ tls: { ca_cert_path: '/ca.pem' } })).toMatchObject({
      encryption: {
        kind: 'trusted',
        facts: { protocol: 'TLSv1.3', issuer: 'Test authority', isVerified: true },
      },
      answer: { kind: 'wants-credential' },
    });
  });

  it('SEC-118 shows a certificate that is not trusted, says why, and asks nothing over it', async () => {
    await gateway.restart({ tls: authority.issueServer({ hosts }) });
    const seen = await look();
    expect(seen).toMatchObject({
      encryption: {
        kind: 'untrusted',
        facts: { subject: 'localhost', issuer: 'Test authority', isVerified: false },
        cause: { code: 'certificate-rejected' },
      },
      answer: { kind: 'not-asked' },
    });
    expect(gateway.recording.upgrades).toEqual([]);
  });

  it('tells that nobody answers', async () => {
    await gateway.stop();
    expect(await look()).toMatchObject({
      encryption: { kind: 'plain' },
      answer: { kind: 'failed', cause: { code: 'gateway-unreachable' } },
    });
    expect(await look({}, 'wss://127.0.0.1:9/')).toMatchObject({
      encryption: { kind: 'unseen', cause: { code: 'gateway-unreachable' } },
      answer: { kind: 'failed' },
    });
  });
});
