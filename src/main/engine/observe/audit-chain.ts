import type { AuditSink, AuditSlot, AuditStep } from '../ports';

import { isSealedBy, readHead, sealedHead, type AnchorKey } from './audit-anchor';
import { BEGUN, CLOSED, continuation, GAP, REMOVED, SEALING, type GapReason } from './audit-opening';
import {
  chained,
  claimedSeq,
  cleanedFact,
  type AuditFact,
  type AuditValues,
  type ChainedLine,
  type ChainPosition,
} from './audit-record';

/** What a chain is written with. */
export interface ChainParts {
  readonly sink: AuditSink;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly limits: () => { readonly maxFileBytes: number; readonly maxFiles: number };
  /** The name of a chain that begins. */
  readonly freshName: () => string;
}

export type ChainOpening =
  | { readonly kind: 'opened'; readonly chain: AuditChain }
  | { readonly kind: 'failed'; readonly reason: string };

/** How many facts were written. */
export type ChainWrite =
  { readonly kind: 'done'; readonly count: number } | Extract<AuditStep, { kind: 'failed' }>;

const DONE: AuditStep = { kind: 'done' };

/** Where a chain was left by this process. */
export interface LeftChain {
  readonly path: string;
  readonly position: ChainPosition;
}

/** Takes a slot and continues the chain in it; the first record says what is missing. */
export async function openChain(
  parts: ChainParts,
  output: string | undefined,
  left: LeftChain | null,
): Promise<ChainOpening> {
  const taken = await parts.sink.open(output);
  if (taken.kind === 'failed') return taken;
  const { slot } = taken;
  const written = left?.path === slot.path ? left.position : null;
  const { position, gap, isDamaged } = continuation(slot.remains, parts.freshName(), written);
  const chain = new AuditChain(parts, slot, position);
  let step: AuditStep = isDamaged ? await slot.rotate() : DONE;
  if (step.kind === 'done' && gap !== null) step = await chain.write([chain.gap(gap.reason, gap.facts)]);
  if (step.kind === 'done') return { kind: 'opened', chain };
  await slot.close();
  return step;
}

/** One chain in its slot. Its steps must not run side by side. */
export class AuditChain {
  private key: string | null = null;
  private sealed: ChainPosition | null = null;

  constructor(
    private readonly parts: ChainParts,
    private readonly slot: AuditSlot,
    private place: ChainPosition,
  ) {}

  /** Where it stands. */
  get left(): LeftChain {
    return { path: this.slot.path, position: this.place };
  }

  /** Written, and not sealed yet though there is a key. */
  get unsealedCount(): number {
    return this.key === null ? 0 : this.place.seq - (this.sealed?.seq ?? 0);
  }

  /** Says that records are missing. */
  gap(reason: GapReason, facts: AuditValues): AuditFact {
    return this.fact(GAP, 'lost', { reason, ...facts });
  }

  /** Writes as many of them as fit into the file, one at least; when it fails, none. */
  async write(facts: readonly AuditFact[]): Promise<ChainWrite> {
    const first = facts[0] === undefined ? null : this.next(facts[0], this.place);
    if (first === null) return { kind: 'done', count: 0 };
    const { maxFileBytes } = this.parts.limits();
    const isFull = this.slot.size > 0 && this.slot.size + first.line.length >= maxFileBytes;
    const rotated = isFull ? await this.slot.rotate() : DONE;
    if (rotated.kind === 'failed') return rotated;
    const { size } = this.slot;
    let { position: place } = first;
    let lines = `${first.line}\n`;
    let count = 1;
    for (const fact of facts.slice(1)) {
      const next = this.next(fact, place);
      if (size + lines.length + next.line.length >= maxFileBytes) break;
      place = next.position;
      lines += `${next.line}\n`;
      count += 1;
    }
    const step = await this.slot.append(lines);
    if (step.kind === 'failed') return step;
    this.place = place;
    // What cannot be removed now is removed when the next file is full.
    if (isFull) await this.removeSurplus();
    return { kind: 'done', count };
  }

  /** The key that heads are sealed with, or why there is none; the first of it is recorded. */
  async sealWith(key: AnchorKey): Promise<AuditStep> {
    if (key.kind === 'none') return this.write([this.fact(SEALING, 'failed', { detail: key.reason })]);
    this.key = key.key;
    const { head: text } = this.slot.remains;
    const head = text === null ? null : readHead(text);
    if (head !== null && !isSealedBy(head, key.key)) {
      const step = await this.write([this.gap('head-changed', { sealedTo: head.seq })]);
      if (step.kind === 'failed') return step;
    }
    // A head speaks of a record, so there must be one.
    if (this.place.seq === 0) {
      const begun = await this.write([this.fact(BEGUN, 'ok', {})]);
      if (begun.kind === 'failed') return begun;
    }
    // Whoever removes the head later is found by the record that says that there was one.
    const step = await this.seal();
    return step.kind === 'failed' || head !== null ? step : this.write([this.fact(SEALING, 'ok', {})]);
  }

  /** Makes what was written durable, and then says so in the head: never the other way round. */
  async seal(): Promise<AuditStep> {
    const { key, place } = this;
    if (key === null || place.seq === 0 || place.seq === this.sealed?.seq) return DONE;
    const synced = await this.slot.sync();
    if (synced.kind === 'failed') return synced;
    const step = await this.slot.writeHead(sealedHead(place, new Date(this.parts.now()).toISOString(), key));
    if (step.kind === 'done') this.sealed = place;
    return step;
  }

  /** Ends in order: the next process finds nothing missing. */
  async close(): Promise<AuditStep> {
    let step: AuditStep = await this.write([this.fact(CLOSED, 'ok', {})]);
    if (step.kind === 'done') step = await (this.key === null ? this.slot.sync() : this.seal());
    await this.slot.close();
    return step;
  }

  /** Lets go of it as it is. */
  abandon(): Promise<void> {
    return this.slot.close();
  }

  private next(fact: AuditFact, place: ChainPosition): ChainedLine {
    return chained(
      cleanedFact(fact, (text) => this.parts.sink.masked(text)),
      place,
    );
  }

  private async removeSurplus(): Promise<AuditStep> {
    const surplus = await this.slot.surplus(this.parts.limits().maxFiles);
    if (surplus.length === 0) return DONE;
    const seqs = surplus.map(({ lastLine }) => (lastLine === null ? 0 : (claimedSeq(lastLine) ?? 0)));
    const fact = this.fact(REMOVED, 'ok', { through: Math.max(...seqs), files: surplus.length });
    // The record comes first: files that vanish without one look like somebody's work.
    const written = await this.write([fact]);
    if (written.kind === 'failed') return written;
    const synced = await this.slot.sync();
    return synced.kind === 'failed' ? synced : this.slot.remove(surplus.map(({ name }) => name));
  }

  private fact(action: string, outcome: AuditFact['outcome'], facts: AuditValues): AuditFact {
    const time = new Date(this.parts.now()).toISOString();
    return { time, action, outcome, code: null, actor: { kind: 'router' }, facts };
  }
}
