import { describe, expect, it, vi } from 'vitest';

import { configKeys } from '../../../src/main/platform/config-keys';
import { RouterError } from '../../../src/shared/model/errors';
import { codeFor, LimitBench } from '../../support/limit-bench';
import { FakeDoor, requestLine, settled } from '../../support/router-bench';

vi.setConfig({ testTimeout: 30_000 });

/** A limit on how many there may be. */
interface CountedLimit {
  readonly key: string;
  readonly code: string;
  /** `all`: of all clients together. `each`: for each client. */
  readonly scope: 'all' | 'each';
  readonly config: (limit: number) => Record<string, unknown>;
  /** What makes the limit matter. */
  readonly arrange?: (bench: LimitBench) => void;
  /** Tries one more; undefined when it passes, or else the code of the refusal. */
  readonly spend: (bench: LimitBench, client: number) => unknown;
}

const local = (keys: Record<string, unknown>): Record<string, unknown> => ({ local: keys });

function spendAndAnswer(bench: LimitBench, client: number): unknown {
  const { id, code } = bench.request(client);
  if (code === undefined) bench.transportOf(client).say({ id, result: {} });
  return code;
}

const countedLimits: readonly CountedLimit[] = [
  {
    key: 'local.max_concurrent_requests',
    code: 'concurrency-limited',
    scope: 'all',
    config: (limit) => local({ max_concurrent_requests: limit }),
    spend: (bench, client) => {
      const { id, code } = bench.request(client);
      const isSent = bench.transportOf(client).texts.some((text) => text.includes(`"id":${String(id)},`));
      return code ?? (isSent ? undefined : 'waits');
    },
  },
  {
    key: 'local.rate_limit.burst',
    code: 'rate-limited',
    scope: 'all',
    config: (burst) => local({ rate_limit: { requests_per_second: 1, burst } }),
    arrange: (bench) => {
      bench.clock.advance(60_000);
    },
    spend: spendAndAnswer,
  },
  {
    key: 'local.rate_limit.requests_per_second',
    code: 'rate-limited',
    scope: 'all',
    config: (limit) => local({ rate_limit: { requests_per_second: limit, burst: limit } }),
    arrange: (bench) => {
      bench.clients.forEach((_client, index) => {
        while (spendAndAnswer(bench, index) === undefined);
      });
      bench.clock.advance(1000);
    },
    spend: spendAndAnswer,
  },
  {
    key: 'local.max_queued_requests',
    code: 'queue-full',
    scope: 'each',
    config: (limit) => local({ max_queued_requests: limit }),
    arrange: (bench) => {
      bench.clients.forEach((_client, index) => {
        bench.transportOf(index).lose();
      });
    },
    spend: (bench, client) => bench.request(client).code,
  },
  {
    key: 'local.max_server_requests',
    code: 'concurrency-limited',
    scope: 'each',
    config: (limit) => local({ max_server_requests: limit }),
    spend: (bench, client) => {
      const id = bench.nextId();
      const transport = bench.transportOf(client);
      transport.say({ id, method: 'sampling/createMessage' });
      const refusal = transport.texts.find((text) => text.includes(`"id":${String(id)},"error"`));
      return refusal === undefined ? undefined : /"code":"([a-z-]+)"/.exec(refusal)?.[1];
    },
  },
  {
    key: 'local.max_sessions',
    code: 'session-limit',
    scope: 'all',
    // Two are attached already.
    config: (limit) => local({ max_sessions: limit + 2 }),
    spend: ({ router }) => {
      try {
        router.openSession(new FakeDoor());
        return undefined;
      } catch (error) {
        return error instanceof RouterError ? error.code : error;
      }
    },
  },
];

/** A limit on how large something may be, or how long it may take. */
interface MeasuredLimit {
  readonly key: string;
  readonly code: string;
  readonly limit: number;
  /** The most that passes. */
  readonly edge: (limit: number) => number;
  readonly config: (limit: number) => Record<string, unknown>;
  /** What is there before the configuration changes. */
  readonly prepare?: (bench: LimitBench) => void;
  /** Tries one of this measure; undefined when it passes, or else the code of the refusal. */
  readonly attempt: (bench: LimitBench, client: number, amount: number) => Promise<unknown>;
}

const upTo = (limit: number): number => limit;
const lessThan = (limit: number): number => limit - 1;
const lineOf = (id: number, bytes: number): Buffer =>
  requestLine(id, 'm', `{"filler":"${'x'.repeat(bytes - requestLine(id, 'm', '{"filler":""}').length)}"}`);

/** Beside the others there is a client on streams, which are what the limit on lines is about. */
async function sendLine(bench: LimitBench, bytes: number): Promise<unknown> {
  const { input, output } = bench.streams();
  input.write(Buffer.concat([lineOf(bench.nextId(), bytes), Buffer.from('\n')]));
  await settled();
  return /"code":"([a-z-]+)"/.exec(String(output.read() ?? ''))?.[1];
}

const measuredLimits: readonly MeasuredLimit[] = [
  {
    key: 'gateway.max_message_bytes',
    code: 'message-too-large',
    limit: 2000,
    edge: upTo,
    config: (limit) => ({ gateway: { max_message_bytes: limit } }),
    attempt: (bench, client, bytes) => {
      const id = bench.nextId();
      const { session, door } = bench.client(client);
      session.takeLine(lineOf(id, bytes));
      return Promise.resolve(codeFor(door, id));
    },
  },
  {
    key: 'local.max_line_bytes',
    code: 'line-too-large',
    limit: 2000,
    edge: upTo,
    config: (limit) => local({ max_line_bytes: limit }),
    prepare: (bench) => {
      bench.streams();
    },
    attempt: (bench, _client, bytes) => sendLine(bench, bytes),
  },
  {
    key: 'local.request_timeout_ms',
    code: 'request-timeout',
    limit: 500,
    edge: lessThan,
    config: (limit) => local({ request_timeout_ms: limit }),
    attempt: (bench, client, ms) => {
      const { id } = bench.request(client);
      bench.clock.advance(ms);
      return Promise.resolve(codeFor(bench.client(client).door, id));
    },
  },
  {
    key: 'local.max_request_duration_ms',
    code: 'request-timeout',
    limit: 5000,
    edge: lessThan,
    config: (limit) => local({ request_timeout_ms: 300, max_request_duration_ms: limit }),
    attempt: (bench, client, ms) => {
      const token = `t${String(bench.nextId())}`;
      const { id } = bench.request(client, `{"_meta":{"progressToken":"${token}"}}`);
      for (let leftMs = ms; leftMs > 0; leftMs -= 200) {
        const params = { progressToken: token, progress: 1 };
        bench.transportOf(client).say({ method: 'notifications/progress', params });
        bench.clock.advance(Math.min(200, leftMs));
      }
      return Promise.resolve(codeFor(bench.client(client).door, id));
    },
  },
  {
    key: 'local.drain_timeout_ms',
    code: 'request-timeout',
    limit: 500,
    edge: lessThan,
    config: (limit) => local({ drain_timeout_ms: limit }),
    attempt: async (bench, client, ms) => {
      const { session, door } = bench.client(client);
      const { id } = bench.request(client);
      void bench.router.closeSession(session);
      bench.clock.advance(ms);
      await settled();
      return codeFor(door, id);
    },
  },
];

const LIMIT = 8;

async function ready({ config, arrange }: CountedLimit, limit: number, clients: number): Promise<LimitBench> {
  const bench = new LimitBench(config(limit));
  await bench.attachAll(clients);
  arrange?.(bench);
  return bench;
}

const outcomes = ({ spend }: CountedLimit, bench: LimitBench, client: number, times: number): unknown[] =>
  Array.from({ length: times }, () => spend(bench, client));
const passes = (all: readonly unknown[]): number => all.filter((code) => code === undefined).length;

describe('SEC-11 how many', () => {
  const isForSessions = ({ key }: CountedLimit): boolean => key === 'local.max_sessions';
  const cases = countedLimits.map((limit) => ({ key: limit.key, limit }));
  const forClients = cases.filter(({ limit }) => !isForSessions(limit));

  it.each(cases)('$key passes at its edge, and not one above', async ({ limit }) => {
    const bench = await ready(limit, LIMIT, isForSessions(limit) ? 2 : 1);
    expect(outcomes(limit, bench, 0, LIMIT + 2)).toEqual([
      ...new Array<undefined>(LIMIT).fill(undefined),
      limit.code,
      limit.code,
    ]);
  });

  it.each(cases)('$key holds for clients that ask in turn', async ({ limit }) => {
    const bench = await ready(limit, LIMIT, 2);
    let count = 0;
    for (let turn = 0; turn <= LIMIT; turn += 1)
      for (const client of [0, 1]) count += passes(outcomes(limit, bench, client, 1));
    expect(count).toBe(limit.scope === 'all' ? LIMIT : 2 * LIMIT);
  });

  it.each(forClients)('SEC-68 $key leaves something to others when one floods', async ({ limit }) => {
    const bench = await ready(limit, LIMIT, 2);
    const flood = passes(outcomes(limit, bench, 0, 10 * LIMIT));
    const other = passes(outcomes(limit, bench, 1, LIMIT));
    expect(other).toBeGreaterThan(0);
    expect(flood + other).toBe(limit.scope === 'all' ? LIMIT : 2 * LIMIT);
  });

  it.each(cases.flatMap(({ key, limit }) => [LIMIT + 3, LIMIT - 3].map((next) => ({ key, next, limit }))))(
    '$key is $next after a reload that says so',
    async ({ limit, next }) => {
      const bench = new LimitBench(limit.config(LIMIT));
      await bench.attachAll(isForSessions(limit) ? 2 : 1);
      await bench.reload(limit.config(next));
      limit.arrange?.(bench);
      expect(passes(outcomes(limit, bench, 0, next + 5))).toBe(next);
    },
  );
});

describe('SEC-11 how large and how long', () => {
  const cases = measuredLimits;

  it.each(cases)(
    '$key passes at its edge, and not one above',
    async ({ limit, edge, config, code, attempt }) => {
      const bench = new LimitBench(config(limit));
      await bench.attachAll(2);
      expect(await attempt(bench, 0, edge(limit))).toBeUndefined();
      expect(await attempt(bench, 1, edge(limit) + 1)).toBe(code);
    },
  );

  it.each(cases)('$key holds beside requests of others', async ({ limit, edge, config, code, attempt }) => {
    const bench = new LimitBench(config(limit));
    await bench.attachAll(6);
    bench.clients.forEach((_client, index) => bench.request(index));
    const all: unknown[] = [];
    for (const index of bench.clients.keys())
      all.push(await attempt(bench, index, edge(limit) + (index % 2)));
    expect(all).toEqual([undefined, code, undefined, code, undefined, code]);
  });

  it.each(cases.flatMap((one) => [2, 0.75].map((factor) => ({ ...one, next: one.limit * factor }))))(
    '$key is $next after a reload that says so',
    async ({ limit, next, edge, config, code, prepare, attempt }) => {
      const bench = new LimitBench(config(limit));
      await bench.attachAll(2);
      prepare?.(bench);
      await bench.reload(config(next));
      expect(await attempt(bench, 0, edge(next))).toBeUndefined();
      expect(await attempt(bench, 1, edge(next) + 1)).toBe(code);
    },
  );
});

describe('every limit of the configuration', () => {
  it('stands in one of the tables', () => {
    const keys = configKeys()
      .filter(({ path, type }) => type.kind === 'number' && /^local\.(?!http\.)|^gateway\.max_/.test(path))
      .map(({ path }) => path);
    const covered = [...countedLimits, ...measuredLimits].map(({ key }) => key);
    expect([...covered].sort()).toEqual([...keys].sort());
  });
});
