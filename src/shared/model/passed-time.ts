/** How long ago that was, in milliseconds; never below zero, because clocks are set back at times. */
export const passedMs = (sinceEpochMs: number, nowEpochMs: number): number =>
  Math.max(0, nowEpochMs - sinceEpochMs);
