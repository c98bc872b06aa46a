import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';

import fc from 'fast-check';

import { unwrapEnvelope } from '../../../src/main/engine/gateway/envelope';
import { openWebSocket } from '../../../src/main/engine/gateway/transports/websocket';
import { cutAt, cuts, mutated, rawBytes, same } from '../bytes';
import { envelopeTexts, jsonTexts } from '../json-texts';
import { MAX_MESSAGE_BYTES, messageOf, openCase } from '../open-case';
import { RawPeer } from '../raw-peer';
import { fuzzTarget } from '../target';

/** RFC 6455 section 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const peer = new RawPeer();

interface WireFrame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
  /** A server must not mask; first bits must be 0 without an extension. */
  readonly isMasked: boolean;
  readonly reserved: number;
  /** In place of the true length. */
  readonly length: number | undefined;
}

/** RFC 6455 section 5.2. */
function encoded({ opcode, isLast, payload, isMasked, reserved, length }: WireFrame): Buffer {
  const said = length ?? payload.length;
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = isMasked ? 0x80 : 0;
  const head = Buffer.alloc(said < 126 ? 2 : said < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = mask | (said < 126 ? said : said < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(said, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(said), 2);
  return Buffer.concat([head, ...(isMasked ? [Buffer.alloc(4)] : []), payload]);
}

const texts = fc.oneof(envelopeTexts, jsonTexts);
const payloads = fc.oneof(
  { weight: 4, arbitrary: texts },
  rawBytes(130),
  fc.constantFrom(125, 126, 1023, 1024, 1025, 3000).map((length) => Buffer.alloc(length, 0x20)),
);
const opcodes = fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.nat(15));
const often = <Value>(value: Value, other: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(value) }, other);
const anyFrame: fc.Arbitrary<WireFrame> = fc.record({
  opcode: opcodes,
  isLast: often(true, fc.boolean()),
  payload: payloads,
  isMasked: often(false, fc.boolean()),
  reserved: often(0, fc.nat(7)),
  length: often<number | undefined>(
    undefined,
    fc.constantFrom(0, 125, 126, 65_536, 2 ** 31, 2 ** 40, 2 ** 53),
  ),
});

/** A good message in one or two pieces, with a ping between them. */
const soundMessage = fc
  .tuple(
    texts.filter((text) => isUtf8(text) && text.length <= MAX_MESSAGE_BYTES),
    fc.nat(1024),
    fc.boolean(),
  )
  .map(([payload, at, isSplit]) => {
    const plain = { isMasked: false, reserved: 0, length: undefined };
    if (!isSplit) return { payload, bytes: encoded({ ...plain, opcode: 1, isLast: true, payload }) };
    const middle = at % (payload.length + 1);
    const pieces = [
      encoded({ ...plain, opcode: 1, isLast: false, payload: payload.subarray(0, middle) }),
      encoded({ ...plain, opcode: 9, isLast: true, payload: Buffer.from('p') }),
      encoded({ ...plain, opcode: 0, isLast: true, payload: payload.subarray(middle) }),
    ];
    return { payload, bytes: Buffer.concat(pieces) };
  });

const closeFrame = encoded({
  opcode: 8,
  isLast: true,
  payload: Buffer.from([0x03, 0xe8]),
  isMasked: false,
  reserved: 0,
  length: undefined,
});

/** `expected`: what the messages are, when the stream is good to its end. */
const sound = fc.array(soundMessage, { maxLength: 4 }).map((list) => ({
  stream: Buffer.concat([...list.map(({ bytes }) => bytes), closeFrame]),
  expected: list.map(({ payload }) => payload),
  finale: 'end' as const,
  head: undefined,
}));
const heads = mutated(
  fc.constant(
    Buffer.from(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n\r\n',
    ),
  ),
  [
    'HTTP/1.1 200 OK\r\n',
    'Sec-WebSocket-Extensions: permessage-deflate\r\n',
    'Sec-WebSocket-Protocol: x\r\n',
    '\r\n',
    '\0',
    'Location: /x\r\n',
    'Content-Length: 5\r\n',
  ],
);
const unsound = fc.record({
  stream: mutated(fc.array(anyFrame, { maxLength: 6 }).map((frames) => Buffer.concat(frames.map(encoded)))),
  expected: fc.constant(undefined),
  finale: fc.constantFrom('end' as const, 'end' as const, 'reset' as const, 'stay' as const),
  head: often<Buffer | undefined>(undefined, heads),
});

function upgrade(request: Buffer, head: Buffer | undefined): Buffer {
  const key = /sec-websocket-key: (\S+)/i.exec(request.toString('latin1'))?.[1] ?? '';
  const proof = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
  const plain = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`;
  return head === undefined
    ? Buffer.from(plain)
    : Buffer.from(head.toString('latin1').replace('ACCEPT', proof), 'latin1');
}

const ping = messageOf({ id: 1, method: 'ping' });

export const websocketWireTarget = fuzzTarget({
  name: 'ws-wire',
  parser: 'upgrade and frames of a WebSocket on a socket, by the real transport',
  cases: fc.record({
    what: fc.oneof({ weight: 1, arbitrary: sound }, { weight: 3, arbitrary: unsound }),
    places: cuts,
  }),
  check: async ({ what: { stream, expected, finale, head }, places }) => {
    const told = await openCase(peer, {
      open: openWebSocket,
      url: `ws://127.0.0.1:${String(await peer.port())}/`,
      send: [ping],
      script: {
        answers: [cutAt(stream, places)],
        finale,
        speaksAt: 'request',
        greeting: (request) => upgrade(request, head),
      },
    });
    // A peer that leaves in the same breath may not have been connected at all.
    if (expected === undefined || told.closedWith === undefined) return;
    const found = expected.map(unwrapEnvelope);
    const readable = found.flatMap((one) => (one === undefined ? [] : [one.payload.toString('latin1')]));
    same(
      told.payloads.map((one) => one.toString('latin1')),
      readable,
      'messages',
    );
    same(told.unreadable, found.length - readable.length, 'unreadable frames');
  },
  stop: () => peer.stop(),
});
