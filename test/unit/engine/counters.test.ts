import { describe, expect, it } from 'vitest';

import { count } from '../../../src/main/engine/observe/counters';
import { noCounts, type Counters } from '../../../src/shared/model/status';
import type { RouterFact } from '../../../src/shared/model/events';

const after = (...facts: readonly RouterFact[]): Counters =>
  facts.reduce((counters, fact, index) => count(counters, { ...fact, sequence: index, at: 0 }), noCounts);

const failed = { lane: 'keeper', detail: '' } as const;
const changed = (from: 'idle' | 'waiting', to: 'connecting' | 'idle'): RouterFact => ({
  kind: 'connection-changed',
  lane: 'keeper',
  from,
  to,
});
const settled = {
  kind: 'request-settled',
  session: 's',
  method: 'tools/call',
  durationMs: 1,
  requestBytes: 1,
  replyBytes: 1,
} as const;

describe('count', () => {
  const table: readonly (readonly [RouterFact, Partial<Counters>])[] = [
    [
      { ...settled, outcome: 'result' },
      { requests: 1, replies: 1 },
    ],
    [
      { ...settled, outcome: 'error' },
      { requests: 1, replies: 1 },
    ],
    [
      { kind: 'request-refused', session: 's', code: 'rate-limited', detail: '' },
      { requests: 1, refusals: 1 },
    ],
    [
      { kind: 'auth-failed', code: 'auth-failed', ...failed },
      { authFailures: 1, connectionErrors: 1 },
    ],
    [{ kind: 'certificate-rejected', code: 'certificate-rejected', ...failed }, { connectionErrors: 1 }],
    [{ kind: 'connection-failed', code: 'gateway-lost', ...failed }, { connectionErrors: 1 }],
    [
      { kind: 'rate-limited', session: 's', limit: 'local.rate_limit', retryAfterMs: 1 },
      { rateLimitHits: 1 },
    ],
    [
      { kind: 'policy-denied', session: 's', rule: 'local.policy.deny_tools', detail: '' },
      { policyDenials: 1 },
    ],
    [changed('waiting', 'connecting'), { reconnects: 1 }],
    [changed('idle', 'connecting'), {}],
    [changed('waiting', 'idle'), {}],
    [{ kind: 'engine-started' }, {}],
    [{ kind: 'session-opened', session: 's', door: 'stdio' }, {}],
    [{ kind: 'message-dropped', session: 's', direction: 'from-client', reason: '', bytes: 1 }, {}],
  ];

  it.each(table.map(([fact, change]) => ({ kind: fact.kind, fact, change })))('$kind', ({ fact, change }) => {
    expect(after(fact)).toEqual({ ...noCounts, ...change });
    expect(after(fact, fact)).toEqual({
      ...noCounts,
      ...Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value * 2])),
    });
  });
});
