/** What has come of a proxy's answer to CONNECT so far. */
export type ConnectAnswer =
  | { readonly kind: 'unfinished' }
  /** The tunnel is open; `rest` came through it already. */
  | { readonly kind: 'open'; readonly rest: Buffer }
  | { readonly kind: 'refused'; readonly status: number; readonly acceptsBasic: boolean }
  | { readonly kind: 'unreadable'; readonly detail: string };

/** A longer head is no answer to CONNECT. */
export const MAX_ANSWER_BYTES = 16 * 1024;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const BEGINNING = 'HTTP/1.';
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: [^\r\n]*)?(?:\r\n|$)/;

/** Reads the answer to CONNECT (RFC 9110 section 9.3.6) piece by piece. */
export class ConnectAnswerReader {
  private head: Buffer = Buffer.alloc(0);
  /** Interim answers count as well, so that they cannot go on for ever. */
  private seenBytes = 0;

  /** Takes the next bytes; not to be called again after an answer other than `unfinished`. */
  push(chunk: Buffer): ConnectAnswer {
    const from = Math.max(0, this.head.length - END_OF_HEAD.length + 1);
    this.head = Buffer.concat([this.head, chunk]);
    return this.read(from);
  }

  private read(from: number): ConnectAnswer {
    const start = this.head.toString('latin1', 0, BEGINNING.length);
    if (!BEGINNING.startsWith(start)) return { kind: 'unreadable', detail: 'what answers is no HTTP proxy' };
    const end = this.head.indexOf(END_OF_HEAD, from);
    const length = end < 0 ? this.head.length : end + END_OF_HEAD.length;
    if (this.seenBytes + length > MAX_ANSWER_BYTES) {
      return { kind: 'unreadable', detail: `its answer is longer than ${String(MAX_ANSWER_BYTES)} bytes` };
    }
    if (end < 0) return { kind: 'unfinished' };
    const head = this.head.toString('latin1', 0, end);
    const rest = this.head.subarray(length);
    const status = Number(STATUS_LINE.exec(head)?.[1] ?? 0);
    if (status >= 200 && status < 300) return { kind: 'open', rest };
    if (status === 0 || status === 101) {
      return { kind: 'unreadable', detail: 'its answer is not one to CONNECT' };
    }
    if (status >= 200) return { kind: 'refused', status, acceptsBasic: offersBasic(head) };
    this.seenBytes += length;
    this.head = rest;
    return this.read(0);
  }
}

/** Without a challenge nothing is known against it. */
function offersBasic(head: string): boolean {
  const challenges = head.split('\r\n').filter((line) => /^proxy-authenticate[ \t]*:/i.test(line));
  return challenges.length === 0 || challenges.some((line) => /[:,\s]basic(?![^\s,])/i.test(line));
}
