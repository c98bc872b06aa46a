import { describe, expect, it } from 'vitest';

import { gatewayDialect, goRouterDialect } from '../../../src/main/engine/gateway/transports/tcp/dialect';
import {
  encodeFrame,
  FrameDecoder,
  frameTypes,
  gatewayLayout,
  goRouterLayout,
  MAX_PAYLOAD_BYTES,
  type Frame,
  type FrameLayout,
  type FrameProblem,
} from '../../../src/main/engine/gateway/transports/tcp/frame';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');

/** gateway-protocol 2.7, as written there. */
const vectors = {
  A1: bytes(`4d 43 50 42 00 01 00 06 00 00 00 50 7b 22 6d 69 6e 5f 76 65 72 73 69 6f 6e 22 3a 31 2c 22 6d 61 78
5f 76 65 72 73 69 6f 6e 22 3a 31 2c 22 70 72 65 66 65 72 72 65 64 5f 76 65 72 73 69 6f 6e 22 3a 31
2c 22 73 75 70 70 6f 72 74 65 64 5f 76 65 72 73 69 6f 6e 73 22 3a 5b 31 5d 7d`),
  A2: bytes(
    '4d 43 50 42 00 01 00 07 00 00 00 14 7b 22 61 67 72 65 65 64 5f 76 65 72 73 69 6f 6e 22 3a 31 7d',
  ),
  A3: bytes('4d 43 50 42 00 01 00 04 00 00 00 00'),
  A4: bytes(`4d 43 50 42 00 01 00 05 00 00 00 1c 56 65 72 73 69 6f 6e 20 6e 65 67 6f 74 69 61 74 69 6f 6e 20 72
65 71 75 69 72 65 64`),
  A5: bytes(`4d 43 50 42 00 01 00 01 00 00 00 28 7b 22 6a 73 6f 6e 72 70 63 22 3a 22 32 2e 30 22 2c 22 6d 65 74
68 6f 64 22 3a 22 70 69 6e 67 22 2c 22 69 64 22 3a 31 7d`),
  A6: bytes(`4d 43 50 42 00 01 00 02 00 00 00 24 7b 22 6a 73 6f 6e 72 70 63 22 3a 22 32 2e 30 22 2c 22 72 65 73
75 6c 74 22 3a 7b 7d 2c 22 69 64 22 3a 31 7d`),
  B1: bytes('4d 43 50 00 00 01 00 04 00 00 00 00 00 00 00 02 7b 7d'),
  B2: bytes(`4d 43 50 00 00 01 00 07 00 00 00 00 00 00 00 14 7b 22 61 67 72 65 65 64 5f 76 65 72 73 69 6f 6e 22
3a 31 7d`),
  B3: bytes('4d 43 50 00 00 01 00 06 00 00 00 00 00 00 00 50'),
} as const;

const PING = '{"jsonrpc":"2.0","method":"ping","id":1}';
const PONG = '{"jsonrpc":"2.0","result":{},"id":1}';
const AGREED = '{"agreed_version":1}';
const A_STREAM = Buffer.concat([vectors.A1, vectors.A2, vectors.A3, vectors.A4, vectors.A5, vectors.A6]);
const B_STREAM = Buffer.concat([vectors.B1, vectors.B2]);

interface Read {
  readonly frames: readonly (readonly [type: number, text: string])[];
  readonly problem: FrameProblem | null;
}

/** Decodes pieces of a stream. */
function read(layout: FrameLayout, pieces: readonly Buffer[], maxPayloadBytes = MAX_PAYLOAD_BYTES): Read {
  const decoder = new FrameDecoder(layout, maxPayloadBytes);
  const frames: Frame[] = [];
  let problem: FrameProblem | null = null;
  for (const piece of pieces) {
    const decoded = decoder.push(piece);
    frames.push(...decoded.frames);
    ({ problem } = decoded);
  }
  return { frames: frames.map(({ type, payload }) => [type, payload.toString('latin1')]), problem };
}

describe('the vectors of the protocol, byte by byte', () => {
  it('A1 to A6 are what dialect gateway writes', () => {
    const write = (type: number, payload: Buffer | string): Buffer =>
      encodeFrame(gatewayLayout, type, Buffer.from(payload));
    expect(write(frameTypes.negotiation, gatewayDialect.negotiation)).toEqual(vectors.A1);
    expect(write(frameTypes.agreement, AGREED)).toEqual(vectors.A2);
    expect(write(frameTypes.healthCheck, gatewayDialect.healthCheck)).toEqual(vectors.A3);
    expect(write(frameTypes.error, 'Version negotiation required')).toEqual(vectors.A4);
    expect(write(frameTypes.request, PING)).toEqual(vectors.A5);
    expect(write(frameTypes.response, PONG)).toEqual(vectors.A6);
  });

  it('A1 to A6 are read', () => {
    expect(read(gatewayLayout, [A_STREAM])).toEqual({
      frames: [
        [6, '{"min_version":1,"max_version":1,"preferred_version":1,"supported_versions":[1]}'],
        [7, AGREED],
        [4, ''],
        [5, 'Version negotiation required'],
        [1, PING],
        [2, PONG],
      ],
      problem: null,
    });
  });

  it('B1 to B3 are what dialect go-router writes, its negotiation with sorted keys', () => {
    const write = (type: number, payload: Buffer): Buffer => encodeFrame(goRouterLayout, type, payload);
    expect(write(frameTypes.healthCheck, goRouterDialect.healthCheck)).toEqual(vectors.B1);
    expect(write(frameTypes.agreement, Buffer.from(AGREED))).toEqual(vectors.B2);
    const offer = write(frameTypes.negotiation, goRouterDialect.negotiation);
    expect(offer.subarray(0, 16)).toEqual(vectors.B3);
    const sorted = '{"max_version":1,"min_version":1,"preferred_version":1,"supported_versions":[1]}';
    expect(offer.subarray(16).toString()).toBe(sorted);
    expect(offer).toHaveLength(96);
  });

  it('B1 and B2 are read, with any version and any reserved bytes', () => {
    const odd = Buffer.from(vectors.B1);
    odd.writeUInt16BE(7, 4);
    odd.writeUInt32BE(0xffffffff, 8);
    expect(read(goRouterLayout, [B_STREAM, odd])).toEqual({
      frames: [
        [4, '{}'],
        [7, AGREED],
        [4, '{}'],
      ],
      problem: null,
    });
  });
});

describe('what is no frame', () => {
  const header = (patch: (header: Buffer) => void): Buffer => {
    const copy = Buffer.from(vectors.A3);
    patch(copy);
    return copy;
  };

  it.each([
    ['the Go router’s magic', vectors.B1, 'not-a-frame', 'invalid magic bytes: 0x4D435000'],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 'not-a-frame', 'invalid magic bytes: 0x48545450'],
    ['a TLS record', bytes('15 03 01 00 02 02 46'), 'not-a-frame', 'invalid magic bytes: 0x15030100'],
    [
      'version 2',
      header((copy) => copy.writeUInt16BE(2, 4)),
      'not-a-frame',
      'unsupported protocol version: 0x0002 (supported: 0x0001-0x0001)',
    ],
    ['type 0', header((copy) => copy.writeUInt16BE(0, 6)), 'not-a-frame', 'unknown message type: 0x0000'],
    ['type 8', header((copy) => copy.writeUInt16BE(8, 6)), 'not-a-frame', 'unknown message type: 0x0008'],
    [
      '10 485 761 bytes',
      header((copy) => copy.writeUInt32BE(10_485_761, 8)),
      'too-large',
      'payload too large: 10485761 bytes',
    ],
    [
      '4 GiB',
      header((copy) => copy.writeUInt32BE(0xffffffff, 8)),
      'too-large',
      'payload too large: 4294967295 bytes',
    ],
  ] as const)(
    '%s is a problem, after the frames before it, and ends the reading',
    (_name, bad, kind, detail) => {
      const { frames, problem } = read(gatewayLayout, [vectors.A5, bad, vectors.A6]);
      expect(frames).toEqual([[1, PING]]);
      expect(problem).toEqual({ kind, detail });
    },
  );

  it('dialect go-router knows its magic and its limit as well, and skips types that it does not know', () => {
    expect(read(goRouterLayout, [vectors.A3]).problem?.detail).toBe('invalid magic bytes: 0x4D435042');
    const large = Buffer.from(vectors.B3);
    large.writeUInt32BE(10_485_761, 12);
    expect(read(goRouterLayout, [large]).problem).toMatchObject({ kind: 'too-large' });
    expect(read(goRouterLayout, [encodeFrame(goRouterLayout, 99, Buffer.alloc(0))])).toEqual({
      frames: [[99, '']],
      problem: null,
    });
  });

  it('SEC-30 takes a payload of exactly the limit, and refuses one byte more by its header alone', () => {
    const exact = encodeFrame(gatewayLayout, 2, Buffer.alloc(2048, 0x20));
    expect(read(gatewayLayout, [exact], 2048).frames).toHaveLength(1);
    const more = encodeFrame(gatewayLayout, 2, Buffer.alloc(2049)).subarray(0, 12);
    expect(read(gatewayLayout, [more], 2048)).toMatchObject({ frames: [], problem: { kind: 'too-large' } });
  });
});

describe('however the stream is split', () => {
  it.each([
    ['dialect gateway', gatewayLayout, A_STREAM],
    ['dialect go-router', goRouterLayout, B_STREAM],
  ] as const)('%s: the same frames at every split position, and byte by byte', (_name, layout, stream) => {
    const whole = read(layout, [stream]);
    for (let at = 0; at <= stream.length; at += 1) {
      expect(read(layout, [stream.subarray(0, at), stream.subarray(at)])).toEqual(whole);
    }
    expect(
      read(
        layout,
        [...stream].map((byte) => Buffer.from([byte])),
      ),
    ).toEqual(whole);
  });
});
