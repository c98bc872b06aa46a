import { open, type FileHandle } from 'node:fs/promises';

import { placedLines } from './audit-line-places';
import { AuditPositions, type PlacedLine } from './audit-positions';
import { openAuditFiles, type AuditFiles, type OpenAuditFile } from './audit-reading';
import { errorCode } from './guarded-file';

/** Some 11 MB of memory; older records are left to checking and exporting. */
export const MAX_INDEXED_RECORDS = 500_000;
/** How many more may come before the oldest ones have to go. */
const GROWTH = 1.1;
/** A line that is longer was not written by us, and is given as an empty one. */
const MAX_LINE_BYTES = 1024 * 1024;
/** Lines that lie this near to each other are read together. */
const NEAR_BYTES = 16 * 1024;
const MAX_READ_BYTES = 2 * MAX_LINE_BYTES;

/** What may end indexing early, and who is told how far it got. */
export interface Indexing {
  readonly signal: AbortSignal;
  readonly onProgress: (records: number, bytes: number, totalBytes: number) => void;
}

/** Which log is indexed. */
export interface IndexedLog {
  readonly output: string;
  readonly platform: NodeJS.Platform;
  /** How many records at most. */
  readonly limit?: number;
}

/** As much of the beginning of a file as tells it from any other: the first record's chain, number and hash are in it. */
const BEGINNING_BYTES = 1024;

/** The files are not those any more whose lines are known. */
class FilesReplaced extends Error {}

interface KnownFile {
  readonly inode: number;
  /** Inodes are used again. */
  beginning: string;
  path: string;
  /** Whole lines before this were indexed. */
  readTo: number;
}

/**
 * Where each record of a log is, in the order of time, so that any of them is read without reading the others. Holds the newest
 * ones only. Positions are counted from the oldest, and do not change.
 */
export class AuditIndex {
  private readonly files: KnownFile[] = [];
  private readonly positions = new AuditPositions();
  private readonly limit: number;
  private isOlderLeftOut = false;

  private constructor(private readonly log: IndexedLog) {
    this.limit = log.limit ?? MAX_INDEXED_RECORDS;
  }

  /** Throws the system's error, or the reason of the signal. */
  static async build(log: IndexedLog, indexing: Indexing): Promise<AuditIndex> {
    const index = new AuditIndex(log);
    await withFiles(log, (slots) => index.fill(slots, indexing));
    return index;
  }

  /** How many records can be asked for. */
  get count(): number {
    return this.positions.count;
  }

  /** There are older records in the files. */
  get hasOlder(): boolean {
    return this.isOlderLeftOut;
  }

  /** Epoch milliseconds, as the line says. */
  timeAt(position: number): number {
    return this.positions.timeAt(position);
  }

  /** The path of the file that the line is in. */
  fileAt(position: number): string {
    return this.files[this.positions.fileAt(position)]?.path ?? '';
  }

  /** Takes what was added since; false when all has to be indexed anew. Throws the system's error. */
  async update(): Promise<boolean> {
    try {
      return await withFiles(this.log, (slots) => this.grow(slots));
    } catch (error) {
      if (error instanceof FilesReplaced) return false;
      throw error;
    }
  }

  /** The lines at these positions; null where the file is gone. Throws the system's error. */
  async lines(wanted: readonly number[]): Promise<readonly (string | null)[]> {
    const found = wanted.map((): string | null => null);
    const byFile = new Map<number, Member[]>();
    for (const [at, position] of wanted.entries()) {
      const file = this.positions.fileAt(position);
      const offset = this.positions.offsetAt(position);
      const member = { at, offset, end: offset + this.positions.lengthAt(position) };
      const members = byFile.get(file);
      if (members === undefined) byFile.set(file, [member]);
      else members.push(member);
    }
    for (const [file, members] of byFile) {
      const handle = await this.open(file);
      if (handle === null) continue;
      try {
        for (const run of runsOf(members)) await readRun(handle, run, found);
      } finally {
        await handle.close();
      }
    }
    return found;
  }

  private async grow(slots: readonly AuditFiles[]): Promise<boolean> {
    const runs: PlacedLine[][] = [];
    for (const { files } of slots) {
      const run: PlacedLine[][] = [];
      for (const file of files) {
        const known = await this.know(file);
        if (file.size < known.readTo) return false;
        run.push(await this.linesBehind(file, known, () => undefined));
      }
      runs.push(run.flat());
    }
    this.positions.addInOrder(runs);
    return this.count <= this.limit * GROWTH && this.files.length < AuditPositions.maxFiles;
  }

  /** The newest file of each slot first, so that nothing is read that would be left out. */
  private async fill(slots: readonly AuditFiles[], { signal, onProgress }: Indexing): Promise<void> {
    const totalBytes = slots.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0);
    const seen = { records: 0, bytes: 0 };
    const runs: PlacedLine[][] = [];
    for (const { files } of slots) {
      const run: PlacedLine[][] = [];
      let count = 0;
      for (const file of [...files].reverse()) {
        const known = await this.know(file);
        if (count >= this.limit) {
          known.readTo = file.size;
          this.isOlderLeftOut = true;
          continue;
        }
        const lines = await this.linesBehind(file, known, (records, bytes) => {
          signal.throwIfAborted();
          seen.records += records;
          seen.bytes += bytes;
          onProgress(seen.records, seen.bytes, totalBytes);
        });
        count += lines.length;
        run.unshift(lines);
      }
      runs.push(run.flat());
    }
    const surplus = Math.max(0, runs.reduce((sum, run) => sum + run.length, 0) - this.limit);
    if (surplus > 0) this.isOlderLeftOut = true;
    this.positions.addInOrder(runs, surplus);
  }

  private async linesBehind(
    file: OpenAuditFile,
    known: KnownFile,
    onProgress: (records: number, bytes: number) => void,
  ): Promise<PlacedLine[]> {
    const place = { number: this.files.indexOf(known), from: known.readTo };
    const lines = await placedLines(file, place, onProgress);
    const last = lines.at(-1);
    if (last !== undefined) known.readTo = last.offset + last.length + 1;
    return lines;
  }

  /** Files are put aside under other names: inode and beginning say which one it is. Throws {@link FilesReplaced}. */
  private async know({ handle, path }: OpenAuditFile): Promise<KnownFile> {
    const { ino: inode } = await handle.stat();
    const beginning = await beginningOf(handle);
    const known = this.files.find((file) => file.inode === inode);
    if (known === undefined) {
      const isCopy = beginning !== '' && this.files.some((file) => file.beginning === beginning);
      if (isCopy) throw new FilesReplaced(path);
      const added = { inode, path, beginning, readTo: 0 };
      this.files.push(added);
      return added;
    }
    if (!beginning.startsWith(known.beginning)) throw new FilesReplaced(path);
    known.path = path;
    known.beginning = beginning;
    return known;
  }

  /** Null when it is gone. */
  private async open(number: number): Promise<FileHandle | null> {
    const known = this.files[number];
    if (known === undefined) return null;
    const handle = await openAs(known);
    if (handle !== null) return handle;
    // It was put aside, perhaps; openAs looks closer.
    await withFiles(this.log, async (slots) => {
      for (const file of slots.flatMap(({ files }) => files))
        if ((await file.handle.stat()).ino === known.inode) known.path = file.path;
    });
    return openAs(known);
  }
}

/** A wanted line: its place among the wanted ones, and in the file. */
interface Member {
  readonly at: number;
  readonly offset: number;
  readonly end: number;
}

/** Neighbours are read in one go. */
function runsOf(members: readonly Member[]): readonly (readonly Member[])[] {
  const runs: Member[][] = [];
  for (const member of [...members].sort((one, other) => one.offset - other.offset)) {
    const run = runs.at(-1);
    const first = run?.[0];
    const last = run?.at(-1);
    const isNear =
      first !== undefined &&
      last !== undefined &&
      member.offset - last.end <= NEAR_BYTES &&
      member.end - first.offset <= MAX_READ_BYTES;
    if (isNear) run?.push(member);
    else runs.push([member]);
  }
  return runs;
}

async function readRun(handle: FileHandle, run: readonly Member[], found: (string | null)[]): Promise<void> {
  const from = run[0]?.offset ?? 0;
  const size = (run.at(-1)?.end ?? from) - from;
  const buffer = Buffer.alloc(Math.min(size, MAX_READ_BYTES));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  for (const { at, offset, end } of run) {
    const isThere = end - from <= bytesRead && end - offset <= MAX_LINE_BYTES;
    found[at] = isThere ? buffer.toString('latin1', offset - from, end - from) : '';
  }
}

const beginningOf = async (handle: FileHandle): Promise<string> => {
  const buffer = Buffer.alloc(BEGINNING_BYTES);
  const { bytesRead } = await handle.read(buffer, 0, BEGINNING_BYTES, 0);
  return buffer.toString('latin1', 0, bytesRead);
};

async function openAs({ path, inode, beginning }: KnownFile): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  const isIt = (await handle.stat()).ino === inode && (await beginningOf(handle)).startsWith(beginning);
  if (isIt) return handle;
  await handle.close();
  return null;
}

async function withFiles<Value>(
  { output, platform }: IndexedLog,
  act: (slots: readonly AuditFiles[]) => Promise<Value>,
): Promise<Value> {
  const slots = await filesThere(output, platform);
  try {
    return await act(slots);
  } finally {
    for (const slot of slots) await slot.close();
  }
}

/** A folder that is not there holds none. */
async function filesThere(output: string, platform: NodeJS.Platform): Promise<readonly AuditFiles[]> {
  try {
    return await openAuditFiles(output, platform);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
