import type { AuditGrowth, AuditPage, AuditRow, AuditView } from '../../shared/ipc/audit-calls';
import type { AuditFilter } from '../../shared/model/audit-filter';
import { readRecord } from '../engine/index';
import { AuditIndex } from '../platform/audit-index';
import { pathRules } from '../platform/paths';

import type { RunningJob } from './audit-jobs';
import { auditMatch, isTimeOnly, withinTime, type AuditMatch } from './audit-search';

/** So many lines are searched before others have their turn: some milliseconds. */
const SEARCH_BLOCK = 512;

type Seen = Pick<AuditView, 'view' | 'total' | 'matching' | 'hasOlder'>;

interface Current {
  readonly view: number;
  readonly filter: AuditFilter;
  readonly match: AuditMatch | null;
  readonly index: AuditIndex;
  /** Positions that the filter lets through; null when these are all. */
  readonly matching: number[] | null;
  /** Everything before was looked at. */
  searchedTo: number;
}

/** The log as the window looks at it: one filter at a time, read page by page. */
export class AuditViews {
  private index: { readonly path: string; readonly index: AuditIndex } | undefined;
  private current: Current | undefined;
  private views = 0;
  /** Index and view grow in turn. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly platform: NodeJS.Platform) {}

  /** Throws the system's error, or the reason of the signal. */
  look(path: string, filter: AuditFilter, job: RunningJob): Promise<Seen> {
    return this.inTurn(async () => {
      job.signal.throwIfAborted();
      const index = await this.indexOf(path, job);
      const match = auditMatch(filter);
      this.views += 1;
      const matching = match === null ? null : [];
      const current = { view: this.views, filter, match, index, matching, searchedTo: 0 };
      // Until it is searched, or when that is cancelled, the look before goes on being answered.
      await search(current, job);
      this.current = current;
      return seenOf(current);
    });
  }

  /** Throws the system's error. */
  async page(view: number, from: number, count: number): Promise<AuditPage> {
    const { current } = this;
    if (current?.view !== view) return { kind: 'renumbered' };
    const { index, matching } = current;
    const last = Math.min(from + count, countOf(current));
    const positions: number[] = [];
    for (let at = from; at < last; at += 1) positions.push(matching === null ? at : (matching[at] ?? 0));
    const lines = await index.lines(positions);
    const { basename } = pathRules(this.platform);
    return {
      kind: 'rows',
      rows: lines.map((line, at) => rowOf(line, basename(index.fileAt(positions[at] ?? 0)))),
    };
  }

  /** Throws the system's error. */
  grown(view: number): Promise<AuditGrowth> {
    return this.inTurn(async () => {
      const { current } = this;
      if (current?.view !== view) return { kind: 'renumbered' };
      if (!(await current.index.update())) {
        this.index = undefined;
        this.current = undefined;
        return { kind: 'renumbered' };
      }
      await search(current);
      const { total, matching } = seenOf(current);
      return { kind: 'grown', total, matching };
    });
  }

  private async indexOf(path: string, { signal, tell }: RunningJob): Promise<AuditIndex> {
    const known = this.index?.path === path ? this.index.index : undefined;
    if (known !== undefined && (await known.update())) return known;
    this.index = undefined;
    const index = await AuditIndex.build(
      { output: path, platform: this.platform },
      {
        signal,
        onProgress: (records, bytes, totalBytes) => {
          tell(records, totalBytes === 0 ? 1 : bytes / totalBytes);
        },
      },
    );
    this.index = { path, index };
    return index;
  }

  private inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.turn.then(act);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

/** Looks at what was not looked at yet. */
async function search(current: Current, job?: RunningJob): Promise<void> {
  const { index, match, matching, filter } = current;
  const end = index.count;
  if (match === null || matching === null) current.searchedTo = end;
  if (match === null || matching === null) return;
  const isWithin = withinTime(filter);
  const needsLines = !isTimeOnly(filter);
  for (let from = current.searchedTo; from < end; from = current.searchedTo) {
    job?.signal.throwIfAborted();
    job?.tell(from, from / end);
    const next = Math.min(end, from + SEARCH_BLOCK);
    const block: number[] = [];
    for (let at = from; at < next; at += 1) if (isWithin(index.timeAt(at))) block.push(at);
    const lines = needsLines && block.length > 0 ? await index.lines(block) : [];
    for (const [at, position] of block.entries())
      if (!needsLines || match(lines[at] ?? '', index.timeAt(position))) matching.push(position);
    current.searchedTo = next;
  }
}

const countOf = ({ matching, searchedTo }: Current): number => matching?.length ?? searchedTo;

const seenOf = (current: Current): Seen => ({
  view: current.view,
  total: current.searchedTo,
  matching: countOf(current),
  hasOlder: current.index.hasOlder,
});

/** Only what is as it was written is shown as a record. */
function rowOf(line: string | null, file: string): AuditRow {
  if (line === null) return { kind: 'gone' };
  const record = readRecord(line);
  if (record === null) return { kind: 'changed', file };
  const { time, chain, seq, action, outcome, code, actor, facts } = record;
  return { kind: 'record', record: { time, chain, seq, action, outcome, code, actor, facts } };
}
