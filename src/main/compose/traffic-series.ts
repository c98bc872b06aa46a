import { isFailedRequest, type RouterEvent } from '../../shared/model/events';
import type { TrafficReport, TrafficStep } from '../../shared/model/traffic';

/** Two seconds show a change soon, and five minutes of them still fit into the width of a card. */
const STEP_MS = 2000;
const STEPS = 150;

/** Latencies are counted in classes, eight to a doubling: no more than 5 % off, however many there are. */
const CLASSES_PER_DOUBLING = 8;
/** A class for every latency from 1/16 ms to twelve days; what lies outside goes to the nearest one. */
const LOWEST_EXPONENT = -4;
const CLASSES = (30 - LOWEST_EXPONENT) * CLASSES_PER_DOUBLING;

interface Step {
  requests: number;
  failures: number;
  readonly latencies: Uint32Array;
}

const emptyStep = (): Step => ({ requests: 0, failures: 0, latencies: new Uint32Array(CLASSES) });

function classOf(durationMs: number): number {
  const doublings = Math.log2(Math.max(durationMs, Number.MIN_VALUE)) - LOWEST_EXPONENT;
  return Math.min(CLASSES - 1, Math.max(0, Math.round(doublings * CLASSES_PER_DOUBLING)));
}

const latencyOf = (index: number): number => 2 ** (index / CLASSES_PER_DOUBLING + LOWEST_EXPONENT);

/** The latency that this share of the answers did not exceed; null without answers. */
function percentile(latencies: Uint32Array, share: number): number | null {
  const count = latencies.reduce((sum, one) => sum + one, 0);
  if (count === 0) return null;
  let rest = Math.ceil(count * share);
  const index = latencies.findIndex((one) => (rest -= one) <= 0);
  return latencyOf(index);
}

const told = ({ requests, failures, latencies }: Step): TrafficStep => ({
  requests,
  failures,
  p50Ms: percentile(latencies, 0.5),
  p95Ms: percentile(latencies, 0.95),
});

/** The requests of the last five minutes in steps of two seconds. It holds the same few numbers whatever comes. */
export class TrafficSeries {
  private readonly ring: readonly Step[] = Array.from({ length: STEPS + 1 }, emptyStep);
  /** The number of the step that is under way, counted from the epoch. */
  private current: number;
  private startedAt: number | null = null;

  /** @param now epoch milliseconds */
  constructor(private readonly now: () => number) {
    this.current = this.stepAt(now());
  }

  /** Counts what an event tells of a request. */
  note(event: RouterEvent): void {
    if (event.kind === 'engine-started') this.startedAt = event.at;
    if (event.kind === 'engine-stopped') this.startedAt = null;
    if (event.kind !== 'request-settled' && event.kind !== 'request-refused') return;
    this.goOn();
    const step = this.stepOf(this.current);
    step.requests += 1;
    if (isFailedRequest(event)) step.failures += 1;
    if (event.kind === 'request-refused') return;
    const index = classOf(event.durationMs);
    step.latencies[index] = (step.latencies[index] ?? 0) + 1;
  }

  report(): TrafficReport {
    this.goOn();
    const whole = Array.from({ length: STEPS }, (_, index) => this.stepOf(this.current - STEPS + index));
    const total = emptyStep();
    for (const { requests, failures, latencies } of whole) {
      total.requests += requests;
      total.failures += failures;
      latencies.forEach((count, index) => {
        total.latencies[index] = (total.latencies[index] ?? 0) + count;
      });
    }
    return { startedAt: this.startedAt, stepMs: STEP_MS, steps: whole.map(told), total: told(total) };
  }

  /** Empties the steps between then and now. A clock that was set anew makes the past unusable. */
  private goOn(): void {
    const next = this.stepAt(this.now());
    const isUsable = next >= this.current && next - this.current <= STEPS;
    const from = isUsable ? this.current + 1 : next - STEPS;
    for (let number = from; number <= next; number += 1) {
      const step = this.stepOf(number);
      step.requests = 0;
      step.failures = 0;
      step.latencies.fill(0);
    }
    this.current = next;
  }

  private stepAt(atMs: number): number {
    return Math.floor(atMs / STEP_MS);
  }

  private stepOf(number: number): Step {
    const step = this.ring[number % this.ring.length];
    if (step === undefined) throw new RangeError('a step lies outside of the ring');
    return step;
  }
}
