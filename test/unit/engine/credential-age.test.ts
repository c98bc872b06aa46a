import { describe, expect, it } from 'vitest';

import { CredentialAges } from '../../../src/main/engine/auth/credential-age';
import { createMemorySecrets } from '../../../src/main/platform/memory-secrets';
import { routerConfigSchema } from '../../../src/shared/model/config';
import type { RouterFact } from '../../../src/shared/model/events';
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
