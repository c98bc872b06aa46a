import { describe, expect, it } from 'vitest';

import { Guard, type Admission, type RequestFacts } from '../../../src/main/engine/guard/guard';
import type { RouterConfig } from '../../../src/shared/model/config';
import { testConfig } from '../../support/engine-client';

interface Ask extends Partial<RequestFacts> {
  readonly inFlight?: number;
}

const facts = ({ inFlight = 0, ...changes }: Ask = {}): RequestFacts => ({
  client: 'a',
  byteLength: 100,
  load: { inFlight, waiting: 0 },
  others: [],
  isSentAtOnce: true,
  now: 0,
  ...changes,
});

interface Bench {
  readonly guard: Guard;
  config: RouterConfig;
  ask(changes?: Ask): Admission;
}

function bench(local: object, gateway: object = {}): Bench {
  const all = {
    config: testConfig('ws://127.0.0.1:1/', { local, gateway: { auth: { type: 'none' }, ...gateway } }),
  };
  const guard = new Guard(() => all.config, 0);
  return Object.assign(all, { guard, ask: (changes?: Ask) => guard.admission(facts(changes)) });
}

const limited = { requests_per_second: 1, burst: 2 };
const tooFast = { code: 'rate-limited', limit: 'local.rate_limit' };

describe('Guard', () => {
  it('refuses above the size, and not at it', () => {
    const { ask } = bench({}, { max_message_bytes: 2000 });
    expect(ask({ byteLength: 2000 })).toBe('send');
    expect(ask({ byteLength: 2001 })).toMatchObject({
      code: 'message-too-large',
      limit: 'gateway.max_message_bytes',
      detail: '2001 bytes, limit 2000',
    });
  });

  it('refuses above the requests in flight only what would be sent at once', () => {
    const { ask } = bench({ max_concurrent_requests: 3 });
    expect(ask({ inFlight: 2 })).toBe('send');
    expect(ask({ inFlight: 3 })).toMatchObject({
      code: 'concurrency-limited',
      limit: 'local.max_concurrent_requests',
    });
    expect(ask({ inFlight: 3, isSentAtOnce: false })).toBe('queue');
  });

  it('lets a client wait whose share others have', () => {
    const { ask } = bench({ max_concurrent_requests: 3 });
    expect(ask({ others: [{ inFlight: 3, waiting: 0 }] })).toBe('queue');
  });

  it('refuses above the rate and says when to come back; time gives tokens', () => {
    const { ask } = bench({ rate_limit: limited });
    expect([ask(), ask()]).toEqual(['send', 'send']);
    expect(ask()).toMatchObject({ ...tooFast, retryAfterMs: 1000 });
    expect(ask({ now: 1000 })).toBe('send');
  });

  it('spends no token for what another limit refuses', () => {
    const { ask } = bench({ rate_limit: limited, max_concurrent_requests: 1 }, { max_message_bytes: 2000 });
    for (let index = 0; index < 10; index += 1) {
      ask({ byteLength: 3000 });
      ask({ inFlight: 1 });
    }
    expect([ask(), ask()]).toEqual(['send', 'send']);
  });

  it('counts notifications with the requests', () => {
    const { guard, ask } = bench({ rate_limit: limited });
    expect([guard.admitsNotification('a', 0), guard.admitsNotification('a', 0)]).toEqual([true, true]);
    expect(guard.admitsNotification('a', 0)).toBe(false);
    expect(ask()).toMatchObject(tooFast);
  });

  it('can be switched off, and follows the configuration', () => {
    const all = bench({ rate_limit: { ...limited, enabled: false } });
    for (let index = 0; index < 100; index += 1) {
      expect(all.ask()).toBe('send');
      expect(all.guard.admitsNotification('a', 0)).toBe(true);
    }
    all.config = testConfig('ws://127.0.0.1:1/', { local: { rate_limit: { ...limited, burst: 1 } } });
    all.guard.reload(0);
    expect(all.ask()).toBe('send');
    expect(all.ask()).toMatchObject(tooFast);
  });
});
