import { z } from 'zod';

import { byteCount, KIB } from './setting-values';

const MAX_EVENTS = 1000;
const isOn = z.boolean().default(true);
const events = (fallback: number): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(1).max(MAX_EVENTS).default(fallback);
const seconds = (fallback: number): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(1).max(86_400).default(fallback);
const factor = (fallback: number): z.ZodDefault<z.ZodNumber> => z.number().min(1).max(1000).default(fallback);
const perMinute = (fallback: number): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(1).max(1_000_000).default(fallback);

interface WindowShape {
  readonly enabled: typeof isOn;
  readonly threshold: z.ZodDefault<z.ZodNumber>;
  readonly window_seconds: z.ZodDefault<z.ZodNumber>;
}
/** So many events within so long a time. */
const windowed = (threshold: number, windowSeconds: number): WindowShape => ({
  enabled: isOn,
  threshold: events(threshold),
  window_seconds: seconds(windowSeconds),
});

/** Suspicious patterns (guide: Intrusion Detection). They are told to people; nothing is refused because of them. */
export const detectionSchema = z.strictObject({
  /** Without a value: on in the app and in `serve`, off in a bridge that a client starts. */
  enabled: z.boolean().optional(),
  /** Minutes with traffic until the router knows what is usual; what depends on it is silent before. */
  learning_minutes: z.number().int().min(1).max(10_000).default(30),
  /** An incident of which nothing was seen for so long is over. */
  resolve_after_seconds: seconds(600),
  /** Credentials that the other side refused. */
  auth_failures: z.strictObject(windowed(5, 300)).prefault({}),
  /** Certificates, pins, TLS versions and suites of the other side that were refused. */
  certificate_failures: z.strictObject(windowed(1, 300)).prefault({}),
  /** Who was turned away at a door of this machine: wrong host name, origin or token. */
  unexpected_clients: z.strictObject(windowed(3, 300)).prefault({}),
  /** Tools that were never called since the router started. */
  new_tools: z.strictObject(windowed(5, 60)).prefault({}),
  /** Requests above `min_bytes` and above `factor` times the largest usual one, or above the limits on size. */
  large_requests: z
    .strictObject({ ...windowed(3, 300), factor: factor(10), min_bytes: byteCount(256 * KIB) })
    .prefault({}),
  /** Requests in one minute above `min_per_minute` and above `factor` times the busiest usual one. */
  request_rate: z
    .strictObject({ enabled: isOn, factor: factor(3), min_per_minute: perMinute(1500) })
    .prefault({}),
  /** How far the methods of one minute are from the usual ones: 0 the same, 1 nothing in common. */
  method_mix: z
    .strictObject({
      enabled: isOn,
      difference: z.number().gt(0).max(1).default(0.7),
      min_per_minute: perMinute(120),
    })
    .prefault({}),
});
