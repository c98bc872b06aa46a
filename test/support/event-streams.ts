import { DetectionWatch } from '../../src/main/engine/observe/detection-watch';
import { routerConfigSchema, type DetectionConfig } from '../../src/shared/model/config';
import type { RouterFact } from '../../src/shared/model/events';
import type { KnownMethod } from '../../src/shared/model/known-methods';
import { ManualClock } from './manual-clock';
import { pseudoRandom } from './pseudo-random';

/** A fact and when it happened, in milliseconds from the start of its stream. */
export type Timed = readonly [atMs: number, fact: RouterFact];

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

interface RequestFacts {
  readonly method: KnownMethod;
  readonly tool: number | null;
  readonly bytes: number;
}

/** A request of a client that got its reply. */
export const settled = (changes: Partial<RequestFacts> = {}): RouterFact => {
  const { method, tool, bytes }: RequestFacts = { method: 'tools/call', tool: 1, bytes: 200, ...changes };
  const reply = { outcome: 'result', durationMs: 20, requestBytes: bytes, replyBytes: 900 } as const;
  return { kind: 'request-settled', session: 's1', method, tool, ...reply };
};

/** The same fact so many times, evenly. */
export const repeated = (fact: RouterFact, times: number, everyMs: number): readonly Timed[] =>
  Array.from({ length: times }, (_, index) => [index * everyMs, fact] as const);

/** A stream that begins later. */
export const later = (byMs: number, stream: readonly Timed[]): readonly Timed[] =>
  stream.map(([atMs, fact]) => [atMs + byMs, fact] as const);

const LANES = ['keeper', 's1', 's2', 's3', 's4'];
const onAllLanes = (atMs: number, factOf: (lane: string) => RouterFact): readonly Timed[] =>
  LANES.map((lane, index) => [atMs + index * 40, factOf(lane)] as const);
const moved =
  (from: 'connected' | 'waiting' | 'connecting', to: 'waiting' | 'connecting' | 'connected') =>
  (lane: string): RouterFact => ({ kind: 'connection-changed', lane, from, to });

/** What clients do in a minute of work: mostly tools, sometimes lists and resources, rarely something large. */
function workOf(random: () => number): RouterFact {
  const kind = random();
  if (kind < 0.7) {
    const bytes = Math.ceil(150 * Math.exp(random() * 5));
    return settled({ tool: Math.floor(random() * 25), bytes });
  }
  if (kind < 0.8) return settled({ method: 'tools/list', tool: null, bytes: 60 });
  if (kind < 0.95) return settled({ method: 'resources/read', tool: null, bytes: 120 });
  return settled({ method: 'prompts/get', tool: null, bytes: 140 });
}

/** Requests of several clients for so long: some minutes quiet, some busy, and bursts of hundreds in a few seconds. */
function work(lengthMs: number, random: () => number): readonly Timed[] {
  const stream: Timed[] = [];
  for (let minute = 0; minute < lengthMs / MINUTE; minute += 1) {
    const isBurst = random() < 0.08;
    const requests = isBurst ? 400 : Math.floor(2 + random() * 60);
    for (let index = 0; index < requests; index += 1) {
      stream.push([minute * MINUTE + random() * (isBurst ? 10 * SECOND : MINUTE), workOf(random)]);
    }
    for (let index = 0; index < 8; index += 1) {
      stream.push([minute * MINUTE + random() * MINUTE, settled({ method: 'ping', tool: null, bytes: 40 })]);
    }
  }
  return stream;
}

/** What goes wrong in an hour in which nobody attacks. */
function mishaps(random: () => number): readonly Timed[] {
  const lost: RouterFact = { kind: 'connection-failed', lane: 'keeper', code: 'gateway-lost', detail: '' };
  const expired = (lane: string): RouterFact => ({
    kind: 'auth-failed',
    lane,
    code: 'auth-failed',
    detail: 'HTTP 401',
  });
  const reconnect = 20 * MINUTE + random() * MINUTE;
  const expiry = 41 * MINUTE + random() * MINUTE;
  return [
    ...LANES.map(
      (lane, index) => [index * SECOND, { kind: 'session-opened', session: lane, door: 'stdio' }] as const,
    ),
    // The gateway restarts: every lane loses it, and tries a few times.
    ...onAllLanes(reconnect, moved('connected', 'waiting')),
    ...onAllLanes(reconnect + 100, (lane) => ({ ...lost, lane })),
    ...onAllLanes(reconnect + 1500, (lane) => ({ ...lost, lane, code: 'gateway-unreachable' })),
    ...onAllLanes(reconnect + 4000, moved('waiting', 'connecting')),
    ...onAllLanes(reconnect + 4300, moved('connecting', 'connected')),
    // A token ends for all connections at once, a person tries the wrong one, and then the right one.
    ...onAllLanes(expiry, expired),
    ...onAllLanes(expiry + 30 * SECOND, expired),
    [expiry + 60 * SECOND, { kind: 'credential-changed' }],
    ...onAllLanes(expiry + 61 * SECOND, moved('connecting', 'connected')),
    // A busy moment runs into the limit, and one message is too large.
    ...later(
      50 * MINUTE,
      repeated({ kind: 'rate-limited', session: 's2', limit: 'local.rate_limit', retryAfterMs: 20 }, 80, 25),
    ),
    ...later(
      50 * MINUTE,
      repeated({ kind: 'request-refused', session: 's2', code: 'rate-limited', detail: '' }, 80, 25),
    ),
    [53 * MINUTE, { kind: 'request-refused', session: 's3', code: 'message-too-large', detail: '' }],
    // Somebody forgot the token for the metrics once; a client starts to use two more tools.
    [54 * MINUTE, { kind: 'local-client-refused', door: 'metrics', reason: 'token', times: 1 }],
    [55 * MINUTE, settled({ tool: 900 })],
    [55 * MINUTE + 10, settled({ tool: 901 })],
  ];
}

/** An hour of several clients without any attack, with bursts, a reconnect and an expired token. */
export function normalHour(seed: number): readonly Timed[] {
  const random = pseudoRandom(seed);
  return [...work(HOUR, random), ...mishaps(random)].sort(([one], [other]) => one - other);
}

/** Work as in {@link normalHour} and nothing else. */
export const normalWork = (lengthMs: number, seed: number): readonly Timed[] =>
  [...work(lengthMs, pseudoRandom(seed))].sort(([one], [other]) => one - other);

const detectionOf = (detection: object): DetectionConfig =>
  routerConfigSchema.parse({ gateway: { url: 'wss://gateway.example/' }, security: { detection } }).security
    .detection;

/** Detection with time in the hands of the test. */
export class DetectionBench {
  readonly clock = new ManualClock();
  readonly told: RouterFact[] = [];
  readonly watch: DetectionWatch;
  private sequence = 0;
  private settings: DetectionConfig;

  constructor(detection: object = {}, isOnByDefault = true) {
    this.settings = detectionOf(detection);
    this.watch = new DetectionWatch({
      clock: this.clock,
      settings: () => this.settings,
      isOnByDefault,
      publish: (fact) => this.told.push(fact),
    });
  }

  /** Uses other settings from now on. */
  configure(detection: object): void {
    this.settings = detectionOf(detection);
  }

  /** Plays a stream from now on; the clock ends at its last event. */
  play(stream: readonly Timed[]): this {
    const start = this.clock.now();
    for (const [atMs, fact] of stream) {
      this.clock.advance(Math.max(0, start + atMs - this.clock.now()));
      this.sequence += 1;
      this.watch.take({ ...fact, sequence: this.sequence, at: this.clock.now() });
    }
    return this;
  }

  get raised(): readonly string[] {
    return this.told.flatMap((fact) => (fact.kind === 'alert-raised' ? [fact.rule] : []));
  }

  get resolved(): readonly string[] {
    return this.told.flatMap((fact) => (fact.kind === 'alert-resolved' ? [fact.rule] : []));
  }
}
