import { afterEach, describe, expect, it } from 'vitest';

import { createAuthority } from '../support/certificates';
import { EndpointBench, EndpointLoad, type PoolChanges } from '../support/endpoint-bench';
import type { StreamTestClient } from '../support/engine-client';

/** As many as the issue says; a shorter run is for trying things out. */
const KILLS = Number(process.env['MCP_ROUTER_TEST_KILLS'] ?? 50);
const LIMIT_MS = 240_000;

let bench: EndpointBench;

afterEach(async () => {
  await bench.stop();
});

/** What may come of a request while an endpoint dies; anything else is a fault of ours. */
const EXCUSES: ReadonlySet<string> = new Set(['result', 'gateway-lost', 'gateway-unreachable']);

async function checkLoads(loads: readonly EndpointLoad[]): Promise<void> {
  for (const load of loads) {
    await load.end();
    expect(load.replyIds).toHaveLength(load.sent);
    expect(new Set(load.replyIds).size).toBe(load.sent);
    expect([...load.outcomes.keys()].filter((outcome) => !EXCUSES.has(outcome))).toEqual([]);
  }
  expect([...bench.calls].filter(([method, count]) => /^m\d/.test(method) && count > 1)).toEqual([]);
}

/** Clients with a handshake of their own, and requests in flight. */
async function underLoad(clients: number): Promise<readonly EndpointLoad[]> {
  const loads: EndpointLoad[] = [];
  for (let index = 0; index < clients; index += 1) {
    const client = await bench.attach();
    await client.initialize();
    const load = new EndpointLoad(client, `m${String(index)}-`);
    load.start(4);
    loads.push(load);
  }
  return loads;
}

const moreFrom = async (loads: readonly EndpointLoad[], count = 20): Promise<void> => {
  await Promise.all(
    loads.map((load) => {
      const goal = load.succeeded + count;
      return load.client.until('more results', () => load.succeeded >= goal);
    }),
  );
};

const clientOf = async (changes: PoolChanges = {}): Promise<StreamTestClient> => {
  bench.open(changes);
  return bench.attach();
};

describe('failing over', () => {
  it('SEC-10 goes on at the next endpoint and back again, under load', async () => {
    bench = await EndpointBench.start(2);
    bench.open({}, { hasKeeper: true });
    const loads = await underLoad(3);
    await moreFrom(loads);
    expect(bench.places).toEqual([0, 0, 0]);
    await bench.gateway(0).kill();
    await moreFrom(loads);
    expect(bench.places).toEqual([1, 1, 1]);
    await bench.gateway(0).restart();
    await bench.gateway(1).kill();
    await moreFrom(loads);
    expect(bench.places).toEqual([0, 0, 0]);
    await checkLoads(loads);
    const moves = bench.under.events.filter((event) => event.kind === 'failed-over');
    const [first, second] = bench.gateways.map(({ port }) => `127.0.0.1:${String(port)}`);
    expect(moves).toContainEqual(expect.objectContaining({ from: first, to: second }));
    expect(moves).toContainEqual(expect.objectContaining({ from: second, to: first }));
  });

  it(
    `SEC-10 loses nothing when endpoints are killed in turn (${String(KILLS)} times)`,
    async () => {
      bench = await EndpointBench.start(3);
      // So short that the breakers open and close all the time.
      const advanced = { circuit_breaker: { failure_threshold: 2, recovery_timeout_ms: 20 } };
      bench.open({ advanced }, { hasKeeper: true });
      const loads = await underLoad(2);
      for (let kill = 0; kill < KILLS; kill += 1) {
        await moreFrom(loads, 5);
        const gateway = bench.gateway(bench.places[0] ?? 0);
        await gateway.kill();
        await moreFrom(loads, 5);
        await gateway.restart();
      }
      await checkLoads(loads);
      for (const load of loads) expect(load.succeeded).toBeGreaterThan(KILLS * 10);
    },
    LIMIT_MS,
  );

  it('shows the endpoint in use, in the status and with the connection', async () => {
    bench = await EndpointBench.start(2);
    await bench.gateway(0).kill();
    const { engine } = bench.open({}, { hasKeeper: true });
    await bench.under.until('the keeper', () => engine.status().keeper.name === 'connected');
    expect(engine.status().gatewayUrl).toBe(bench.gateway(1).url);
    expect(bench.under.events).toContainEqual(
      expect.objectContaining({
        kind: 'connection-changed',
        to: 'connected',
        endpoint: `127.0.0.1:${String(bench.gateway(1).port)}`,
      }),
    );
  });

  it('new connections go back to the one that comes first; those that work stay', async () => {
    bench = await EndpointBench.start(2);
    await bench.gateway(0).kill();
    await clientOf();
    expect(bench.places).toEqual([1]);
    await bench.gateway(0).restart();
    await bench.attach();
    expect(bench.places).toEqual([1, 0]);
  });

  it('waits, as long as one that was not refused may come back', async () => {
    bench = await EndpointBench.start(2);
    bench.gateway(0).faults.always({ kind: 'refuse-upgrade', status: 401 });
    await bench.gateway(1).kill();
    const { engine } = bench.open({}, { hasKeeper: true });
    await bench.under.until('a rest', () => engine.status().keeper.name === 'waiting');
    await bench.gateway(1).restart();
    await bench.under.until('the keeper', () => engine.status().keeper.name === 'connected');
    expect(bench.gateway(0).recording.upgrades).toHaveLength(1);
  });
});

describe('an endpoint that refuses us', () => {
  const SESSIONS = 20;

  const refusing = async (count: number): Promise<void> => {
    bench = await EndpointBench.start(count);
    await bench.gateway(0).restart({ auth: { kind: 'tokens', tokens: ['good'] } });
  };
  const gateway = { auth: { type: 'bearer', token_env: 'TOKEN' } };

  it('SEC-63 is asked once by the keeper and never by twenty sessions, which use the other one', async () => {
    await refusing(2);
    const { engine } = bench.open({ gateway }, { hasKeeper: true, machine: { variables: { TOKEN: 'bad' } } });
    await bench.under.until('the keeper', () => engine.status().keeper.name === 'connected');
    for (let index = 0; index < SESSIONS; index += 1) await bench.attach();
    expect(bench.places).toEqual(Array.from({ length: SESSIONS }, () => 1));
    expect(bench.gateway(0).recording.upgrades).toHaveLength(1);
  });

  it('SEC-63 is asked once more by all together after a reload, and after the person asks', async () => {
    await refusing(1);
    const variables = { TOKEN: 'bad' };
    const { engine } = bench.open({ gateway }, { hasKeeper: true, machine: { variables } });
    await bench.under.until('the verdict', () => engine.status().keeper.name === 'failed');
    for (let index = 0; index < SESSIONS; index += 1) await bench.attach();
    const states = (): readonly string[] => [
      ...new Set(engine.status().sessions.map(({ connection }) => connection.name)),
    ];
    expect(states()).toEqual(['failed']);
    expect(engine.status().cause?.code).toBe('auth-failed');
    const { recording } = bench.gateway(0);
    expect(recording.upgrades).toHaveLength(1);
    await engine.reload(bench.config({ gateway }), 'test');
    await bench.under.until('all verdicts', () => states().join() === 'failed');
    expect(recording.upgrades).toHaveLength(2);
    engine.connect();
    await bench.under.until('all verdicts', () => states().join() === 'failed');
    expect(recording.upgrades).toHaveLength(3);
    variables.TOKEN = 'good';
    engine.connect();
    await bench.under.until('all connections', () => states().join() === 'connected');
    expect(engine.status().keeper.name).toBe('connected');
  });

  it('SEC-63 is asked again by the next session when the credential is another one', async () => {
    await refusing(2);
    const variables = { TOKEN: 'bad' };
    bench.open({ gateway }, { machine: { variables } });
    await bench.attach();
    await bench.attach();
    expect(bench.gateway(0).recording.upgrades).toHaveLength(1);
    variables.TOKEN = 'good';
    await bench.attach();
    expect(bench.places).toEqual([1, 1, 0]);
  });

  it('all of them: failed, with the cause of the one that comes first', async () => {
    bench = await EndpointBench.start(2);
    bench.gateway(0).faults.always({ kind: 'refuse-upgrade', status: 404 });
    bench.gateway(1).faults.always({ kind: 'refuse-upgrade', status: 401 });
    const client = await clientOf();
    client.request(1, 'm');
    expect((await client.reply(1)).error?.data).toMatchObject({ code: 'gateway-refused' });
    expect(bench.under.engine.status()).toMatchObject({
      shown: 'failed',
      cause: { code: 'gateway-refused' },
    });
  });
});

describe('credentials of several endpoints', () => {
  it('SEC-62 each endpoint gets its own and no other, also when one fails over to the next', async () => {
    bench = await EndpointBench.start(3);
    const variables = { A: 'token-of-a', B: 'token-of-b' };
    const each = [
      { auth: { type: 'bearer', token_env: 'A' } },
      { auth: { type: 'bearer', token_env: 'B' } },
      { auth: { type: 'none' } },
    ];
    bench.open({ each }, { machine: { variables } });
    const client = await bench.attach();
    for (const index of [0, 1, 2]) {
      await bench.under.until('the endpoint', () => bench.places[0] === index);
      client.request(index, `m${String(index)}`);
      await client.reply(index);
      await bench.gateway(index).kill();
    }
    const seen = bench.gateways.map(({ recording }) => [
      ...new Set([
        ...recording.upgrades.map(({ headers }) => headers['authorization'] ?? null),
        ...recording.requests().map(({ envelope }) => envelope?.authToken ?? null),
      ]),
    ]);
    expect(seen).toEqual([['Bearer token-of-a', 'token-of-a'], ['Bearer token-of-b', 'token-of-b'], [null]]);
  });
});

describe('TLS of several endpoints', () => {
  const hosts = ['localhost', '127.0.0.1'];
  const [one, other] = [createAuthority('One'), createAuthority('Other')];
  const files = {
    '/one.pem': { kind: 'found', value: one.certificatePem },
    '/other.pem': { kind: 'found', value: other.certificatePem },
  } as const;

  it('SEC-62 what one trusts is not trusted for the other, which gets nothing', async () => {
    bench = await EndpointBench.start(2);
    for (const index of [0, 1]) await bench.gateway(index).restart({ tls: other.issueServer({ hosts }) });
    const each = [{ tls: { ca_cert_path: '/one.pem' } }, { tls: { ca_cert_path: '/other.pem' } }];
    const gateway = { auth: { type: 'bearer', token_env: 'TOKEN' } };
    bench.open({ each, gateway }, { machine: { files, variables: { TOKEN: 'secret' } } });
    await bench.attach();
    await bench.attach();
    expect(bench.places).toEqual([1, 1]);
    expect(bench.under.kinds('certificate-rejected')).toHaveLength(1);
    expect(bench.gateway(0).recording.upgrades).toEqual([]);
  });

  it('SEC-62 verification that is off for one shows, and is off for that one alone', async () => {
    bench = await EndpointBench.start(2);
    for (const index of [0, 1]) await bench.gateway(index).restart({ tls: other.issueServer({ hosts }) });
    const { engine } = bench.open({ each: [{}, { tls: { verify: false } }] });
    await bench.attach();
    expect(bench.places).toEqual([1]);
    expect(engine.status().degradations).toMatchObject([{ code: 'verification-off' }]);
  });
});

describe('a reload that changes the endpoints', () => {
  it('SEC-10 loses nothing that is in flight', async () => {
    bench = await EndpointBench.start(3);
    bench.open({}, { hasKeeper: true });
    const loads = await underLoad(2);
    const { engine } = bench.under;
    const reload = async (gateways: readonly number[]): Promise<void> => {
      await moreFrom(loads, 5);
      await engine.reload(
        bench.config(
          {},
          gateways.map((index) => bench.gateway(index)),
        ),
        'test',
      );
      await bench.under.until('connections', () => bench.places.every((place) => place === gateways[0]));
    };
    for (const gateways of [[1, 2], [2], [0, 1, 2], [2, 0]]) await reload(gateways);
    await checkLoads(loads);
    for (const { outcomes } of loads) expect([...outcomes.keys()]).toEqual(['result']);
  });
});
