import fc from 'fast-check';

import { gatewayDialect, goRouterDialect } from '../../../src/main/engine/gateway/transports/tcp/dialect';
import {
  encodeFrame,
  FrameDecoder,
  frameTypes,
  gatewayLayout,
  goRouterLayout,
  type Frame,
  type FrameLayout,
} from '../../../src/main/engine/gateway/transports/tcp/frame';
import { Greeting, negotiationRefusal } from '../../../src/main/engine/gateway/transports/tcp/greeting';
import { Secret } from '../../../src/main/engine/auth/secret';
import { errorTable } from '../../../src/shared/model/errors';
import { cutAt, cuts, holds, mutated, rawBytes, same } from '../bytes';
import { envelopeTexts, jsonTexts } from '../json-texts';
import { fuzzTarget } from '../target';

const types = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 7 }) }, fc.nat(0xffff));
const layouts = fc.constantFrom<FrameLayout>(gatewayLayout, goRouterLayout);
const MAX_PAYLOAD_BYTES = 128;

const streamOf = (layout: FrameLayout): fc.Arbitrary<Buffer> =>
  mutated(
    fc
      .array(fc.tuple(types, rawBytes(MAX_PAYLOAD_BYTES + 8)), { maxLength: 6 })
      .map((frames) => Buffer.concat(frames.map(([type, payload]) => encodeFrame(layout, type, payload)))),
    ['MCPB', 'MCP\0', '\0\u0001', 'HTTP/1.1 200 OK\r\n', '\u0015\u0003\u0001', '\0\0\0\0'],
  );

interface Cut {
  readonly frames: readonly (readonly [number, string])[];
  readonly problem: string | null;
}

/** The same cutting over the whole stream at once. */
function expectedFrames(stream: Buffer, layout: FrameLayout): Cut {
  const frames: (readonly [number, string])[] = [];
  for (let at = 0; ;) {
    const left = stream.subarray(at);
    if (left.length >= 4 && left.readUInt32BE(0) !== layout.magic) return { frames, problem: 'not-a-frame' };
    if (left.length < layout.headerBytes) return { frames, problem: null };
    const [version, type] = [left.readUInt16BE(4), left.readUInt16BE(6)];
    if (layout.isStrict && (version !== 1 || type < 1 || type > 7)) return { frames, problem: 'not-a-frame' };
    const length = left.readUInt32BE(layout.lengthOffset);
    if (length > MAX_PAYLOAD_BYTES) return { frames, problem: 'too-large' };
    const end = layout.headerBytes + length;
    if (left.length < end) return { frames, problem: null };
    frames.push([type, left.toString('latin1', layout.headerBytes, end)]);
    at += end;
  }
}

export const tcpFramesTarget = fuzzTarget({
  name: 'tcp-frames',
  parser: 'the stream of a TCP gateway, cut into frames',
  cases: layouts.chain((layout) =>
    fc.record({ layout: fc.constant(layout), stream: streamOf(layout), places: cuts }),
  ),
  check: ({ layout, stream, places }) => {
    const decoder = new FrameDecoder(layout, MAX_PAYLOAD_BYTES);
    const frames: (readonly [number, string])[] = [];
    let problem: string | null = null;
    for (const chunk of cutAt(stream, places)) {
      const decoded = decoder.push(chunk);
      frames.push(...decoded.frames.map(({ type, payload }) => [type, payload.toString('latin1')] as const));
      problem = decoded.problem?.kind ?? null;
    }
    same({ frames, problem }, expectedFrames(stream, layout), 'frames');
  },
});

const greetingTexts = mutated(
  fc
    .constantFrom(
      '{"agreed_version":1}',
      '{"agreed_version":2}',
      '{"agreed_version":null}',
      'Version negotiation failed: none',
      'Version negotiation required',
      '{"jsonrpc":"2.0","id":"mcp-router-sign-in","result":{"sessionId":"s"}}',
      '{"jsonrpc":"2.0","id":"mcp-router-sign-in","result":{}}',
      '{"jsonrpc":"2.0","id":"mcp-router-sign-in","error":{"code":-32001,"message":"Rate limit exceeded"}}',
      '{"jsonrpc":"2.0","id":"mcp-router-sign-in","error":{"code":-32001}}',
    )
    .map((text) => Buffer.from(text)),
  ['"sessionId":1', '"message":', 'null', '{', '}', '[', '1e400'],
);
const greetingFrames: fc.Arbitrary<readonly Frame[]> = fc.array(
  fc.record({ type: types, payload: fc.oneof({ weight: 4, arbitrary: greetingTexts }, jsonTexts) }),
  { maxLength: 5 },
);

export const greetingTarget = fuzzTarget({
  name: 'tcp-greeting',
  parser: 'the answers to negotiation and sign-in over TCP',
  cases: fc.record({
    negotiate: fc.constantFrom('required' as const, 'offered' as const, 'off' as const),
    hasToken: fc.boolean(),
    frames: greetingFrames,
  }),
  check: ({ negotiate, hasToken, frames }) => {
    const token = hasToken ? new Secret('canary-token') : undefined;
    const greeting = new Greeting({ negotiate, negotiation: gatewayDialect.negotiation, token });
    let signIns = 0;
    let isAgreed = negotiate !== 'required';
    let step = greeting.start();
    for (const frame of [...frames, undefined]) {
      const tokens = step.send.filter(({ payload }) => payload.includes('canary-token')).length;
      signIns += tokens;
      holds(tokens === 0 || isAgreed, 'SEC-32: the token was sent before the version was agreed');
      holds(signIns <= 1, 'signed in twice');
      if (typeof step.outcome === 'object') {
        holds(Object.hasOwn(errorTable, step.outcome.code), `no such error: ${step.outcome.code}`);
        holds(!step.outcome.detail.includes('canary'), 'the token is repeated');
      }
      if (step.outcome !== 'go-on' || frame === undefined) break;
      isAgreed ||= frame.type === frameTypes.agreement && negotiationRefusal(frame) === undefined;
      step = greeting.take(frame);
    }
    if (step.outcome === 'done') holds(isAgreed, 'done without a version');
  },
});

export const tcpPayloadTarget = fuzzTarget({
  name: 'tcp-payload',
  parser: 'the payload of a TCP frame in both dialects',
  cases: fc.oneof(envelopeTexts, jsonTexts),
  check: (payload) => {
    for (const dialect of [gatewayDialect, goRouterDialect]) {
      const inbound = dialect.unwrap(payload);
      if (inbound === undefined) continue;
      holds(inbound.payload.length <= payload.length, 'the message is longer than the payload');
      holds(inbound.payload.includes('{'), 'the message is no object');
    }
  },
});
