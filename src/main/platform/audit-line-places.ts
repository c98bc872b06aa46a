import type { PlacedLine } from './audit-positions';
import type { OpenAuditFile } from './audit-reading';

const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;
/** A record ends with its time and version, because its keys are sorted. */
const BEHIND_TIME_BYTES = '","v":1}'.length;
const TIME_BYTES = '2026-01-02T03:04:05.006Z'.length;
/** So much of the chunk before is kept, so that no time is cut in two. */
const KEPT_BYTES = BEHIND_TIME_BYTES + TIME_BYTES;

/** Finds the whole lines of a file from a place on, without reading what is in them, except for their times. */
export async function placedLines(
  file: OpenAuditFile,
  { number, from }: { readonly number: number; readonly from: number },
  onProgress: (records: number, bytes: number) => void,
): Promise<PlacedLine[]> {
  const lines: PlacedLine[] = [];
  const room = Math.min(CHUNK_BYTES, Math.max(0, file.size - from));
  const buffer = Buffer.alloc(KEPT_BYTES + room);
  let lineStart = from;
  let time = 0;
  for (let at = from; at < file.size;) {
    const { bytesRead } = await file.handle.read(buffer, KEPT_BYTES, Math.min(room, file.size - at), at);
    if (bytesRead === 0) break;
    const before = lines.length;
    for (let next = KEPT_BYTES; ;) {
      const end = buffer.indexOf(LINE_FEED, next);
      if (end === -1 || end >= KEPT_BYTES + bytesRead) break;
      time = timeBefore(buffer, end) ?? time;
      const offsetOfEnd = at + end - KEPT_BYTES;
      lines.push({ file: number, offset: lineStart, length: offsetOfEnd - lineStart, time });
      lineStart = offsetOfEnd + 1;
      next = end + 1;
    }
    buffer.copyWithin(0, bytesRead, bytesRead + KEPT_BYTES);
    at += bytesRead;
    onProgress(lines.length - before, bytesRead);
  }
  return lines;
}

/** Null when there stands no time: then the line is not as it was written. */
function timeBefore(buffer: Buffer, end: number): number | null {
  const from = end - BEHIND_TIME_BYTES - TIME_BYTES;
  const time = from < 0 ? Number.NaN : Date.parse(buffer.toString('latin1', from, from + TIME_BYTES));
  return Number.isNaN(time) ? null : time;
}
