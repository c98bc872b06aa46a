import { describe, expect, it } from 'vitest';

import { health } from '../../../src/main/engine/observe/health';
import { Metrics } from '../../../src/main/engine/observe/metrics';
import { alertRules } from '../../../src/shared/model/alerts';
import type { RouterFact } from '../../../src/shared/model/events';
import { knownMethod, methodNames } from '../../../src/shared/model/known-methods';
import { statusAtRest, type RouterStatus, type SessionStatus } from '../../../src/shared/model/status';
import { sampleEvents } from '../../support/sample-events';

const session = (clientName: string): SessionStatus => ({
  id: 's1',
  door: 'stdio',
  owner: null,
  clientName,
  openedAt: 0,
  connection: { name: 'connected', since: 0, tls: null },
  openConnections: 3,
  failures: 0,
  requests: 3,
  inFlight: 2,
  queued: 5,
});

class Bench {
  status: RouterStatus = statusAtRest(0);
  readonly metrics = new Metrics(() => this.status);
  private sequence = 0;

  tell(...facts: readonly RouterFact[]): void {
    for (const fact of facts) {
      this.sequence += 1;
      this.metrics.note({ ...fact, sequence: this.sequence, at: 0 });
    }
  }

  /** Every sample, by its name with labels. */
  async samples(): Promise<ReadonlyMap<string, number>> {
    const lines = (await this.metrics.text()).split('\n').filter((line) => /^[^#]/.test(line));
    return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
  }
}

const failed = { lane: 'keeper', detail: '' } as const;
const reply = {
  kind: 'request-settled',
  session: 's1',
  method: 'tools/call',
  tool: 7,
  outcome: 'error',
  durationMs: 30,
  requestBytes: 1,
  replyBytes: 900,
} as const;

describe('metrics', () => {
  const moves: readonly (readonly [RouterFact, readonly string[]])[] = [
    [
      reply,
      [
        'mcp_router_requests_total',
        'mcp_router_responses_total',
        'mcp_router_errors_total',
        'mcp_router_request_duration_seconds_count{method="tools/call"}',
        'mcp_router_request_duration_seconds_bucket{le="0.05",method="tools/call"}',
        'mcp_router_response_size_bytes_count',
        'mcp_router_response_size_bytes_bucket{le="1000"}',
      ],
    ],
    [
      { kind: 'request-refused', session: 's1', code: 'queue-full', detail: '' },
      ['mcp_router_requests_total', 'mcp_router_errors_total'],
    ],
    [
      { kind: 'rate-limited', session: 's1', limit: 'local.rate_limit', retryAfterMs: 1 },
      ['mcp_router_rate_limit_exceeded_total{limit="local.rate_limit"}'],
    ],
    [
      { kind: 'policy-denied', session: 's1', rule: 'local.policy.deny_tools', detail: '' },
      ['mcp_router_policy_denials_total'],
    ],
    [
      { kind: 'auth-failed', code: 'auth-failed', ...failed },
      ['mcp_router_auth_failures_total', 'mcp_router_connection_errors_total{kind="auth"}'],
    ],
    [{ kind: 'credential-rolled-back', what: 'token', name: 'gateway' }, ['mcp_router_auth_failures_total']],
    [
      { kind: 'failed-over', lane: 'keeper', from: 'one.example', to: 'two.example' },
      ['mcp_router_failovers_total'],
    ],
    [
      { kind: 'certificate-rejected', code: 'certificate-rejected', ...failed },
      ['mcp_router_connection_errors_total{kind="certificate"}'],
    ],
    [
      { kind: 'connection-failed', code: 'gateway-unreachable', ...failed },
      ['mcp_router_connection_errors_total{kind="connection"}'],
    ],
    [
      { kind: 'connection-changed', lane: 'keeper', from: 'waiting', to: 'connecting' },
      ['mcp_router_connection_retries_total'],
    ],
    [
      { kind: 'local-client-refused', door: 'http', reason: 'origin', times: 1 },
      ['mcp_router_local_clients_refused_total{door="http",reason="origin"}'],
    ],
    ...alertRules.map(
      (rule) =>
        [
          { kind: 'alert-raised', rule, count: 5 },
          [`mcp_router_security_alerts_total{rule="${rule}"}`],
        ] as const,
    ),
    [
      { kind: 'message-dropped', session: 's1', direction: 'from-client', reason: 'x', bytes: 1 },
      ['mcp_router_messages_dropped_total{direction="from-client"}'],
    ],
  ];

  it.each(moves)('%o is counted, and before it the counters are there at zero', async (fact, names) => {
    const bench = new Bench();
    const before = await bench.samples();
    bench.tell(fact);
    const after = await bench.samples();
    expect(names.map((name) => [name, before.get(name), after.get(name)])).toEqual(
      names.map((name) => [name, 0, 1]),
    );
  });

  it('never stand still: each one moves with some event or some state', async () => {
    const bench = new Bench();
    const before = await bench.samples();
    bench.status = {
      ...statusAtRest(0),
      shown: 'degraded',
      isSwitchedOn: true,
      sessions: [session('x')],
      degradations: [{ code: 'lane-failing', text: '' }],
    };
    bench.tell(...moves.map(([fact]) => fact));
    const after = await bench.samples();
    const moved = [...after].filter(([name, value]) => value !== before.get(name)).map(([name]) => name);
    const still = bench.metrics.names.filter((name) => !moved.some((sample) => sample.startsWith(name)));
    expect(still).toEqual([]);
  });

  it('show the state of now', async () => {
    const bench = new Bench();
    bench.status = { ...statusAtRest(0), shown: 'connected', sessions: [session('a')] };
    const samples = await bench.samples();
    expect(samples.get('mcp_router_up')).toBe(1);
    expect(samples.get('mcp_router_active_connections')).toBe(3);
    expect(samples.get('mcp_router_requests_in_flight')).toBe(2);
    expect(samples.get('mcp_router_requests_queued')).toBe(5);
    expect(samples.get('mcp_router_connection_state{state="connected"}')).toBe(1);
    expect(samples.get('mcp_router_connection_state{state="failed"}')).toBe(0);
    bench.status = { ...bench.status, shown: 'failed' };
    expect((await bench.samples()).get('mcp_router_up')).toBe(0);
  });

  it('SEC-92 have a fixed number of samples, whatever clients call themselves and their methods', async () => {
    const bench = new Bench();
    const before = (await bench.samples()).size;
    bench.status = { ...statusAtRest(0), sessions: [session('mallory"} 1\nevil 1')] };
    bench.tell(...sampleEvents);
    for (let index = 0; index < 1000; index += 1) {
      const method = knownMethod(`mallory/${String(index)}`);
      bench.tell({ ...reply, session: `s${String(index)}`, method });
    }
    const samples = await bench.samples();
    expect(samples.size).toBe(before);
    expect(samples.get('mcp_router_request_duration_seconds_count{method="other"}')).toBe(1000);
    expect([...samples.keys()].join()).not.toMatch(/mallory|evil|Claude|gateway-token|HTTP 401/);
  });

  it('put the configured labels onto every sample, and others after a reload', async () => {
    const bench = new Bench();
    bench.metrics.setLabels({ site: 'a"b\\', team: 'x' });
    const names = [...(await bench.samples()).keys()];
    expect(names.filter((name) => !name.includes('site="a\\"b\\\\"'))).toEqual([]);
    bench.metrics.setLabels({ team: 'y' });
    const later = [...(await bench.samples()).keys()];
    expect(later.filter((name) => name.includes('site=') || !name.includes('team="y"'))).toEqual([]);
  });
});

describe('a known method', () => {
  it.each(methodNames)('%s is itself', (name) => {
    expect(knownMethod(name)).toBe(name);
  });

  it.each(['__proto__', 'constructor', 'TOOLS/CALL', 'tools/call ', ''])('"%s" is not', (name) => {
    expect(knownMethod(name)).toBe('other');
  });
});

describe('health', () => {
  it.each([
    ['connected', 200],
    ['degraded', 200],
    ['connecting', 503],
    ['failed', 503],
    ['disconnected', 503],
    ['locked', 503],
  ] as const)('of a router that is %s is %i', (shown, httpStatus) => {
    const answer = health({ ...statusAtRest(0), shown }, 61_900);
    expect(answer.httpStatus).toBe(httpStatus);
    expect(JSON.parse(answer.body)).toEqual({
      status: httpStatus === 200 ? 'healthy' : 'unhealthy',
      gateway: { state: shown },
      degradations: [],
      clients: 0,
      uptime_seconds: 61,
    });
  });

  it('SEC-92 names causes by their code, and neither addresses nor clients', () => {
    const { body } = health(
      {
        ...statusAtRest(0),
        shown: 'failed',
        gatewayUrl: 'wss://gateway.example/',
        cause: { code: 'auth-failed', detail: 'secret detail' },
        sessions: [session('mallory')],
        degradations: [{ code: 'lane-failing', text: 'Not connected: mallory' }],
      },
      -5,
    );
    expect(JSON.parse(body)).toMatchObject({
      gateway: { state: 'failed', cause: 'auth-failed' },
      degradations: ['lane-failing'],
      uptime_seconds: 0,
    });
    expect(body).not.toMatch(/mallory|example|secret/);
  });
});
