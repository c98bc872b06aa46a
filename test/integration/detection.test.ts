import { afterEach, describe, expect, it } from 'vitest';

import type { Logger } from '../../src/main/engine/ports';
import { EngineUnderTest, enginePorts, testConfig } from '../support/engine-client';
import { ManualClock } from '../support/manual-clock';
import { SessionBench } from '../support/session-bench';
import { rawRequest } from '../support/raw-http';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const TOKEN = 'metrics-token-0123456789';

describe('SEC-98 an alert of detection', () => {
  it('SEC-99 about whoever asks without permission, again and again, is one, in log, metrics and status', async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...enginePorts().logger, warn: (message) => warnings.push(message) };
    const clock = new ManualClock();
    const config = testConfig('ws://127.0.0.1:1/', { metrics: { endpoint: '127.0.0.1:0', token_env: 'T' } });
    const machine = { variables: { T: TOKEN } };
    const under = new EngineUnderTest(config, { hasKeeper: true, logger, clock, machine });
    ends.push(() => under.engine.stop());
    await under.engine.serveMetrics();
    const port = Number(/:(\d+)$/.exec(under.engine.status().metricsAddress ?? '')?.[1]);
    for (let index = 0; index < 20; index += 1) {
      await rawRequest(port, { headers: { Authorization: 'Bearer canary-stolen-token' } });
    }
    expect(under.kinds('local-client-refused')).toMatchObject([
      { door: 'metrics', reason: 'token', times: 1 },
    ]);
    expect(under.engine.status().alerts).toEqual([]);
    clock.advance(1000);
    expect(under.kinds('local-client-refused')).toMatchObject([{ times: 1 }, { times: 19 }]);
    expect(under.engine.status().alerts).toMatchObject([{ rule: 'unexpected_clients' }]);
    expect(warnings.filter((line) => line.startsWith('security alert: '))).toHaveLength(1);
    const { body } = await rawRequest(port, { headers: { Authorization: `Bearer ${TOKEN}` } });
    expect(body).toContain('mcp_router_security_alerts_total{rule="unexpected_clients"} 1\n');
    expect(body).toContain('mcp_router_local_clients_refused_total{door="metrics",reason="token"} 20\n');
    expect(JSON.stringify([under.engine.status(), warnings, body])).not.toContain('canary');
    clock.advance(600_000);
    expect(under.engine.status().alerts).toEqual([]);
    expect(under.kinds('alert-resolved')).toHaveLength(1);
  });
});

describe('SEC-97 what detection learns of requests', () => {
  it('is their method, their size and a mark of the tool, and no name', async () => {
    const bench = await SessionBench.start();
    ends.push(() => bench.stop());
    const client = bench.attach();
    await client.initialize();
    for (const [id, name] of ['canary_one', 'canary_two', 'canary_one'].entries()) {
      client.request(id, 'tools/call', { name, arguments: { id } });
      await client.reply(id);
    }
    client.request(9, 'prompts/get', { name: 'canary_one' });
    await client.reply(9);
    const marks = bench.under
      .kinds('request-settled')
      .flatMap((event) => (event.kind === 'request-settled' ? [event.tool] : []));
    expect(marks).toHaveLength(5);
    const [atOpening, one, two, again, prompt] = marks;
    expect([atOpening, prompt]).toEqual([null, null]);
    expect(one).toBeGreaterThan(0);
    expect(two).not.toBe(one);
    expect(again).toBe(one);
    expect(JSON.stringify(bench.under.events)).not.toContain('canary');
  });
});
