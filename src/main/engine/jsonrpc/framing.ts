import { OversizeScanner, type OversizeMessage } from './oversize';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const SMALL_PART_BYTES = 4096;

/** What a {@link LineFramer} calls. */
export interface LineHandlers {
  /** A line without its end; never empty. */
  onLine(line: Buffer): void;
  /** A line above the limit; its bytes are gone. */
  onOversize(message: OversizeMessage): void;
}

/**
 * Cuts a byte stream into lines (MCP stdio transport: one message per line, UTF-8). Any split into chunks gives
 * the same lines; LF and CRLF both end one, and so does the end of the stream.
 */
export class LineFramer {
  private parts: Buffer[] = [];
  private heldBytes = 0;
  private oversize: OversizeScanner | undefined;
  private isAtStart = true;

  /** @param maxLineBytes lines above this are reported and thrown away; memory never exceeds it; asked for each piece */
  constructor(
    private readonly maxLineBytes: () => number,
    private readonly handlers: LineHandlers,
  ) {}

  /** Takes the next bytes of the stream. The lines may share memory with the chunk. */
  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end === -1) break;
      this.hold(chunk.subarray(start, end));
      this.endLine();
      start = end + 1;
    }
    if (start < chunk.length) this.hold(chunk.subarray(start));
  }

  /** The stream has ended: what is held is the last line. */
  end(): void {
    this.endLine();
  }

  private hold(part: Buffer): void {
    if (this.oversize !== undefined) {
      this.oversize.push(part);
      return;
    }
    this.keep(part);
    this.heldBytes += part.length;
    // One byte more may be held, as it may be the carriage return of the line's end.
    if (this.heldBytes <= this.maxLineBytes() + 1) return;
    this.oversize = new OversizeScanner();
    for (const held of this.parts) this.oversize.push(held);
    this.parts = [];
    this.heldBytes = 0;
  }

  /** Joins small parts: a line that comes byte by byte must not cost an object for each byte. */
  private keep(part: Buffer): void {
    let whole = part;
    while (whole.length < SMALL_PART_BYTES) {
      const last = this.parts.at(-1);
      // Joining only what is no longer than the new part keeps the copying within n log n.
      if (last === undefined || last.length > whole.length) break;
      this.parts.pop();
      whole = Buffer.concat([last, whole]);
    }
    this.parts.push(whole);
  }

  private endLine(): void {
    const { oversize } = this;
    if (oversize !== undefined) {
      this.oversize = undefined;
      this.isAtStart = false;
      this.handlers.onOversize(oversize.finish());
      return;
    }
    const whole = this.parts.length === 1 ? this.parts[0] : Buffer.concat(this.parts);
    this.parts = [];
    this.heldBytes = 0;
    if (whole === undefined || whole.length === 0) return;
    const line = this.trim(whole);
    if (line.length > this.maxLineBytes()) this.reportOversize(line);
    else if (line.length > 0) this.handlers.onLine(line);
  }

  private reportOversize(line: Buffer): void {
    const scanner = new OversizeScanner();
    scanner.push(line);
    this.handlers.onOversize(scanner.finish());
  }

  private trim(whole: Buffer): Buffer {
    const isMarked = this.isAtStart && whole.subarray(0, 3).equals(BYTE_ORDER_MARK);
    this.isAtStart = false;
    const start = isMarked ? BYTE_ORDER_MARK.length : 0;
    const end = whole[whole.length - 1] === CARRIAGE_RETURN ? whole.length - 1 : whole.length;
    return whole.subarray(start, Math.max(start, end));
  }
}
