import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { RouterEvent } from '../../../shared/model/events';
import { methodNames } from '../../../shared/model/known-methods';
import type { RouterStatus } from '../../../shared/model/status';

import { isServing } from './health';

/** Seconds; those of the Go router (gateway-protocol 10.1). */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Bytes. */
const SIZE_BUCKETS = [100, 1e3, 1e4, 1e5, 1e6];

const shownStates = ['disconnected', 'connecting', 'connected', 'degraded', 'failed', 'locked'] as const;
const limits = ['local.rate_limit', 'local.max_concurrent_requests'] as const;
const errorKinds = ['connection', 'auth', 'certificate'] as const;
const directions = ['from-client', 'from-gateway'] as const;

/** Counts what the event bus tells. Label values come from the lists of this program, never from a client. */
export class Metrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  private readonly registry = new Registry();
  private readonly counters = countersIn(this.registry);
  private readonly histograms = histogramsIn(this.registry);
  private readonly lookAtStatus: () => void;

  constructor(status: () => RouterStatus) {
    const gauges = gaugesIn(this.registry);
    this.lookAtStatus = () => {
      show(gauges, status());
    };
  }

  /** The names of all metrics. */
  get names(): readonly string[] {
    return this.registry.getMetricsAsArray().map(({ name }) => name);
  }

  /** Labels on every metric from now on. */
  setLabels(labels: Readonly<Record<string, string>>): void {
    this.registry.setDefaultLabels({ ...labels });
  }

  /** Takes one event into the counters. */
  note(event: RouterEvent): void {
    const { counters } = this;
    switch (event.kind) {
      case 'request-settled':
        this.noteReply(event);
        return;
      case 'request-refused':
        counters.requests.inc();
        counters.errors.inc();
        return;
      case 'rate-limited':
        counters.rateLimit.inc({ limit: event.limit });
        return;
      case 'policy-denied':
        counters.policyDenials.inc();
        return;
      case 'message-dropped':
        counters.dropped.inc({ direction: event.direction });
        return;
      case 'auth-failed':
        counters.authFailures.inc();
        counters.connectionErrors.inc({ kind: 'auth' });
        return;
      case 'credential-rolled-back':
        counters.authFailures.inc();
        return;
      case 'failed-over':
        counters.failovers.inc();
        return;
      case 'certificate-rejected':
        counters.connectionErrors.inc({ kind: 'certificate' });
        return;
      case 'connection-failed':
        counters.connectionErrors.inc({ kind: 'connection' });
        return;
      case 'connection-changed':
        if (event.from === 'waiting' && event.to === 'connecting') counters.retries.inc();
        return;
      default:
    }
  }

  /** Everything in the text format of Prometheus. */
  text(): Promise<string> {
    this.lookAtStatus();
    return this.registry.metrics();
  }

  private noteReply(event: Extract<RouterEvent, { kind: 'request-settled' }>): void {
    const { counters, histograms } = this;
    counters.requests.inc();
    counters.responses.inc();
    if (event.outcome === 'error') counters.errors.inc();
    histograms.duration.observe({ method: event.method }, event.durationMs / 1000);
    histograms.size.observe(event.replyBytes);
  }
}

interface Counters {
  readonly requests: Counter;
  readonly responses: Counter;
  readonly errors: Counter;
  readonly retries: Counter;
  readonly failovers: Counter;
  readonly authFailures: Counter;
  readonly rateLimit: Counter<'limit'>;
  readonly connectionErrors: Counter<'kind'>;
  readonly policyDenials: Counter;
  readonly dropped: Counter<'direction'>;
}

function countersIn(registry: Registry): Counters {
  const counter = <Label extends string>(name: string, help: string, label?: Label): Counter<Label> =>
    new Counter({ name, help, registers: [registry], labelNames: label === undefined ? [] : [label] });
  const counters: Counters = {
    requests: counter('mcp_router_requests_total', 'Requests of clients that got their reply.'),
    responses: counter('mcp_router_responses_total', 'Replies of the gateway that were delivered.'),
    errors: counter(
      'mcp_router_errors_total',
      'Requests that ended with an error, of the router or the server.',
    ),
    retries: counter('mcp_router_connection_retries_total', 'Tries to connect again.'),
    failovers: counter('mcp_router_failovers_total', 'Connections that went on at another endpoint.'),
    authFailures: counter(
      'mcp_router_auth_failures_total',
      'Connections that failed for lack of a valid credential, and rotations that went back.',
    ),
    rateLimit: counter(
      'mcp_router_rate_limit_exceeded_total',
      'Requests above a limit, by its key.',
      'limit',
    ),
    connectionErrors: counter(
      'mcp_router_connection_errors_total',
      'Connections that failed, by reason.',
      'kind',
    ),
    policyDenials: counter('mcp_router_policy_denials_total', 'Requests that local.policy denied.'),
    dropped: counter(
      'mcp_router_messages_dropped_total',
      'Messages without a reply that were not passed on.',
      'direction',
    ),
  };
  // From zero: what appears with its first event has no increase that an alert could see.
  for (const limit of limits) counters.rateLimit.inc({ limit }, 0);
  for (const kind of errorKinds) counters.connectionErrors.inc({ kind }, 0);
  for (const direction of directions) counters.dropped.inc({ direction }, 0);
  return counters;
}

interface Histograms {
  readonly duration: Histogram<'method'>;
  readonly size: Histogram;
}

function histogramsIn(registry: Registry): Histograms {
  const duration = new Histogram({
    name: 'mcp_router_request_duration_seconds',
    help: 'From the request of a client to its reply, by method.',
    labelNames: ['method'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  for (const method of methodNames) duration.zero({ method });
  const size = new Histogram({
    name: 'mcp_router_response_size_bytes',
    help: 'Size of the replies of the gateway.',
    buckets: SIZE_BUCKETS,
    registers: [registry],
  });
  return { duration, size };
}

interface Gauges {
  readonly up: Gauge;
  readonly connections: Gauge;
  readonly clients: Gauge;
  readonly inFlight: Gauge;
  readonly queued: Gauge;
  readonly degradations: Gauge;
  readonly state: Gauge<'state'>;
}

function gaugesIn(registry: Registry): Gauges {
  const gauge = <Label extends string>(name: string, help: string, label?: Label): Gauge<Label> =>
    new Gauge({ name, help, registers: [registry], labelNames: label === undefined ? [] : [label] });
  return {
    up: gauge('mcp_router_up', '1 while the router is connected and serves clients, otherwise 0.'),
    connections: gauge('mcp_router_active_connections', 'Connections to the gateway that are open.'),
    clients: gauge('mcp_router_clients', 'Clients that are attached.'),
    inFlight: gauge('mcp_router_requests_in_flight', 'Requests that the gateway works on.'),
    queued: gauge('mcp_router_requests_queued', 'Messages that wait for a connection or a free slot.'),
    degradations: gauge('mcp_router_degradations', 'Things that run but must be looked at.'),
    state: gauge('mcp_router_connection_state', '1 for the state that tray and window show.', 'state'),
  };
}

function show(gauges: Gauges, status: RouterStatus): void {
  const { sessions, keeper } = status;
  const kept = keeper.name === 'connected' ? 1 : 0;
  gauges.up.set(isServing(status) ? 1 : 0);
  gauges.connections.set(kept + sum(sessions.map(({ openConnections }) => openConnections)));
  gauges.clients.set(sessions.length);
  gauges.inFlight.set(sum(sessions.map(({ inFlight }) => inFlight)));
  gauges.queued.set(sum(sessions.map(({ queued }) => queued)));
  gauges.degradations.set(status.degradations.length);
  for (const state of shownStates) gauges.state.set({ state }, state === status.shown ? 1 : 0);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
