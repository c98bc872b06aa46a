import { openChain, type AuditChain } from '../../src/main/engine/observe/audit-chain';
import type { AuditFact } from '../../src/main/engine/observe/audit-record';
import { createAuditSink } from '../../src/main/platform/audit-file';

/** 2026-03-02 09:30 UTC. */
export const WRITTEN_AT = 1_772_443_800_000;
const BATCH = 500;

/** How a log is written. */
export interface WrittenLog {
  readonly output: string;
  readonly count: number;
  /** Time between two records. */
  readonly everyMs?: number;
  readonly startAt?: number;
  readonly maxFileBytes?: number;
  readonly maxFiles?: number;
  /** Of the heads; absent: nothing is sealed. */
  readonly key?: string;
}

/** A fact as the router would record it, another one for each number. */
export function writtenFact(at: number, time: number): AuditFact {
  const session = `s${String((at % 7) + 1)}`;
  const client = { kind: 'client', session, claimedName: at % 2 === 0 ? 'Claude Code' : 'Cursor' };
  const head = { time: new Date(time).toISOString(), code: null };
  if (at % 50 === 0)
    return {
      ...head,
      action: 'auth',
      outcome: 'failed',
      code: 'auth-failed',
      actor: { kind: 'router' },
      facts: { lane: 'keeper', detail: 'HTTP 401 from the gateway' },
    };
  if (at % 20 === 0)
    return { ...head, action: 'session-opened', outcome: 'ok', actor: client, facts: { door: 'stdio' } };
  const facts = {
    id: `req-${String(at)}`,
    method: 'tools/call',
    tool: `search_${String(at % 11)}`,
    bytes: 100 + (at % 900),
    durationMs: at % 400,
    replyBytes: 2000 + (at % 5000),
  };
  return { ...head, action: 'request', outcome: 'ok', actor: client, facts };
}

/** Opens a log with the real writer. Several at once are several processes. */
export async function openWriter(log: WrittenLog): Promise<AuditChain> {
  const sink = createAuditSink({
    place: { platform: process.platform, env: {}, home: '/' },
    uid: process.getuid?.() ?? null,
    masked: (text) => text,
  });
  const limits = { maxFileBytes: log.maxFileBytes ?? 64 * 1024 * 1024, maxFiles: log.maxFiles ?? 30 };
  let names = 0;
  const opening = await openChain(
    {
      sink,
      now: () => log.startAt ?? WRITTEN_AT,
      limits: () => limits,
      freshName: () => `chain-${String((names += 1))}-${log.output.length.toString(16)}`,
    },
    log.output,
    null,
  );
  if (opening.kind === 'failed') throw new Error(opening.reason);
  if (log.key !== undefined) await opening.chain.sealWith({ kind: 'found', key: log.key });
  return opening.chain;
}

/** Writes these facts, however many files that takes. */
export async function writeFacts(chain: AuditChain, facts: readonly AuditFact[]): Promise<void> {
  for (let done = 0; done < facts.length;) {
    const step = await chain.write(facts.slice(done, done + BATCH));
    if (step.kind === 'failed') throw new Error(step.reason);
    done += step.count;
  }
}

/** Writes a whole log with the real writer and closes it in order. */
export async function writeLog(log: WrittenLog): Promise<void> {
  const chain = await openWriter(log);
  const { everyMs = 1000, startAt = WRITTEN_AT } = log;
  for (let from = 0; from < log.count; from += BATCH) {
    const length = Math.min(BATCH, log.count - from);
    await writeFacts(
      chain,
      Array.from({ length }, (_, at) => writtenFact(from + at, startAt + (from + at) * everyMs)),
    );
  }
  await chain.close();
}
