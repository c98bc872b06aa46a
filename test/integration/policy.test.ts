import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { testConfig } from '../support/engine-client';
import { SessionBench } from '../support/session-bench';

let bench: SessionBench;
beforeEach(async () => {
  bench = await SessionBench.start();
});
afterEach(() => bench.stop());

const policy = { deny_tools: ['delete_*'], deny_methods: ['resources/*', 'notifications/roots/*'] };

describe('SEC-69 local.policy', () => {
  it('answers what it denies once, sends nothing, counts it and says which rule it was', async () => {
    const client = bench.attach({ local: { policy } });
    await client.initialize();
    client.request(1, 'tools/call', { name: 'delete_everything' });
    client.request(2, 'resources/read', { uri: 'file:///secret' });
    client.send({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
    client.request(3, 'tools/call', { name: 'read' });
    await client.reply(3);
    const data = { code: 'policy-denied', retryable: false, limited_by: 'router' };
    expect((await client.reply(1)).error?.data).toEqual({ ...data, limit: 'local.policy.deny_tools' });
    expect((await client.reply(2)).error?.data).toEqual({ ...data, limit: 'local.policy.deny_methods' });
    expect(client.replies.map(({ id }) => id)).toEqual(['init', 1, 2, 3]);
    await bench.gateway.until('what was sent', ({ recording }) => recording.messages.length === 3);
    expect(bench.gateway.recording.messages.map(({ method }) => method)).toEqual([
      'initialize',
      'notifications/initialized',
      'tools/call',
    ]);
    expect(bench.under.engine.status().counters).toMatchObject({ policyDenials: 3, refusals: 2 });
    expect(bench.under.kinds('policy-denied')).toMatchObject([
      { rule: 'local.policy.deny_tools', detail: 'local.policy.deny_tools: "delete_*"' },
      { rule: 'local.policy.deny_methods' },
      { rule: 'local.policy.deny_methods' },
    ]);
    const dropped = bench.under.kinds('message-dropped');
    expect(dropped.filter((event) => 'direction' in event && event.direction === 'from-client')).toHaveLength(
      1,
    );
    expect(JSON.stringify(bench.under.events)).not.toMatch(/everything|secret/);
  });

  it('takes effect with a reload, for clients that are attached', async () => {
    const client = bench.attach();
    client.request(1, 'tools/call', { name: 'delete_it' });
    expect((await client.reply(1)).result).toBeDefined();
    await bench.under.engine.reload(testConfig(bench.gateway.url, { local: { policy } }), 'test');
    client.request(2, 'tools/call', { name: 'delete_it' });
    expect((await client.reply(2)).error?.data).toMatchObject({ code: 'policy-denied' });
  });

  it('is decided before anything else, whether there is a connection or not', async () => {
    await bench.gateway.kill();
    const client = bench.attach({ local: { policy } });
    client.request(1, 'tools/call', { name: 'delete_it' });
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'policy-denied' });
  });
});
