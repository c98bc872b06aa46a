import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { outcomeOf, tlsCases, tlsRows, TlsCaseServers } from '../support/tls-cases';
import { dial } from '../support/tls-jobs';

let servers: TlsCaseServers;

beforeAll(async () => {
  servers = await TlsCaseServers.start(tlsCases);
});

afterAll(() => servers.stop());

describe('what TLS refuses, in Node', () => {
  it.each(tlsRows)('SEC-01 SEC-20 SEC-21 SEC-22 %s: %s', async (_name, outcome, each) => {
    const verdict = await dial(servers.job(each));
    expect(outcomeOf(verdict)).toBe(outcome);
    expect(verdict.detail).toContain(each.detail ?? '');
    if (outcome !== 'connected' && outcome !== 'gateway-unreachable') expect(verdict.state).toBe('failed');
    // Where it is refused, not even the request for the upgrade has left.
    expect(servers.upgrades(each)).toBe(outcome === 'connected' ? 1 : 0);
  });
});
