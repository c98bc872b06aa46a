import { ChainCheck, readRecord, storedKey, type AuditRecord, type ChainReport } from '../engine/index';
import {
  lastLines,
  linesOf,
  openAuditFiles,
  type AuditFiles,
  type OpenAuditFile,
} from '../platform/audit-reading';
import { auditPath } from '../platform/audit-file';
import { errorCode, systemReason } from '../platform/guarded-file';
import type { Machine } from '../platform/machine';
import { expandHome } from '../platform/paths';

import { problemLines } from './problem-lines';

export type { AuditRecord, ChainReport } from '../engine/index';

/** Where the log is, or why that cannot be said. */
export type AuditLocation =
  { readonly kind: 'found'; readonly path: string } | { readonly kind: 'refused'; readonly message: string };

/** What was found out about the chain of one process after the other. */
export interface SlotReport extends ChainReport {
  readonly path: string;
  /** Where the first bad line stands; null when there is none. */
  readonly badLine: { readonly file: string; readonly line: number } | null;
}

/** How far checking got. */
export interface AuditProgress {
  readonly records: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** A line of the log: a record, or what is none. */
export interface AuditLine {
  readonly text: string;
  /** Null when it is not as it was written. */
  readonly record: AuditRecord | null;
}

/** What `audit` needs from the machine. Its functions throw {@link AuditUnreadable}. */
export interface AuditMachine {
  locate(file: string | undefined, configPath: string | undefined): Promise<AuditLocation>;
  /** Throws the reason of the signal as well. */
  check(
    path: string,
    onProgress: (progress: AuditProgress) => void,
    signal?: AbortSignal,
  ): Promise<readonly SlotReport[]>;
  /** The size of all files together. */
  totalBytes(path: string): Promise<number>;
  /** The newest records of all processes, the oldest first. */
  last(path: string, count: number): Promise<readonly AuditLine[]>;
  /** All records of all processes by their time, in bounded memory. */
  all(path: string): AsyncGenerator<readonly AuditLine[]>;
  /** The lines that were added to any of the files since the last call; the first call only looks. */
  follow(path: string): () => Promise<readonly AuditLine[]>;
}

/** The log cannot be read, for a reason that people can mend. */
export class AuditUnreadable extends Error {}

/** Reads the audit log of this machine. */
export function auditMachine(machine: Machine): AuditMachine {
  const { place } = machine;
  const { platform } = place;
  const openAll = (path: string): Promise<readonly AuditFiles[]> =>
    reading(path, () => openAuditFiles(path, platform));
  return {
    locate: async (file, configPath) => {
      if (file !== undefined) return located(expandHome(file, place));
      const loaded = await machine.loadConfig(configPath);
      if (loaded.kind === 'absent' && configPath === undefined) return located(auditPath(undefined, place));
      if (loaded.kind !== 'valid') return { kind: 'refused', message: problemLines(loaded).join('\n') };
      return located(auditPath(loaded.config.logging.audit.output, place));
    },
    totalBytes: async (path) => withSlots(await openAll(path), (slots) => Promise.resolve(sizeOf(slots))),
    check: async (path, onProgress, signal) => {
      const key = await checkKey(machine);
      return withSlots(await openAll(path), async (slots) => {
        const totalBytes = sizeOf(slots);
        const seen = { records: 0, bytes: 0 };
        const reports: SlotReport[] = [];
        for (const slot of slots) {
          reports.push(
            await checkSlot(slot, new ChainCheck(slot.headText, key), (records, bytes) => {
              signal?.throwIfAborted();
              seen.records += records;
              seen.bytes += bytes;
              onProgress({ ...seen, totalBytes });
            }),
          );
        }
        return reports;
      });
    },
    last: async (path, count) =>
      withSlots(await openAll(path), async (slots) => {
        const lines: AuditLine[] = [];
        for (const slot of slots) lines.push(...(await lastLines(slot, count)).map(lineOf));
        return lines.sort(byTime).slice(-count);
      }),
    async *all(path) {
      const slots = await openAll(path);
      try {
        yield* merged(slots);
      } finally {
        for (const slot of slots) await slot.close();
      }
    },
    follow: (path) => {
      const followed = new FollowedLog(() => openAll(path));
      return () => followed.added();
    },
  };
}

const sizeOf = (slots: readonly AuditFiles[]): number =>
  slots.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0);

const located = (path: string | undefined): AuditLocation =>
  path === undefined
    ? { kind: 'refused', message: 'This user has no home folder; use --file.' }
    : { kind: 'found', path };

async function checkKey({ keychain }: Machine): Promise<ConstructorParameters<typeof ChainCheck>[1]> {
  const found = await storedKey(keychain);
  switch (found.kind) {
    case 'key':
      return found;
    case 'absent':
      return { kind: 'none', reason: 'the keychain has no key for it' };
    case 'unusable':
      return { kind: 'none', reason: found.reason };
  }
}

async function checkSlot(
  { path, files }: AuditFiles,
  check: ChainCheck,
  onProgress: (records: number, bytes: number) => void,
): Promise<SlotReport> {
  let badLine: SlotReport['badLine'] = null;
  let torn = '';
  for (const file of files) {
    const { number, rest } = await checkFile(file, check, onProgress);
    // Only the newest file may end in the middle of a line.
    const isTornInside = rest !== '' && file !== files.at(-1) && !check.take(rest);
    if (check.isBroken) {
      badLine = { file: file.path, line: isTornInside ? number + 1 : number };
      break;
    }
    torn = rest;
  }
  return { path, badLine, ...check.end(badLine === null ? torn.length : 0) };
}

async function checkFile(
  file: OpenAuditFile,
  check: ChainCheck,
  onProgress: (records: number, bytes: number) => void,
): Promise<{ readonly number: number; readonly rest: string }> {
  let number = 0;
  let rest = '';
  for await (const run of linesOf(file)) {
    const before = check.count;
    let bytes = 0;
    for (const line of run.lines) {
      number += 1;
      bytes += line.length + 1;
      if (!check.take(line)) return { number, rest: '' };
    }
    onProgress(check.count - before, bytes);
    rest = run.rest ?? '';
  }
  return { number, rest };
}

const lineOf = (text: string): AuditLine => ({ text, record: readRecord(text) });
/** What is no record has no time, and stays where it is. */
const byTime = (one: AuditLine, other: AuditLine): number =>
  one.record === null || other.record === null ? 0 : one.record.time < other.record.time ? -1 : 1;

/** Several sorted runs as one; of each slot one chunk is in memory. */
async function* merged(slots: readonly AuditFiles[]): AsyncGenerator<readonly AuditLine[]> {
  const sources = await Promise.all(slots.map((slot) => Source.begin(slot)));
  for (;;) {
    const open = sources.filter(({ next }) => next !== undefined);
    if (open.length === 0) return;
    const batch: AuditLine[] = [];
    // One process alone is the usual case, and needs no comparing.
    const [only] = open;
    if (open.length === 1 && only !== undefined) batch.push(...only.takeChunk());
    else {
      const first = open.reduce((best, source) => (isEarlier(source, best) ? source : best));
      if (first.next !== undefined) batch.push(first.next);
      first.skip();
    }
    yield batch;
    for (const source of open) await source.refill();
  }
}

const isEarlier = (one: Source, other: Source): boolean =>
  (one.next?.record?.time ?? '') < (other.next?.record?.time ?? '');

/** The lines of one slot, a chunk at a time. */
class Source {
  private chunk: readonly AuditLine[] = [];
  private at = 0;

  private constructor(private readonly runs: AsyncGenerator<readonly string[]>) {}

  static async begin(slot: AuditFiles): Promise<Source> {
    const source = new Source(runsOf(slot));
    await source.refill();
    return source;
  }

  get next(): AuditLine | undefined {
    return this.chunk[this.at];
  }

  skip(): void {
    this.at += 1;
  }

  takeChunk(): readonly AuditLine[] {
    const rest = this.chunk.slice(this.at);
    this.at = this.chunk.length;
    return rest;
  }

  async refill(): Promise<void> {
    while (this.at >= this.chunk.length) {
      const run = await this.runs.next();
      if (run.done === true) return;
      this.chunk = run.value.map(lineOf);
      this.at = 0;
    }
  }
}

async function* runsOf({ files }: AuditFiles): AsyncGenerator<readonly string[]> {
  for (const file of files) for await (const { lines } of linesOf(file)) if (lines.length > 0) yield lines;
}

/** The end of the last line that was whole at the first look is found in here. */
const FIRST_LOOK_BYTES = 64 * 1024;

/** Remembers how far each file was read. Files that were put aside keep their length under a new name. */
class FollowedLog {
  private readAt: Map<number, number> | undefined;

  constructor(private readonly openAll: () => Promise<readonly AuditFiles[]>) {}

  async added(): Promise<readonly AuditLine[]> {
    const isFirst = this.readAt === undefined;
    const before = this.readAt ?? new Map<number, number>();
    const now = new Map<number, number>();
    const lines: AuditLine[] = [];
    await withSlots(await this.openAll(), async (slots) => {
      for (const file of slots.flatMap(({ files }) => files)) {
        const { ino } = await file.handle.stat();
        const known = isFirst ? Math.max(0, file.size - FIRST_LOOK_BYTES) : (before.get(ino) ?? 0);
        const from = known > file.size ? 0 : known;
        let end = from;
        for await (const run of linesOf(file, from)) {
          if (!isFirst) lines.push(...run.lines.map(lineOf));
          end = file.size - (run.rest?.length ?? 0);
        }
        now.set(ino, end);
      }
    });
    this.readAt = now;
    return lines.sort(byTime);
  }
}

async function withSlots<Value>(
  slots: readonly AuditFiles[],
  act: (slots: readonly AuditFiles[]) => Promise<Value>,
): Promise<Value> {
  try {
    return await act(slots);
  } finally {
    for (const slot of slots) await slot.close();
  }
}

async function reading<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (errorCode(error) === '') throw error;
    throw new AuditUnreadable(`${path} cannot be read: ${systemReason(error)}`, { cause: error });
  }
}
