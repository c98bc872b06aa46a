const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const LEFT_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const RIGHT_BRACKET = 0x5d;
const LEFT_BRACE = 0x7b;
const RIGHT_BRACE = 0x7d;

/** Longer keys and ids are not kept; a request with such an id is answered with a null id. */
const MAX_KEPT_BYTES = 1024;
const SCALAR = /^(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*)$/;

/** What could be learned of a message that is too large to be kept. */
export interface OversizeMessage {
  /** The id to answer to, exactly as it was written; null when there is none. */
  readonly id: Buffer | null;
  readonly kind: 'request' | 'notification' | 'response' | 'unknown';
  readonly byteLength: number;
}

/**
 * Looks for the id of a message while its bytes are thrown away. It knows only strings, nesting and the
 * members at the top, and so needs a constant amount of memory however long the message is.
 */
export class OversizeScanner {
  private depth = 0;
  private isInString = false;
  private isEscaped = false;
  private isValue = false;
  private kept: number[] = [];
  private isKeptWhole = true;
  private key = '';
  private id: Buffer | null = null;
  private hasMethod = false;
  private byteLength = 0;

  /** Takes the next bytes of the message. */
  push(chunk: Uint8Array): void {
    this.byteLength += chunk.length;
    for (const byte of chunk) this.take(byte);
  }

  /** What was found, once the message has ended. */
  finish(): OversizeMessage {
    this.endMember();
    return { id: this.id, kind: this.kind(), byteLength: this.byteLength };
  }

  private kind(): OversizeMessage['kind'] {
    if (this.hasMethod) return this.id === null ? 'notification' : 'request';
    return this.id === null ? 'unknown' : 'response';
  }

  private take(byte: number): void {
    if (this.isInString) {
      this.keep(byte);
      if (this.isEscaped) this.isEscaped = false;
      else if (byte === BACKSLASH) this.isEscaped = true;
      else if (byte === QUOTE) this.isInString = false;
      return;
    }
    switch (byte) {
      case QUOTE:
        this.isInString = true;
        this.keep(byte);
        return;
      case LEFT_BRACE:
      case LEFT_BRACKET:
        this.depth += 1;
        return;
      case RIGHT_BRACE:
      case RIGHT_BRACKET:
        if (this.depth === 1) this.endMember();
        this.depth -= 1;
        return;
      default:
        this.takeBetween(byte);
    }
  }

  private takeBetween(byte: number): void {
    if (this.depth !== 1) return;
    if (byte === COLON && !this.isValue) {
      this.key = this.takeKept();
      this.isValue = true;
    } else if (byte === COMMA) {
      this.endMember();
    } else if (byte > 0x20) {
      this.keep(byte);
    }
  }

  private keep(byte: number): void {
    if (this.depth !== 1) return;
    if (this.kept.length < MAX_KEPT_BYTES) this.kept.push(byte);
    else this.isKeptWhole = false;
  }

  private takeKept(): string {
    const text = this.isKeptWhole ? Buffer.from(this.kept).toString('utf8') : '';
    this.kept = [];
    this.isKeptWhole = true;
    return text;
  }

  private endMember(): void {
    const value = this.takeKept();
    if (this.isValue && this.key === '"id"' && SCALAR.test(value)) this.id = Buffer.from(value);
    if (this.isValue && this.key === '"method"') this.hasMethod = true;
    this.isValue = false;
    this.key = '';
  }
}
