import type { RouterEvent } from './events';

/** More events than a person reads; older ones are in the log. */
export const MAX_KEPT_EVENTS = 500;

/** How many of each kind may stay so that all together are not more than `max`. */
function capOf(counts: readonly number[], max: number): number {
  let cap = Math.floor(max / Math.max(1, counts.length));
  for (;;) {
    const sum = counts.reduce((total, count) => total + Math.min(count, cap + 1), 0);
    if (sum > max) return cap;
    cap += 1;
  }
}

/**
 * At most `max` events, oldest first. The oldest of the kind that there is most of go first: a client that hits a limit
 * hundreds of times does not wash away the one alert.
 */
export function keptEvents(
  events: readonly RouterEvent[],
  max: number = MAX_KEPT_EVENTS,
): readonly RouterEvent[] {
  if (events.length <= max) return events;
  const counts = new Map<string, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const cap = capOf([...counts.values()], max);
  const kept = new Map<string, number>();
  const newest: RouterEvent[] = [];
  for (const event of [...events].reverse()) {
    const already = kept.get(event.kind) ?? 0;
    if (already >= cap) continue;
    kept.set(event.kind, already + 1);
    newest.push(event);
  }
  return newest.reverse();
}
