import { describe, expect, it } from 'vitest';

import { Guard, type RequestFacts } from '../../../src/main/engine/guard/guard';
import type { RouterConfig } from '../../../src/shared/model/config';
import { testConfig } from '../../support/engine-client';

const facts = (changes: Partial<RequestFacts> = {}): RequestFacts => ({
  byteLength: 100,
  inFlight: 0,
  isSentAtOnce: true,
  now: 0,
  ...changes,
});

function bench(local: object, gateway: object = {}): { readonly guard: Guard; config: RouterConfig } {
  const all = {
    config: testConfig('ws://127.0.0.1:1/', { local, gateway: { auth: { type: 'none' }, ...gateway } }),
  };
  return Object.assign(all, { guard: new Guard(() => all.config, 0) });
}

const limited = { requests_per_second: 1, burst: 2 };

describe('Guard', () => {
  it('refuses above the size, and not at it', () => {
    const { guard } = bench({}, { max_message_bytes: 2000 });
    expect(guard.refusal(facts({ byteLength: 2000 }))).toBeUndefined();
    expect(guard.refusal(facts({ byteLength: 2001 }))).toMatchObject({
      code: 'message-too-large',
      limit: 'gateway.max_message_bytes',
      detail: '2001 bytes, limit 2000',
    });
  });

  it('refuses above the requests in flight only what would be sent at once', () => {
    const { guard } = bench({ max_concurrent_requests: 3 });
    expect(guard.refusal(facts({ inFlight: 2 }))).toBeUndefined();
    expect(guard.refusal(facts({ inFlight: 3 }))).toMatchObject({
      code: 'concurrency-limited',
      limit: 'local.max_concurrent_requests',
    });
    expect(guard.refusal(facts({ inFlight: 3, isSentAtOnce: false }))).toBeUndefined();
  });

  it('refuses above the rate and says when to come back; time gives tokens', () => {
    const { guard } = bench({ rate_limit: limited });
    expect([guard.refusal(facts()), guard.refusal(facts())]).toEqual([undefined, undefined]);
    expect(guard.refusal(facts())).toMatchObject({
      code: 'rate-limited',
      limit: 'local.rate_limit',
      retryAfterMs: 1000,
    });
    expect(guard.refusal(facts({ now: 1000 }))).toBeUndefined();
  });

  it('spends no token for what another limit refuses', () => {
    const { guard } = bench({ rate_limit: limited, max_concurrent_requests: 1 }, { max_message_bytes: 2000 });
    for (let index = 0; index < 10; index += 1) {
      guard.refusal(facts({ byteLength: 3000 }));
      guard.refusal(facts({ inFlight: 1 }));
    }
    expect([guard.refusal(facts()), guard.refusal(facts())]).toEqual([undefined, undefined]);
  });

  it('counts notifications with the requests', () => {
    const { guard } = bench({ rate_limit: limited });
    expect([guard.admitsNotification(0), guard.admitsNotification(0)]).toEqual([true, true]);
    expect(guard.admitsNotification(0)).toBe(false);
    expect(guard.refusal(facts())?.code).toBe('rate-limited');
  });

  it('can be switched off, and follows the configuration', () => {
    const all = bench({ rate_limit: { ...limited, enabled: false } });
    for (let index = 0; index < 100; index += 1) {
      expect(all.guard.refusal(facts())).toBeUndefined();
      expect(all.guard.admitsNotification(0)).toBe(true);
    }
    all.config = testConfig('ws://127.0.0.1:1/', { local: { rate_limit: { ...limited, burst: 1 } } });
    all.guard.reload(0);
    expect(all.guard.refusal(facts())).toBeUndefined();
    expect(all.guard.refusal(facts())?.code).toBe('rate-limited');
  });
});
