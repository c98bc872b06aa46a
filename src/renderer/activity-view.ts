import type { ActivityKind } from './activity-kind';
import { isProblem, type EventLine } from './event-line';

export const timeRanges = ['15min', '1h', 'today', 'all'] as const;
export type TimeRange = (typeof timeRanges)[number];

/** What a person wants to see of the activity. */
export interface ActivityFilter {
  readonly kind: ActivityKind | 'all';
  /** Null: whoever it was. */
  readonly client: string | null;
  readonly range: TimeRange;
  readonly isProblemsOnly: boolean;
}

export const showEverything: ActivityFilter = {
  kind: 'all',
  client: null,
  range: 'all',
  isProblemsOnly: false,
};

/** Lines that say the same, newest first; most hold one. */
export interface EventGroup {
  /** Stays the same while newer lines come in. */
  readonly key: number;
  readonly newest: EventLine;
  /** Without the newest. */
  readonly earlier: readonly EventLine[];
}

const MINUTE_MS = 60_000;
/** What goes wrong again within this time is told once, also when other things happen in between. */
const SAME_TROUBLE_MS = 60_000;

/** The moment that a range begins with. Today begins at midnight where the person is. */
export function rangeStart(range: TimeRange, now: number): number {
  switch (range) {
    case '15min':
      return now - 15 * MINUTE_MS;
    case '1h':
      return now - 60 * MINUTE_MS;
    case 'today':
      return new Date(now).setHours(0, 0, 0, 0);
    case 'all':
      return Number.NEGATIVE_INFINITY;
  }
}

/** The lines that a filter lets through. */
export function filterLines(
  lines: readonly EventLine[],
  filter: ActivityFilter,
  now: number,
): readonly EventLine[] {
  const start = rangeStart(filter.range, now);
  return lines.filter(
    (line) =>
      line.at >= start &&
      (filter.kind === 'all' || line.kinds.includes(filter.kind)) &&
      (filter.client === null || line.who === filter.client) &&
      (!filter.isProblemsOnly || isProblem(line)),
  );
}

/** Who appears in the lines, by name. */
export function clientsIn(lines: readonly EventLine[]): readonly string[] {
  const names = new Set(lines.flatMap(({ who }) => (who === null ? [] : [who])));
  return [...names].sort((one, other) => one.localeCompare(other));
}

interface OpenGroup {
  readonly lines: EventLine[];
}

/** Puts lines that say the same together, where the newest of them stands. `lines` are newest first. */
export function groupLines(lines: readonly EventLine[]): readonly EventGroup[] {
  const groups: OpenGroup[] = [];
  const open = new Map<string, OpenGroup>();
  for (const line of lines) {
    const group = open.get(line.title);
    const oldest = group?.lines.at(-1);
    const isNext = group !== undefined && group === groups.at(-1);
    const isSameTrouble = oldest !== undefined && isProblem(line) && oldest.at - line.at <= SAME_TROUBLE_MS;
    if (group !== undefined && (isNext || isSameTrouble)) {
      group.lines.push(line);
      continue;
    }
    const fresh = { lines: [line] };
    groups.push(fresh);
    open.set(line.title, fresh);
  }
  return groups.flatMap(({ lines: [newest, ...earlier] }) =>
    newest === undefined ? [] : [{ key: (earlier.at(-1) ?? newest).key, newest, earlier }],
  );
}

/** Each line for itself. */
export const separateLines = (lines: readonly EventLine[]): readonly EventGroup[] =>
  lines.map((newest) => ({ key: newest.key, newest, earlier: [] }));
