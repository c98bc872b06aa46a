import type { DetectionConfig } from '../../../shared/model/config';

/** What was usual is forgotten by this much with each request. */
const FADING = 0.9999;
/** How fast an unusual size becomes the usual one. */
const ADAPTING = 1.1;
const LEAST_BYTES = 1024;

/** The largest usual request; one number. */
export class RequestSizes {
  private usual = LEAST_BYTES;

  /** Takes a request of so many bytes; true when it is larger than is usual. */
  add(bytes: number, { large_requests: settings }: DetectionConfig, hasLearned: boolean): boolean {
    const isLarge = hasLearned && bytes > Math.max(settings.min_bytes, settings.factor * this.usual);
    this.usual = isLarge ? this.usual * ADAPTING : Math.max(bytes, this.usual * FADING);
    return isLarge;
  }
}
