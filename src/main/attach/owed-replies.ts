import type { Timer } from '../engine/ports';

/** A request of the client that has no reply yet. */
export interface OwedReply {
  readonly key: string;
  /** The id exactly as the client wrote it. */
  readonly idText: Buffer;
  /** `waiting`: for a router; its timer ends the wait. `sent`: a router may have carried it out. */
  readonly phase: { readonly name: 'waiting'; readonly timer: Timer } | { readonly name: 'sent' };
}

/** The requests that are owed a reply. An entry leaves exactly once, and whoever takes it answers it. */
export class OwedReplies {
  private readonly entries = new Map<string, OwedReply>();

  get size(): number {
    return this.entries.size;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  add(owed: OwedReply): void {
    this.entries.set(owed.key, owed);
  }

  /** It is about to be sent, and waits no more. */
  markSent(key: string): void {
    const owed = this.take(key);
    if (owed !== undefined) this.entries.set(key, { ...owed, phase: { name: 'sent' } });
  }

  /** Removes and returns the entry; undefined when nothing is owed (any more). */
  take(key: string): OwedReply | undefined {
    const owed = this.entries.get(key);
    if (owed?.phase.name === 'waiting') owed.phase.timer.cancel();
    this.entries.delete(key);
    return owed;
  }

  /** Removes and returns all in that phase, oldest first. */
  takeAll(phase: OwedReply['phase']['name']): readonly OwedReply[] {
    const chosen = [...this.entries.values()].filter((owed) => owed.phase.name === phase);
    return chosen.filter((owed) => this.take(owed.key) !== undefined);
  }
}
