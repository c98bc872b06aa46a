import { randomBytes } from 'node:crypto';

import { auditChoice, type AuditChoice } from '../../../shared/model/audit-choice';
import type { RouterConfig } from '../../../shared/model/config';
import type { RouterEvent, RouterFact } from '../../../shared/model/events';
import type { Degradation } from '../../../shared/model/status';
import type { Refusal } from '../jsonrpc/message';
import type { AuditStep, EnginePorts, Timer } from '../ports';

import { anchorKey, type AnchorKey } from './audit-anchor';
import { openChain, type AuditChain, type ChainParts, type LeftChain } from './audit-chain';
import { AuditFacts } from './audit-facts';
import type { AuditFact } from './audit-record';

/** What a trail works with. */
export interface TrailParts {
  readonly ports: Pick<EnginePorts, 'clock' | 'logger' | 'audit' | 'secrets' | 'locks' | 'mask'>;
  readonly config: () => RouterConfig;
  readonly publish: (fact: RouterFact) => void;
}

/** How long facts are gathered before they are written together. */
const GATHER_MS = 20;
/** So many are written at once, so that requests in between are not held up. */
const BATCH = 128;
/** However long nothing can be written, no more are kept; those that come then are counted. */
const MAX_BUFFERED = 20_000;
const RETRY_MS = 1000;
/** The head is written anew after this long, or this many records. */
const SEAL_MS = 5000;
/** How long closing waits for a keychain that has not answered yet. */
const KEY_WAIT_MS = 1000;
const SEAL_RECORDS = 10_000;

type State =
  | { readonly name: 'off' }
  | { readonly name: 'opening' }
  | { readonly name: 'writing'; readonly chain: AuditChain; readonly output: string | undefined }
  | { readonly name: 'failing'; readonly reason: string; readonly since: number }
  | { readonly name: 'closed' };

/** The parts of a chain that come from the configuration and the ports. */
export function chainParts({ ports, config }: Pick<TrailParts, 'ports' | 'config'>): ChainParts {
  return {
    sink: ports.audit,
    now: () => ports.clock.now(),
    limits: () => {
      const { max_file_bytes: maxFileBytes, max_files: maxFiles } = config().logging.audit;
      return { maxFileBytes, maxFiles };
    },
    freshName: () => randomBytes(8).toString('hex'),
  };
}

/**
 * Writes the facts of the bus to the audit log: gathered, in order, never in the way of a request. What cannot be written
 * waits in a buffer, and what the buffer cannot hold is counted in the log itself.
 */
export class AuditTrail {
  private state: State = { name: 'off' };
  private readonly facts = new AuditFacts();
  private buffer: AuditFact[] = [];
  private dropped = 0;
  /** Where the chain was left, should it have to be opened again. */
  private left: LeftChain | null = null;
  private key: AnchorKey | null = null;
  private keyAsked: Promise<void> | undefined;
  private choiceOf: { readonly config: RouterConfig; readonly choice: AuditChoice } | undefined;
  private gathering: Timer | undefined;
  private sealing: Timer | undefined;
  private retrying: Timer | undefined;
  /** One step on the disk at a time. */
  private turn: Promise<void> = Promise.resolve();
  private isFlushQueued = false;

  constructor(private readonly parts: TrailParts) {}

  /** Takes an event into the trail, if it belongs there. */
  take(event: RouterEvent): void {
    const choice = this.choice();
    // Also while it is off: it knows who the clients say they are.
    const fact = this.facts.factOf(event, choice);
    if (fact === null || !choice.enabled || this.state.name === 'closed') return;
    if (this.buffer.length >= MAX_BUFFERED) this.dropped += 1;
    else this.buffer.push(fact);
    if (this.buffer.length >= BATCH) this.flushSoon();
    else
      this.gathering ??= this.parts.ports.clock.after(GATHER_MS, () => {
        this.flushSoon();
      });
  }

  /** True when requests are recorded. */
  get wantsRequests(): boolean {
    const { enabled, requests } = this.choice();
    return enabled && requests;
  }

  /** Why no request may pass now; undefined when one may. */
  get refusal(): Refusal | undefined {
    const { state } = this;
    if (!this.choice().isDemanded) return undefined;
    if (state.name === 'writing' && this.buffer.length < MAX_BUFFERED / 2) return undefined;
    const detail = state.name === 'failing' ? state.reason : 'it is not ready';
    return {
      code: 'audit-unavailable',
      detail,
      limit: 'advanced.compliance.audit_all',
      retryAfterMs: RETRY_MS,
    };
  }

  degradations(): readonly Degradation[] {
    const { state } = this;
    if (state.name !== 'failing') return [];
    const stands = this.choice().isDemanded ? ' Requests are refused until it can be.' : '';
    return [
      { code: 'audit-not-writable', text: `The audit log cannot be written: ${state.reason}.${stands}` },
    ];
  }

  /** Does what the configuration of now asks for: opens, closes, or goes on elsewhere. Resolves when it is done. */
  apply(): Promise<void> {
    return this.inTurn(async () => {
      const { state } = this;
      if (state.name === 'closed') return;
      const { enabled } = this.choice();
      const { output } = this.parts.config().logging.audit;
      if (state.name === 'writing' && enabled && state.output === output) {
        if (this.key?.kind === 'none') this.keyAsked = undefined;
        this.askForKey();
        return;
      }
      if (state.name === 'writing') await this.leave(state.chain);
      this.retrying?.cancel();
      if (enabled) await this.open();
      else {
        this.state = { name: 'off' };
        this.buffer = [];
      }
    });
  }

  /** Writes what is left and ends the chain in order. Idempotent. */
  async close(): Promise<void> {
    // What is too short to have its key yet is worth sealing as well.
    await Promise.race([this.keyAsked, this.atMost(KEY_WAIT_MS)]);
    await this.inTurn(async () => {
      const { state } = this;
      if (state.name === 'closed') return;
      for (const timer of [this.gathering, this.sealing, this.retrying]) timer?.cancel();
      if (state.name === 'writing') await this.leave(state.chain);
      const lost = this.buffer.length + this.dropped;
      if (lost > 0 && this.choice().enabled)
        this.parts.ports.logger.error('audit records were lost: the audit log could not be written', {
          lost,
        });
      this.buffer = [];
      this.state = { name: 'closed' };
    });
  }

  private choice(): AuditChoice {
    const config = this.parts.config();
    if (this.choiceOf?.config !== config) this.choiceOf = { config, choice: auditChoice(config) };
    return this.choiceOf.choice;
  }

  private flushSoon(): void {
    this.gathering?.cancel();
    this.gathering = undefined;
    if (this.isFlushQueued || this.state.name !== 'writing') return;
    this.isFlushQueued = true;
    void this.inTurn(async () => {
      this.isFlushQueued = false;
      if (this.state.name === 'writing') await this.flush(this.state.chain);
    });
  }

  private async flush(chain: AuditChain): Promise<void> {
    while (this.buffer.length > 0 || this.dropped > 0) {
      const { dropped } = this;
      const batch = this.buffer.slice(0, BATCH);
      const gap =
        batch.length === this.buffer.length && dropped > 0 ? [chain.gap('dropped', { count: dropped })] : [];
      const step = await chain.write([...batch, ...gap]);
      if (step.kind === 'failed') return this.fail(chain, step.reason);
      this.left = chain.left;
      this.buffer.splice(0, Math.min(step.count, batch.length));
      if (step.count > batch.length) this.dropped -= dropped;
    }
    await this.sealInTime(chain);
  }

  private async sealInTime(chain: AuditChain): Promise<void> {
    if (chain.unsealedCount >= SEAL_RECORDS) await this.seal(chain);
    else if (chain.unsealedCount > 0)
      this.sealing ??= this.parts.ports.clock.after(SEAL_MS, () => {
        this.sealing = undefined;
        void this.inTurn(async () => {
          if (this.state.name === 'writing') await this.seal(this.state.chain);
        });
      });
  }

  private async seal(chain: AuditChain): Promise<void> {
    this.sealing?.cancel();
    this.sealing = undefined;
    const step = await chain.seal();
    if (step.kind === 'failed') await this.fail(chain, step.reason);
  }

  private async open(): Promise<void> {
    const { output } = this.parts.config().logging.audit;
    const before = this.state;
    if (before.name !== 'failing') this.state = { name: 'opening' };
    const opening = await openChain(chainParts(this.parts), output, this.left);
    if (opening.kind === 'failed') {
      this.isFailing(opening.reason);
      return;
    }
    const { chain } = opening;
    this.left = chain.left;
    this.state = { name: 'writing', chain, output };
    if (before.name === 'failing') {
      const detail = `not writable since ${new Date(before.since).toISOString()}: ${before.reason}`;
      this.parts.publish({ kind: 'audit-changed', isWritable: true, detail });
    }
    if (this.key !== null && !(await this.useKey(chain, this.key))) return;
    this.askForKey();
    await this.flush(chain);
  }

  /** Not waited for: a keychain may ask a person first, and records go on meanwhile. */
  private askForKey(): void {
    const { ports } = this.parts;
    this.keyAsked ??= anchorKey(ports)
      .catch((error: unknown): AnchorKey => {
        const text = error instanceof Error ? error.stack : String(error);
        ports.logger.error('asking for the key of the audit log failed by a mistake of ours', {
          error: text,
        });
        return { kind: 'none', reason: 'asking for the key failed' };
      })
      .then((key) =>
        this.inTurn(async () => {
          this.key = key;
          if (this.state.name === 'writing') await this.useKey(this.state.chain, key);
        }),
      );
  }

  /** @returns false when writing failed */
  private async useKey(chain: AuditChain, key: AnchorKey): Promise<boolean> {
    const step = await chain.sealWith(key);
    this.left = chain.left;
    if (step.kind === 'failed') await this.fail(chain, step.reason);
    else await this.sealInTime(chain);
    return this.state.name === 'writing';
  }

  private async fail(chain: AuditChain, reason: string): Promise<void> {
    await chain.abandon();
    this.isFailing(reason);
  }

  private isFailing(reason: string): void {
    const { state, parts } = this;
    const wasFailing = state.name === 'failing';
    this.state = { name: 'failing', reason, since: wasFailing ? state.since : parts.ports.clock.now() };
    if (!wasFailing) parts.publish({ kind: 'audit-changed', isWritable: false, detail: reason });
    this.retrying = parts.ports.clock.after(RETRY_MS, () => {
      void this.inTurn(async () => {
        if (this.state.name === 'failing') await this.open();
      });
    });
  }

  private async leave(chain: AuditChain): Promise<void> {
    await this.flush(chain);
    if (this.state.name !== 'writing') return;
    const step = await chain.close();
    this.left = null;
    if (step.kind === 'failed') this.lost(step);
  }

  private atMost(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.parts.ports.clock.after(delayMs, resolve);
    });
  }

  private lost({ reason }: Extract<AuditStep, { kind: 'failed' }>): void {
    this.parts.ports.logger.error('the audit log could not be closed in order', { reason });
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(act).catch((error: unknown) => {
      const text = error instanceof Error ? error.stack : String(error);
      this.parts.ports.logger.error('writing the audit log failed by a mistake of ours', { error: text });
    });
    return this.turn;
  }
}
