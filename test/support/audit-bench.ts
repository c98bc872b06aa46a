import { ChainCheck, type CheckKey, type ChainReport } from '../../src/main/engine/observe/audit-check';
import { sealedHead } from '../../src/main/engine/observe/audit-anchor';
import {
  chained,
  NO_HASH,
  type AuditFact,
  type ChainPosition,
} from '../../src/main/engine/observe/audit-record';
import type { AuditRemains, AuditSink, AuditSlot, AuditStep } from '../../src/main/engine/ports';

export const AUDIT_TIME = '2026-01-02T03:04:05.006Z';
export const AUDIT_KEY = Buffer.alloc(32, 7).toString('base64');

/** A fact of a client that is nobody's. */
export const auditFact = (action: string): AuditFact => ({
  time: AUDIT_TIME,
  action,
  outcome: 'ok',
  code: null,
  actor: { kind: 'client', session: 's1', claimedName: 'Zoë' },
  facts: { detail: 'a "quoted" text' },
});

/** Lines of a chain, and where it stands. */
export function auditLines(
  length: number,
  from?: ChainPosition,
): { lines: string[]; position: ChainPosition } {
  let position = from ?? { chain: 'c1', seq: 0, hash: NO_HASH };
  const lines: string[] = [];
  for (let at = 0; at < length; at += 1) {
    const next = chained(auditFact(`action-${String(at)}`), position);
    lines.push(next.line);
    ({ position } = next);
  }
  return { lines, position };
}

/** Checks lines as `audit verify` does. */
export function checkedLines(
  lines: readonly string[],
  headText: string | null,
  key: CheckKey = { kind: 'key', key: AUDIT_KEY },
): ChainReport {
  const check = new ChainCheck(headText, key);
  for (const line of lines) if (!check.take(line)) break;
  return check.end(0);
}

/** The head of a chain that stands there. */
export const headOf = (position: ChainPosition, key = AUDIT_KEY): string =>
  sealedHead(position, AUDIT_TIME, key);

/** A disk in memory that can be full; one slot, and what was put aside. */
export class MemoryAuditSink implements AuditSink {
  files: string[][] = [[]];
  head: string | null = null;
  /** Why nothing can be written. */
  problem: string | null = null;
  /** What was done, in order: `append`, `sync`, `head`, `rotate`, `close`. */
  readonly steps: string[] = [];
  tornBytes = 0;

  get lines(): readonly string[] {
    return this.files.flat();
  }

  masked(text: string): string {
    return text.replaceAll('s3cret', '[masked]');
  }

  open(): ReturnType<AuditSink['open']> {
    if (this.problem !== null) return Promise.resolve({ kind: 'failed', reason: this.problem });
    const current = this.files.at(-1) ?? [];
    const lines = current.length > 0 ? current : (this.files.at(-2) ?? []);
    const remains = { lines: [...lines], tornBytes: this.tornBytes, head: this.head };
    this.tornBytes = 0;
    return Promise.resolve({ kind: 'opened', slot: this.slot(remains) });
  }

  private slot(remains: AuditRemains): AuditSlot {
    const step = (name: string, act: () => void): Promise<AuditStep> => {
      if (this.problem !== null) return Promise.resolve({ kind: 'failed', reason: this.problem });
      this.steps.push(name);
      act();
      return Promise.resolve({ kind: 'done' });
    };
    let size = (this.files.at(-1) ?? []).join('').length;
    return {
      path: '/audit.log',
      remains,
      get size() {
        return size;
      },
      append: (lines) =>
        step('append', () => {
          size += lines.length;
          this.files.at(-1)?.push(...lines.split('\n').slice(0, -1));
        }),
      sync: () => step('sync', () => undefined),
      writeHead: (text) =>
        step('head', () => {
          this.head = text;
        }),
      rotate: () =>
        step('rotate', () => {
          size = 0;
          this.files.push([]);
        }),
      surplus: (keep) => {
        const old = this.files.slice(0, Math.max(0, this.files.length - 1 - keep));
        return Promise.resolve(
          old.map((lines, at) => ({ name: String(at), lastLine: lines.at(-1) ?? null })),
        );
      },
      remove: (names) =>
        step('remove', () => {
          this.files = this.files.slice(names.length);
        }),
      close: () => {
        this.steps.push('close');
        return Promise.resolve();
      },
    };
  }
}
