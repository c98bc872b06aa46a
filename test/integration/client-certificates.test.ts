import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAuthority, type KeyedCertificate } from '../support/certificates';
import { StreamTestClient, type FakeMachine } from '../support/engine-client';
import type { Gateway } from '../support/gateway/gateway';
import { pkcs12 } from '../support/pkcs12';
import { SessionBench } from '../support/session-bench';

const DAY = 86_400_000;
const authority = createAuthority('Test authority');
const clients = createAuthority('Client authority');
const client = (days: number): KeyedCertificate =>
  clients.issueClient({
    commonName: 'ada',
    notBefore: new Date(Date.now() - 300 * DAY),
    notAfter: new Date(Date.now() + days * DAY),
  });
const machineWith = (pair: KeyedCertificate, more: FakeMachine = {}): FakeMachine => ({
  ...more,
  files: {
    '/ca.pem': { kind: 'found', value: authority.certificatePem },
    '/c.pem': { kind: 'found', value: pair.certificatePem },
    '/c.key': { kind: 'found', value: pair.privateKeyPem },
  },
});
const tls = { ca_cert_path: '/ca.pem' };
const named = { client_cert: '/c.pem', client_key: '/c.key' };

let bench: SessionBench;
let gateway: Gateway;

beforeEach(async () => {
  bench = await SessionBench.start();
  gateway = bench.gateway;
  const server = authority.issueServer({ hosts: ['localhost'] });
  await gateway.restart({ tls: { ...server, clientAuthorityPem: clients.certificatePem } });
});

afterEach(() => bench.stop());

describe('client certificates', () => {
  it('SEC-22 carry a session from end to end, without any token', async () => {
    const settings = { auth: { type: 'mtls', ...named }, tls };
    const machine = machineWith(client(100), { variables: { MCP_AUTH_TOKEN: 'not-to-be-sent' } });
    expect(await bench.settle(settings, machine)).toMatchObject({
      name: 'connected',
      tls: { isVerified: true, client: { subject: 'ada', issuer: 'Client authority' } },
    });
    const test = new StreamTestClient(bench.under.engine);
    test.request(1, 'tools/list');
    expect((await test.reply(1)).error).toBeUndefined();
    expect(gateway.recording.upgrades[0]?.hasAuthorization).toBe(false);
    expect(gateway.recording.requests()[0]?.envelope?.authToken).toBeNull();
    expect(bench.under.engine.status()).toMatchObject({ shown: 'connected', degradations: [] });
  });

  it('go together with a token', async () => {
    await gateway.restart({ auth: { kind: 'tokens', tokens: ['opaque-token-1'] } });
    const settings = { auth: { type: 'bearer', ...named }, tls };
    const machine = machineWith(client(100), { variables: { MCP_AUTH_TOKEN: 'opaque-token-1' } });
    expect((await bench.settle(settings, machine)).name).toBe('connected');
    expect(gateway.recording.upgrades[0]?.hasAuthorization).toBe(true);
  });

  it.each([
    [20, 30],
    [5, 7],
    [0.5, 1],
  ])('SEC-23 that end in %d days degrade, and are told once', async (days, daysLeft) => {
    const settings = { auth: { type: 'mtls', ...named }, tls };
    expect((await bench.settle(settings, machineWith(client(days)))).name).toBe('connected');
    const { engine } = bench.under;
    expect(engine.status()).toMatchObject({
      shown: 'degraded',
      degradations: [{ code: 'certificate-expiring' }],
    });
    const test = new StreamTestClient(engine);
    test.request(1, 'tools/list');
    await test.reply(1);
    expect(bench.under.kinds('certificate-expiring')).toMatchObject([
      { whose: 'client', subject: 'ada', daysLeft },
    ]);
  });

  it('SEC-22 that have expired are a failure of their own, and nothing is sent', async () => {
    const settings = { auth: { type: 'mtls', ...named }, tls };
    expect(await bench.settle(settings, machineWith(client(-1)))).toMatchObject({
      name: 'failed',
      cause: { code: 'client-certificate-expired' },
    });
    expect(bench.under.kinds('auth-failed')).toHaveLength(1);
    expect(gateway.recording.upgrades).toEqual([]);
  });

  const passphrases: readonly [string, object, FakeMachine][] = [
    ['keychain', { passphrase_secure_key: 'p' }, { secrets: { p: { kind: 'found', value: 'open' } } }],
    ['environment', { passphrase_env: 'P' }, { variables: { P: 'open' } }],
    ['file', { passphrase_file: '/c.key' }, {}],
  ];

  it.each(passphrases)(
    'SEC-22 in PKCS#12 take their passphrase from the %s',
    async (_where, keys, machine) => {
      const bundle = pkcs12(client(100), 'open');
      const whole = machineWith({ certificatePem: '', privateKeyPem: 'open' }, machine);
      const settings = { auth: { type: 'mtls', client_pkcs12: '/c.p12', ...keys }, tls };
      const bundles = { '/c.p12': { kind: 'found', bytes: bundle } } as const;
      expect(await bench.settle(settings, { ...whole, bundles })).toMatchObject({
        name: 'connected',
        tls: { client: { subject: 'ada' } },
      });
      expect(JSON.stringify(bench.under.events)).not.toContain('"open"');
    },
  );

  it('say which passphrase is missing, and that a keychain is locked', async () => {
    const bundles = { '/c.p12': { kind: 'found', bytes: pkcs12(client(100), 'open') } } as const;
    const auth = { type: 'mtls', client_pkcs12: '/c.p12' };
    const cases: readonly [object, FakeMachine, string, string][] = [
      [{ passphrase_env: 'P' }, {}, 'client-certificate-unusable', 'the variable P is not set'],
      [{ passphrase_secure_key: 'p' }, {}, 'client-certificate-unusable', 'no entry "p"'],
      [
        { passphrase_secure_key: 'p' },
        { secrets: { p: { kind: 'locked-or-removed' } } },
        'keychain-locked',
        'p',
      ],
      [{}, {}, 'client-certificate-unusable', 'missing or wrong'],
    ];
    for (const [keys, machine, code, detail] of cases) {
      const state = await bench.settle(
        { auth: { ...auth, ...keys }, tls },
        { ...machineWith(client(1), machine), bundles },
      );
      expect(state).toMatchObject({ name: 'failed', cause: { code } });
      expect('cause' in state && state.cause.detail).toContain(detail);
      await bench.under.engine.stop();
    }
    expect(gateway.recording.upgrades).toEqual([]);
  });
});
