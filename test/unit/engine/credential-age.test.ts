import { describe, expect, it } from 'vitest';

import { CredentialAges } from '../../../src/main/engine/auth/credential-age';
import { createMemorySecrets } from '../../../src/main/platform/memory-secrets';
import { routerConfigSchema, type RouterConfig } from '../../../src/shared/model/config';
import { oldCredentials } from '../../../src/shared/model/credential-age';
import type { RouterFact } from '../../../src/shared/model/events';
import { createAuthority } from '../../support/certificates';
import { enginePorts } from '../../support/engine-client';
import { ManualClock } from '../../support/manual-clock';
import { settled } from '../../support/router-bench';

const DAY_MS = 86_400_000;

async function watching(
  rotationDays: number,
): Promise<{ clock: ManualClock; facts: RouterFact[]; ages: CredentialAges }> {
  const clock = new ManualClock();
  const secrets = createMemorySecrets(() => new Date(clock.now()));
  await secrets.write('gateway', 'value');
  await secrets.write('unused', 'value');
  const config = routerConfigSchema.parse({
    gateway: { url: 'wss://gateway.example/', auth: { token_secure_key: 'gateway' } },
    security: { rotation_days: rotationDays },
  });
  const facts: RouterFact[] = [];
  const publish = (fact: RouterFact): void => void facts.push(fact);
  const ages = new CredentialAges({ ...enginePorts(), clock, secrets, config: () => config, publish });
  await ages.look();
  return { clock, facts, ages };
}

describe('the age of a stored token', () => {
  it('is told once a day from security.rotation_days on, and shown', async () => {
    const { clock, facts, ages } = await watching(2);
    for (let day = 1; day <= 3; day += 1) {
      clock.advance(DAY_MS);
      await settled();
      await ages.look();
    }
    expect(facts).toEqual([
      { kind: 'credential-ageing', what: 'token', name: 'gateway', days: 2 },
      { kind: 'credential-ageing', what: 'token', name: 'gateway', days: 3 },
    ]);
    expect(ages.degradations()).toMatchObject([{ code: 'credential-ageing' }]);
  });

  it('is nobody’s business with 0', async () => {
    const { clock, facts, ages } = await watching(0);
    clock.advance(1000 * DAY_MS);
    await ages.look();
    expect([facts, ages.degradations()]).toEqual([[], []]);
  });
});

describe('what is old', () => {
  const days = (count: number): string => new Date(Date.now() - count * DAY_MS).toISOString();
  const endpoint = (auth: object): object => ({ url: 'wss://gateway.example/', auth });
  const config = (...auths: readonly object[]): RouterConfig =>
    routerConfigSchema.parse({
      gateway_pool: {
        endpoints: auths.map((auth, at) => ({ ...endpoint(auth), url: `wss://gateway-${at}.example/` })),
      },
      security: { rotation_days: 30 },
    });
  const stored = ['token', 'secret', 'unused'].map((name) => ({ name, storedAt: days(40) }));

  it('are the tokens, client secrets and certificates that any endpoint uses', () => {
    const of = config(
      { type: 'bearer', token_secure_key: 'token' },
      {
        type: 'oauth2',
        client_id: 'c',
        token_endpoint: 'https://idp.example/',
        client_secret_secure_key: 'secret',
      },
    );
    const certificates = [
      { path: '/old.crt', facts: { validFrom: days(31) } },
      { path: '/new.crt', facts: { validFrom: days(29) } },
    ];
    expect(oldCredentials(of, stored, certificates, Date.now())).toEqual([
      { what: 'token', name: 'token', days: 40 },
      { what: 'client-secret', name: 'secret', days: 40 },
      { what: 'certificate', name: '/old.crt', days: 31 },
    ]);
  });

  it('are not entries that only another type of auth would use', () => {
    const of = config({ type: 'mtls', token_secure_key: 'token', client_cert: '/c', client_key: '/k' });
    expect(oldCredentials(of, stored, [], Date.now())).toEqual([]);
  });

  it('is told of a client certificate as well', async () => {
    const authority = createAuthority('Client authority');
    const { certificatePem } = authority.issueClient({ commonName: 'ada', notBefore: new Date(days(31)) });
    const facts: RouterFact[] = [];
    const of = config({ type: 'mtls', client_cert: '/c', client_key: '/k' });
    const ports = enginePorts({ files: { '/c': { kind: 'found', value: certificatePem } } });
    const ages = new CredentialAges({ ...ports, config: () => of, publish: (fact) => facts.push(fact) });
    await ages.look();
    ages.stop();
    expect(facts).toEqual([{ kind: 'credential-ageing', what: 'certificate', name: '/c', days: 31 }]);
    expect(ages.degradations()).toMatchObject([
      { text: 'The client certificate "/c" was issued 31 days ago and should be rotated.' },
    ]);
  });
});
