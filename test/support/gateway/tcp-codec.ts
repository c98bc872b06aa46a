/** Frames as the two Go programs write and read them (gateway-protocol 2.1 to 2.3); independent of the product's. */
export type TcpDialect = 'gateway' | 'go-router';

export interface TcpFrame {
  readonly type: number;
  readonly payload: Buffer;
}

const MAX_PAYLOAD_BYTES = 10_485_760;
const HEADER_BYTES = { gateway: 12, 'go-router': 16 } as const;
const MAGIC = { gateway: 'MCPB', 'go-router': 'MCP\0' } as const;

/** One frame as bytes. */
export function tcpFrame(dialect: TcpDialect, type: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const numbers = Buffer.alloc(HEADER_BYTES[dialect] - 4);
  numbers.writeUInt16BE(1, 0);
  numbers.writeUInt16BE(type, 2);
  numbers.writeUInt32BE(body.length, numbers.length - 4);
  return Buffer.concat([Buffer.from(MAGIC[dialect], 'latin1'), numbers, body]);
}

/** Collects a stream and cuts it into frames. `take` throws with the text of the Go decoder. */
export class TcpFrameReader {
  #held = Buffer.alloc(0);

  constructor(private readonly dialect: TcpDialect) {}

  take(chunk: Buffer): readonly TcpFrame[] {
    this.#held = Buffer.concat([this.#held, chunk]);
    const frames: TcpFrame[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): TcpFrame | null {
    const headerBytes = HEADER_BYTES[this.dialect];
    if (this.#held.length < headerBytes) return null;
    const magic = this.#held.subarray(0, 4);
    if (magic.toString('latin1') !== MAGIC[this.dialect])
      throw new Error(`invalid magic bytes: 0x${magic.toString('hex').toUpperCase()}`);
    const version = this.#held.readUInt16BE(4);
    if (this.dialect === 'gateway' && version !== 1)
      throw new Error(`unsupported protocol version: ${version}`);
    const type = this.#held.readUInt16BE(6);
    const length = this.#held.readUInt32BE(headerBytes - 4);
    if (length > MAX_PAYLOAD_BYTES) throw new Error(`payload too large: ${length} bytes`);
    const end = headerBytes + length;
    if (this.#held.length < end) return null;
    const payload = Buffer.from(this.#held.subarray(headerBytes, end));
    this.#held = this.#held.subarray(end);
    return { type, payload };
  }
}
