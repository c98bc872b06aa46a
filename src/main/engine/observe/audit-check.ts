import type { AuditProblemKind } from '../../../shared/model/audit-problem';

import { isSealedBy, readHead, type AuditHead } from './audit-anchor';
import { GAP, isHarmless, REMOVED, SEALING } from './audit-opening';
import { claimedSeq, NO_HASH, readRecord, type AuditRecord, type AuditValue } from './audit-record';

/** The first thing that is wrong in a chain. */
export interface ChainProblem {
  readonly kind: AuditProblemKind;
  /** The record, or the first one that is missing; null where no record is meant. */
  readonly record: number | null;
  readonly text: string;
}

/** What is proven about a chain, and what is not. */
export interface ChainReport {
  readonly records: number;
  /** 0 when there is none. */
  readonly from: number;
  /** The chain is whole to here. */
  readonly to: number;
  readonly lastTime: string | null;
  /** The chain is whole to here, and nothing behind it was cut off; null when that cannot be proven. */
  readonly sealedTo: number | null;
  readonly sealedAt: string | null;
  /** Why `sealedTo` is null. */
  readonly whyUnsealed: string | null;
  readonly problem: ChainProblem | null;
  /** What a crash, a full disk or a setting explains. */
  readonly remarks: readonly string[];
}

/** What the keychain says about the key of the heads. */
export type CheckKey =
  { readonly kind: 'key'; readonly key: string } | { readonly kind: 'none'; readonly reason: string };

/** Checks one slot, record by record, in bounded memory. Feed it until {@link isBroken}. */
export class ChainCheck {
  private records = 0;
  private from = 0;
  private last: AuditRecord | null = null;
  private problem: ChainProblem | null = null;
  private isOver = false;
  private hasSeenHead = false;
  private isAnnounced = false;
  private noSealBecause = 'no head file was ever written';
  /** `logging.audit.max_files` removed everything up to here. */
  private removedTo = 0;
  private readonly remarks: string[] = [];
  private readonly head: AuditHead | null;

  /** @param headText what the head file holds; null when there is none */
  constructor(
    private readonly headText: string | null,
    private readonly key: CheckKey,
  ) {
    this.head = headText === null ? null : readHead(headText);
  }

  /** What follows cannot be judged any more. */
  get isBroken(): boolean {
    return this.isOver;
  }

  /** How many records were good so far. */
  get count(): number {
    return this.records;
  }

  /** @returns false when this is the first bad line */
  take(line: string): boolean {
    const record = readRecord(line);
    const wrong = record === null ? this.unreadable(line) : this.misplaced(record);
    if (record === null || wrong !== null) {
      this.problem ??= wrong;
      this.isOver = true;
      return false;
    }
    if (this.records === 0) this.from = record.seq;
    this.records += 1;
    this.last = record;
    this.note(record);
    return true;
  }

  /** @param tornBytes length of what stands behind the last whole line */
  end(tornBytes: number): ChainReport {
    const { last, from, head, remarks } = this;
    if (tornBytes > 0)
      remarks.push(`The last line is not whole (${String(tornBytes)} bytes): its writer was stopped.`);
    if (!this.isOver) this.problem ??= this.atTheEnd();
    const whyUnsealed = this.whyUnsealed();
    const isSealed = whyUnsealed === null && head !== null;
    return {
      records: this.records,
      from,
      to: last?.seq ?? 0,
      lastTime: last?.time ?? null,
      sealedTo: isSealed ? head.seq : null,
      sealedAt: isSealed ? head.time : null,
      whyUnsealed,
      problem: this.problem,
      remarks,
    };
  }

  /** The number in a changed line may be changed as well: what its place says counts, except for the first line. */
  private unreadable(line: string): ChainProblem {
    const claimed = claimedSeq(line);
    const record = this.last === null ? (claimed ?? 1) : this.last.seq + 1;
    return claimed === null
      ? {
          kind: 'unreadable',
          record,
          text: `where record #${String(record)} should be stands something that is no record`,
        }
      : problem('changed', record, 'is not as it was written');
  }

  /** Null when the record is where it belongs. */
  private misplaced({ chain, seq, prev, hash, action }: AuditRecord): ChainProblem | null {
    const { last, head } = this;
    const isNew = last !== null && chain !== last.chain && seq === 1 && prev === NO_HASH && action === GAP;
    if (last !== null && !isNew) {
      if (chain !== last.chain) return problem('not-chained', seq, 'belongs to another chain');
      if (seq <= last.seq) return problem('repeated', seq, `stands behind record #${String(last.seq)}`);
      if (seq > last.seq + 1) return missing(last.seq + 1, seq - 1);
      if (prev !== last.hash) return problem('not-chained', seq, 'does not follow the record before it');
    }
    if (chain !== head?.chain || seq !== head.seq) return null;
    this.hasSeenHead = true;
    return hash === head.hash ? null : problem('not-sealed-one', seq, 'is not the one that was sealed');
  }

  private note({ seq, action, outcome, facts }: AuditRecord): void {
    if (action === REMOVED) this.noteRemoved(facts['through']);
    if (action === SEALING && outcome === 'ok') this.isAnnounced = true;
    if (action === SEALING && outcome !== 'ok') this.noSealBecause = String(facts['detail'] ?? '');
    if (action !== GAP) return;
    const text = gapText(facts);
    if (isHarmless(facts['reason'])) this.remarks.push(`#${String(seq)}: ${text}`);
    else this.problem ??= { kind: 'gap', record: seq, text: `record #${String(seq)} says: ${text}` };
  }

  private noteRemoved(through: AuditValue | undefined): void {
    if (typeof through !== 'number') return;
    this.removedTo = Math.max(this.removedTo, through);
  }

  private atTheEnd(): ChainProblem | null {
    const { last, head, from, removedTo } = this;
    if (from > 1 && removedTo < from - 1) return missing(1, from - 1);
    if (from > 1)
      this.remarks.push(`Records before #${String(from)} were removed, as logging.audit.max_files asks.`);
    if (head !== null && !this.hasSeenHead) return missing((last?.seq ?? 0) + 1, head.seq);
    if (this.headText !== null && head === null)
      return { kind: 'head-changed', record: null, text: 'the head file is not as it was written' };
    if (head !== null && this.key.kind === 'key' && !isSealedBy(head, this.key.key))
      return {
        kind: 'head-changed',
        record: null,
        text: 'the head file was not sealed with the key of the keychain',
      };
    if (head === null && this.isAnnounced)
      return { kind: 'head-missing', record: null, text: 'there was a head file, and it is gone' };
    return null;
  }

  private whyUnsealed(): string | null {
    const { head, key, problem } = this;
    if (problem !== null && (this.isOver || problem.kind !== 'gap')) return 'something is wrong';
    if (head === null) return this.noSealBecause;
    return key.kind === 'none' ? key.reason : null;
  }
}

const problem = (kind: AuditProblemKind, seq: number, what: string): ChainProblem => ({
  kind,
  record: seq,
  text: `record #${String(seq)} ${what}`,
});

function missing(first: number, last: number): ChainProblem {
  const which =
    first >= last
      ? `record #${String(first)} is missing`
      : `records #${String(first)} to #${String(last)} are missing`;
  return { kind: 'missing', record: first, text: which };
}

function gapText(facts: Readonly<Record<string, AuditValue>>): string {
  const number = (name: string): string => String(facts[name] ?? '?');
  switch (facts['reason']) {
    case 'not-closed':
      return 'the process before was stopped; what happened in its last moment may be missing';
    case 'torn':
      return 'the process before was stopped while it wrote a record';
    case 'dropped':
      return `${number('count')} facts could not be recorded while nothing could be written`;
    case 'cut':
      return `records up to #${String(facts['sealedTo'] ?? facts['writtenTo'] ?? '?')} had been written, and only those up to #${number('foundTo')} were there`;
    case 'head-changed':
      return 'the head file was not as it was written';
    default:
      return `what stood behind record #${number('foundTo')} could not be read`;
  }
}
