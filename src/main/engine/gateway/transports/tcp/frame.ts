/** Numbers of the message types, the same in both dialects (gateway-protocol 2.3). */
export const frameTypes = {
  request: 1,
  response: 2,
  control: 3,
  healthCheck: 4,
  error: 5,
  negotiation: 6,
  agreement: 7,
} as const;

/** One frame: what it is, and its bytes. */
export interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

/** The layout of one dialect's frames. All numbers are big-endian. */
export interface FrameLayout {
  readonly magic: number;
  readonly headerBytes: number;
  /** Where the payload's length stands; magic, version and type stand at 0, 4 and 6 in both dialects. */
  readonly lengthOffset: number;
  /** False where any version is accepted on read, and a type that is not known is skipped. */
  readonly isStrict: boolean;
}

/** The gateway's own dialect (gateway-protocol 2.1), magic "MCPB". */
export const gatewayLayout: FrameLayout = {
  magic: 0x4d435042,
  headerBytes: 12,
  lengthOffset: 8,
  isStrict: true,
};

/** The Go router's dialect (gateway-protocol 2.2), magic "MCP\0"; bytes 8 to 11 are reserved. */
export const goRouterLayout: FrameLayout = {
  magic: 0x4d435000,
  headerBytes: 16,
  lengthOffset: 12,
  isStrict: false,
};

/** The one version there is. */
export const PROTOCOL_VERSION = 1;
/** No frame of either dialect holds more. */
export const MAX_PAYLOAD_BYTES = 10_485_760;

const MAGIC_BYTES = 4;
const VERSION_OFFSET = 4;
const TYPE_OFFSET = 6;

/** Writes a frame. The payload must not be larger than {@link MAX_PAYLOAD_BYTES}. */
export function encodeFrame(layout: FrameLayout, type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(layout.headerBytes);
  header.writeUInt32BE(layout.magic, 0);
  header.writeUInt16BE(PROTOCOL_VERSION, VERSION_OFFSET);
  header.writeUInt16BE(type, TYPE_OFFSET);
  header.writeUInt32BE(payload.length, layout.lengthOffset);
  return Buffer.concat([header, payload]);
}

/** What a piece of the stream completed; after a problem nothing is read any more. */
export interface Decoded {
  readonly frames: readonly Frame[];
  readonly problem: FrameProblem | null;
}

/** Why the stream cannot be read on: it has lost its frame boundaries, or the other side breaks the protocol. */
export interface FrameProblem {
  readonly kind: 'not-a-frame' | 'too-large';
  readonly detail: string;
}

const hex = (value: number, digits: number): string =>
  `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;

/** Cuts a byte stream into frames, however it is split. Holds at most one header and one payload. */
export class FrameDecoder {
  private readonly header: Buffer;
  private headerFill = 0;
  private payload: Buffer | undefined;
  private payloadFill = 0;
  private problem: FrameProblem | null = null;

  /** @param maxPayloadBytes a longer payload is a problem, found before memory is spent on it */
  constructor(
    private readonly layout: FrameLayout,
    private readonly maxPayloadBytes: number,
  ) {
    this.header = Buffer.alloc(layout.headerBytes);
  }

  /** Takes the next piece of the stream. */
  push(chunk: Buffer): Decoded {
    const frames: Frame[] = [];
    let offset = 0;
    while (offset < chunk.length && this.problem === null) {
      offset = this.payload === undefined ? this.fillHeader(chunk, offset) : this.fillPayload(chunk, offset);
      if (this.payload !== undefined && this.payloadFill === this.payload.length) {
        frames.push({ type: this.header.readUInt16BE(TYPE_OFFSET), payload: this.payload });
        this.payload = undefined;
        this.headerFill = 0;
      }
    }
    return { frames, problem: this.problem };
  }

  private fillHeader(chunk: Buffer, offset: number): number {
    const copied = chunk.copy(this.header, this.headerFill, offset);
    this.headerFill += copied;
    this.problem = this.headerProblem();
    if (this.problem === null && this.headerFill === this.header.length) {
      // Allocated at once, as its length is within the limit; growing it would copy a dribbled frame many times.
      this.payload = Buffer.allocUnsafe(this.header.readUInt32BE(this.layout.lengthOffset));
      this.payloadFill = 0;
    }
    return offset + copied;
  }

  private fillPayload(chunk: Buffer, offset: number): number {
    const copied = this.payload === undefined ? 0 : chunk.copy(this.payload, this.payloadFill, offset);
    this.payloadFill += copied;
    return offset + copied;
  }

  /** Judges what is there of the header; the magic as soon as it is complete, so that a stranger is noticed early. */
  private headerProblem(): FrameProblem | null {
    const { layout, header, headerFill } = this;
    if (headerFill < MAGIC_BYTES) return null;
    const magic = header.readUInt32BE(0);
    if (magic !== layout.magic) return notAFrame(`invalid magic bytes: ${hex(magic, 8)}`);
    if (headerFill < header.length) return null;
    const version = header.readUInt16BE(VERSION_OFFSET);
    if (layout.isStrict && version !== PROTOCOL_VERSION) {
      return notAFrame(`unsupported protocol version: ${hex(version, 4)} (supported: 0x0001-0x0001)`);
    }
    const type = header.readUInt16BE(TYPE_OFFSET);
    if (layout.isStrict && (type < frameTypes.request || type > frameTypes.agreement)) {
      return notAFrame(`unknown message type: ${hex(type, 4)}`);
    }
    const length = header.readUInt32BE(layout.lengthOffset);
    if (length <= this.maxPayloadBytes) return null;
    return { kind: 'too-large', detail: `payload too large: ${String(length)} bytes` };
  }
}

const notAFrame = (detail: string): FrameProblem => ({ kind: 'not-a-frame', detail });
