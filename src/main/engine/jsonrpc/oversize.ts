import { isUtf8 } from 'node:buffer';

import { skipValue } from './skip-value';

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
/** What a string or a number begins with. */
const ID_START = /^["\d-]/;

/** What could be learned of a message that is too large to be kept. */
export interface OversizeMessage {
  /** The id to answer to, exactly as it was written; null when there is none, or none that can be repeated. */
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
  private hasId = false;
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
    if (this.hasMethod) return this.hasId ? 'request' : 'notification';
    return this.hasId ? 'response' : 'unknown';
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

  /** The text that was kept; empty when it was too long. */
  private takeKept(): string {
    const bytes = Buffer.from(this.isKeptWhole ? this.kept : []);
    this.kept = [];
    this.isKeptWhole = true;
    return isUtf8(bytes) ? bytes.toString() : '';
  }

  private endMember(): void {
    const value = this.takeKept();
    if (this.isValue && this.key === '"id"') {
      this.hasId = value !== 'null';
      this.id = isId(value) ? Buffer.from(value) : null;
    }
    if (this.isValue && this.key === '"method"') this.hasMethod = true;
    this.isValue = false;
    this.key = '';
  }
}

/** Only what is JSON may stand in a reply. */
function isId(text: string): boolean {
  const bytes = Buffer.from(text);
  return ID_START.test(text) && skipValue(bytes, 0) === bytes.length;
}
