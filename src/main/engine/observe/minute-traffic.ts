import type { DetectionConfig } from '../../../shared/model/config';
import { methodNames, type KnownMethod } from '../../../shared/model/known-methods';

const MINUTE_MS = 60_000;
/** A minute with fewer requests than this says nothing about what clients usually ask for. */
const LEAST_MIX = 10;
/** The weight of the latest minute. */
const MIX_WEIGHT = 0.1;
/** What was usual is forgotten by this much in each busy minute. */
const FADING = 0.995;
/** How fast an unusual level becomes the usual one. */
const ADAPTING = 1.25;

const indexes: ReadonlyMap<string, number> = new Map(methodNames.map((name, index) => [name, index]));
/** They open a session or keep it alive; they are no use of anything. */
const idle: ReadonlySet<KnownMethod> = new Set<KnownMethod>(['initialize', 'ping']);

/**
 * The requests of this minute beside those of the minutes before: how many, and which. It holds a few numbers,
 * whatever comes; minutes without requests teach nothing.
 */
export class MinuteTraffic {
  private minute = Number.NaN;
  private total = 0;
  private uses = 0;
  private counts = new Float64Array(methodNames.length);
  private readonly shares = new Float64Array(methodNames.length);
  private mixedMinutes = 0;
  private busyMinutes = 0;
  private peak = 0;

  /** Counts a request; `method` is null where it was refused before anybody looked. */
  add(at: number, method: KnownMethod | null, settings: DetectionConfig): void {
    const minute = Math.floor(at / MINUTE_MS);
    if (minute !== this.minute) {
      this.learn(settings);
      this.minute = minute;
    }
    this.total += 1;
    if (method === null || idle.has(method)) return;
    const index = indexes.get(method) ?? 0;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.uses += 1;
  }

  /** True when there was enough traffic to know what is usual. */
  hasLearned({ learning_minutes: minutes }: DetectionConfig): boolean {
    return this.busyMinutes >= minutes;
  }

  /** True while this minute has more requests than is usual. */
  isRateUnusual(settings: DetectionConfig): boolean {
    return this.hasLearned(settings) && this.total > this.rateLimit(settings);
  }

  /** True while this minute has other methods than is usual. */
  isMixUnusual(settings: DetectionConfig): boolean {
    const { min_per_minute: least, difference } = settings.method_mix;
    if (this.uses < least || this.mixedMinutes === 0 || !this.hasLearned(settings)) return false;
    let apart = 0;
    for (let index = 0; index < this.counts.length; index += 1) {
      apart += Math.abs((this.counts[index] ?? 0) / this.uses - (this.shares[index] ?? 0));
    }
    return apart / 2 >= difference;
  }

  private rateLimit({ request_rate: { factor, min_per_minute: least } }: DetectionConfig): number {
    return Math.max(least, factor * this.peak);
  }

  /** The minute is over. What is unusual becomes usual if it stays, but slowly. */
  private learn(settings: DetectionConfig): void {
    if (this.total > 0) {
      const isUnusual = this.isRateUnusual(settings);
      this.peak = isUnusual
        ? Math.min(
            this.total,
            Math.max(this.peak, settings.request_rate.min_per_minute / settings.request_rate.factor) *
              ADAPTING,
          )
        : Math.max(this.total, this.peak * FADING);
      this.busyMinutes += 1;
    }
    if (this.uses >= LEAST_MIX) {
      const weight = Math.max(MIX_WEIGHT, 1 / (this.mixedMinutes + 1));
      for (let index = 0; index < this.counts.length; index += 1) {
        const share = (this.counts[index] ?? 0) / this.uses;
        this.shares[index] = (this.shares[index] ?? 0) * (1 - weight) + share * weight;
      }
      this.mixedMinutes += 1;
    }
    this.total = 0;
    this.uses = 0;
    this.counts.fill(0);
  }
}
