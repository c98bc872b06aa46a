import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';

import { MAX_SLOTS, slotNames, type SlotNames } from './audit-names';
import { errorCode } from './guarded-file';
import { pathRules } from './paths';

/** A line that is longer was not written by us. */
const MAX_LINE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

/** One file of the audit log, open for reading. */
export interface OpenAuditFile {
  readonly path: string;
  readonly size: number;
  readonly handle: FileHandle;
}

/** The files of one slot as they were at one moment, the oldest first. */
export interface AuditFiles {
  readonly path: string;
  /** Null when there is none. */
  readonly headText: string | null;
  readonly files: readonly OpenAuditFile[];
  close(): Promise<void>;
}

/** Opens every slot of that log. Throws the system's error. */
export async function openAuditFiles(
  output: string,
  platform: NodeJS.Platform,
): Promise<readonly AuditFiles[]> {
  const found: AuditFiles[] = [];
  const { dirname, basename } = pathRules(platform);
  const list = (): Promise<readonly string[]> => readdir(dirname(output));
  const entries = await list();
  for (let slot = 1; slot <= MAX_SLOTS; slot += 1) {
    const names = slotNames(output, slot, platform);
    const own = [names.current, names.head].map((path) => basename(path));
    const isThere = entries.some((name) => own.includes(name) || names.archiveNumber(name) !== null);
    const files = isThere ? await openSlot(names, list) : null;
    if (files !== null) found.push(files);
  }
  return found;
}

/** Null when nothing of it is there. */
async function openSlot(
  names: SlotNames,
  list: () => Promise<readonly string[]>,
): Promise<AuditFiles | null> {
  for (;;) {
    // The head is read first: what it speaks of was written before it.
    const headText = await textIfThere(names.head);
    const paths = pathsOf(names, await list());
    const files: OpenAuditFile[] = [];
    for (const path of paths) {
      const file = await openIfThere(path);
      if (file !== null) files.push(file);
    }
    const close = async (): Promise<void> => {
      for (const { handle } of files) await handle.close();
    };
    // Whoever writes may put a file aside meanwhile; then some records would be read twice, or not at all.
    if (pathsOf(names, await list()).join('\n') === paths.join('\n')) {
      if (files.length > 0 || headText !== null) return { path: names.current, headText, files, close };
      return null;
    }
    await close();
  }
}

function pathsOf(names: SlotNames, entries: readonly string[]): readonly string[] {
  const numbers = entries.map((name) => names.archiveNumber(name)).filter((number) => number !== null);
  return [...numbers.sort((one, other) => one - other).map((number) => names.archive(number)), names.current];
}

async function openIfThere(path: string): Promise<OpenAuditFile | null> {
  try {
    const handle = await open(path, 'r');
    return { path, handle, size: (await handle.stat()).size };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function textIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Some lines of a file, in order. */
export interface LineRun {
  readonly lines: readonly string[];
  /** Set on the last run: what stands behind the last whole line. */
  readonly rest: string | null;
}

/** The lines from a place on, as far as the file went when it was opened; a line that is too long comes as an empty one. */
export async function* linesOf(file: OpenAuditFile, from = 0): AsyncGenerator<LineRun> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let carried = '';
  let isTooLong = false;
  for (let at = from; at < file.size;) {
    const { bytesRead } = await file.handle.read(buffer, 0, Math.min(CHUNK_BYTES, file.size - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const end = buffer.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
    const text = buffer.toString('latin1', 0, bytesRead);
    if (end === -1) {
      isTooLong ||= carried.length + text.length > MAX_LINE_BYTES;
      carried = isTooLong ? '' : carried + text;
      continue;
    }
    const lines = (carried + text.slice(0, end)).split('\n');
    if (isTooLong) lines[0] = '';
    isTooLong = false;
    carried = text.slice(end + 1);
    yield { lines, rest: null };
  }
  yield { lines: [], rest: carried };
}

/** The last lines of a slot, the oldest first. */
export async function lastLines({ files }: AuditFiles, count: number): Promise<readonly string[]> {
  let found: readonly string[] = [];
  for (const file of [...files].reverse()) {
    if (found.length >= count) break;
    found = [...(await lastOf(file, count - found.length)), ...found];
  }
  return found;
}

async function lastOf(file: OpenAuditFile, count: number): Promise<readonly string[]> {
  for (let window = CHUNK_BYTES; ; window *= 4) {
    const from = Math.max(0, file.size - window);
    const lines: string[] = [];
    for await (const run of linesOf(file, from)) lines.push(...run.lines);
    const whole = from > 0 ? lines.slice(1) : lines;
    if (from === 0 || whole.length >= count) return whole.slice(-count);
  }
}
