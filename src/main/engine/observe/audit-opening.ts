import type { AuditRemains } from '../ports';

import { readHead } from './audit-anchor';
import { NO_HASH, readRecord, type AuditRecord, type AuditValues, type ChainPosition } from './audit-record';

/** The first record of a chain in which nothing has happened yet. */
export const BEGUN = 'audit-begun';
/** The last record of a process that ended in order. */
export const CLOSED = 'audit-closed';
/** Says that records are missing here, and why. */
export const GAP = 'audit-gap';
/** Says up to which record older files were removed, as `logging.audit.max_files` asks. */
export const REMOVED = 'audit-files-removed';
/** Says that heads are sealed with the key of the keychain, or why not. */
export const SEALING = 'audit-sealing';

/**
 * Why records are missing. `not-closed`: the process before was killed. `torn`: its last line was not whole. `dropped`: they
 * came while nothing could be written. The others happen by no crash: `cut`: records that were written or sealed are gone.
 * `damaged`: what is there cannot be read. `head-changed`: the head was not written with our key.
 */
export type GapReason = 'not-closed' | 'torn' | 'dropped' | 'cut' | 'damaged' | 'head-changed';

/** True for what a crash, a full disk or a power failure can do. */
export const isHarmless = (reason: unknown): boolean =>
  reason === 'not-closed' || reason === 'torn' || reason === 'dropped';

/** How a chain goes on. */
export interface Continuation {
  /** What the next record follows. */
  readonly position: ChainPosition;
  /** What its first record must say; null when nothing is missing. */
  readonly gap: { readonly reason: GapReason; readonly facts: AuditValues } | null;
  /** The file ends with what cannot be read: it stays as it is, and a new one begins. */
  readonly isDamaged: boolean;
}

/**
 * Decides from what was found.
 *
 * @param freshChain the name of a chain, if a new one must begin
 * @param written where this process itself left the chain; null when it begins
 */
export function continuation(
  remains: AuditRemains,
  freshChain: string,
  written: ChainPosition | null,
): Continuation {
  const { lines } = remains;
  const last = lastRecord(lines);
  const position = last ?? { chain: freshChain, seq: 0, hash: NO_HASH };
  const { chain, seq, hash } = position;
  const isDamaged = lines.length > 0 && readRecord(lines.at(-1) ?? '') === null;
  return { position: { chain, seq, hash }, gap: gapBehind(remains, last, { written, isDamaged }), isDamaged };
}

function gapBehind(
  { head: headText, tornBytes }: AuditRemains,
  last: AuditRecord | null,
  { written, isDamaged }: { readonly written: ChainPosition | null; readonly isDamaged: boolean },
): Continuation['gap'] {
  const foundTo = last?.seq ?? 0;
  if (isDamaged) return { reason: 'damaged', facts: { foundTo } };
  const head = headText === null ? null : readHead(headText);
  if (headText !== null && head === null) return { reason: 'head-changed', facts: { foundTo } };
  if (head !== null && (head.chain !== last?.chain || head.seq > last.seq))
    return { reason: 'cut', facts: { foundTo, sealedTo: head.seq } };
  if (written !== null && written.seq > 0) {
    // More than was confirmed is ours as well: a write that was said to fail, and did not.
    const isThere = last?.chain === written.chain && last.seq >= written.seq;
    const isWhole = isThere && (last.seq > written.seq || last.hash === written.hash);
    return isWhole ? null : { reason: 'cut', facts: { foundTo, writtenTo: written.seq } };
  }
  if (tornBytes > 0) return { reason: 'torn', facts: { foundTo, bytes: tornBytes } };
  return last === null || last.action === CLOSED ? null : { reason: 'not-closed', facts: { foundTo } };
}

function lastRecord(lines: readonly string[]): AuditRecord | null {
  for (const line of [...lines].reverse()) {
    const record = readRecord(line);
    if (record !== null) return record;
  }
  return null;
}
