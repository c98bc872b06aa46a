import type { TrafficReport } from '../shared/model/traffic';
import { overviewTexts } from './texts/overview';

const words = overviewTexts.traffic;
const MINUTE_MS = 60_000;
const SECOND_MS = 1000;
/** One step alone jumps too much to be read. */
const NOW_MS = 10_000;

/** One small chart: what it shows now, and in words what the picture shows. */
export interface ChartView {
  readonly name: string;
  readonly value: string;
  readonly notes: readonly string[];
  /** For those who cannot see it. */
  readonly label: string;
}

/** What the charts of the overview say and draw. */
export type TrafficView =
  | { readonly kind: 'quiet'; readonly title: string }
  | {
      readonly kind: 'busy';
      readonly rate: ChartView & { readonly values: readonly number[] };
      readonly latency: ChartView & {
        readonly medians: readonly (number | null)[];
        readonly slow: readonly (number | null)[];
      };
    };

const count = (value: number): string => value.toLocaleString();

function rateWords(perSecond: number): string {
  const digits = perSecond === 0 || perSecond >= 10 ? 0 : 1;
  return perSecond.toLocaleString(undefined, { minimumFractionDigits: 0, maximumFractionDigits: digits });
}

/** A latency with two digits that mean something. */
export function latencyWords(ms: number | null): string {
  if (ms === null) return '';
  if (ms < 1) return words.milliseconds('< 1');
  if (ms < SECOND_MS) return words.milliseconds(count(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)));
  return words.seconds(count(Math.round(ms / 100) / 10));
}

/** How many whole minutes the report is about. */
export const minutesOf = ({ stepMs, steps }: TrafficReport): number =>
  Math.round((stepMs * steps.length) / MINUTE_MS);

function rateView({
  steps,
  stepMs,
  total,
}: TrafficReport): ChartView & { readonly values: readonly number[] } {
  const values = steps.map(({ requests }) => (requests * SECOND_MS) / stepMs);
  const recent = values.slice(-Math.round(NOW_MS / stepMs));
  const now = rateWords(recent.reduce((sum, value) => sum + value, 0) / Math.max(1, recent.length));
  const range = words.rateRange(rateWords(Math.min(...values)), rateWords(Math.max(...values)));
  const sum = words.requests(count(total.requests), count(total.failures));
  return {
    name: words.rate,
    value: words.perSecond(now),
    notes: [range, sum],
    label: words.rateLabel(now, range, sum),
    values,
  };
}

function latencyView({ steps, total }: TrafficReport): Extract<TrafficView, { kind: 'busy' }>['latency'] {
  const medians = steps.map(({ p50Ms }) => p50Ms);
  const slow = steps.map(({ p95Ms }) => p95Ms);
  const known = medians.filter((value) => value !== null);
  if (known.length === 0) {
    return {
      name: words.latency,
      value: '–',
      notes: [words.noAnswers],
      label: words.noAnswers,
      medians,
      slow,
    };
  }
  const p50 = latencyWords(total.p50Ms);
  const p95 = latencyWords(total.p95Ms);
  const range = words.latencyRange(latencyWords(Math.min(...known)), latencyWords(Math.max(...known)));
  return {
    name: words.latency,
    value: p50,
    notes: [words.slow(p95), range],
    label: words.latencyLabel(p50, p95, range),
    medians,
    slow,
  };
}

/** @param hasEverAsked false while no client asked anything since the router was started */
export function trafficView(report: TrafficReport, hasEverAsked: boolean): TrafficView {
  if (report.total.requests === 0) {
    return { kind: 'quiet', title: hasEverAsked ? words.quiet(minutesOf(report)) : words.none };
  }
  return { kind: 'busy', rate: rateView(report), latency: latencyView(report) };
}
