import fc from 'fast-check';

import { openTcp } from '../../../src/main/engine/gateway/transports/tcp';
import {
  encodeFrame,
  gatewayLayout,
  goRouterLayout,
} from '../../../src/main/engine/gateway/transports/tcp/frame';
import { gatewayDialect, goRouterDialect } from '../../../src/main/engine/gateway/transports/tcp/dialect';
import { cutAt, cuts, mutated, rawBytes, same } from '../bytes';
import { envelopeTexts, jsonTexts } from '../json-texts';
import { MAX_MESSAGE_BYTES, messageOf, openCase } from '../open-case';
import { RawPeer } from '../raw-peer';
import { fuzzTarget } from '../target';

const peer = new RawPeer();
const AGREED = Buffer.from('{"agreed_version":1}');
const dialects = {
  gateway: { layout: gatewayLayout, dialect: gatewayDialect },
  'go-router': { layout: goRouterLayout, dialect: goRouterDialect },
} as const;
const names = fc.constantFrom('gateway' as const, 'go-router' as const);
const texts = fc
  .oneof({ weight: 4, arbitrary: fc.oneof(envelopeTexts, jsonTexts) }, rawBytes(80))
  .filter(({ length }) => length <= MAX_MESSAGE_BYTES);

/** Responses alone, to the end: what the transport must give is known. */
const sound = fc
  .record({ name: names, texts: fc.array(texts, { maxLength: 5 }) })
  .map(({ name, texts: list }) => ({
    name,
    negotiate: 'required',
    stream: Buffer.concat([
      encodeFrame(dialects[name].layout, 7, AGREED),
      ...list.map((text) => encodeFrame(dialects[name].layout, 2, text)),
    ]),
    expected: list,
    finale: 'end' as const,
  }));
const anything = fc.record({ name: names }).chain(({ name }) =>
  fc.record({
    name: fc.constant(name),
    negotiate: fc.constantFrom('required', 'offered', 'off'),
    stream: mutated(
      fc
        .array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.oneof(texts, fc.constant(AGREED))), {
          maxLength: 6,
        })
        .map((frames) =>
          Buffer.concat(frames.map(([type, payload]) => encodeFrame(dialects[name].layout, type, payload))),
        ),
      ['MCPB', 'MCP\0', '\0\0\u0010\0'],
    ),
    expected: fc.constant(undefined),
    finale: fc.constantFrom('end' as const, 'end' as const, 'reset' as const, 'stay' as const),
  }),
);
const ping = messageOf({ id: 1, method: 'ping' });

export const tcpWireTarget = fuzzTarget({
  name: 'tcp-wire',
  parser: 'greeting and frames of a TCP gateway on a socket, by the real transport',
  cases: fc.record({ what: fc.oneof(sound, { weight: 3, arbitrary: anything }), places: cuts }),
  check: async ({ what: { name, negotiate, stream, expected, finale }, places }) => {
    const told = await openCase(peer, {
      open: openTcp,
      url: `tcp://127.0.0.1:${String(await peer.port())}`,
      gateway: { tcp: { dialect: name, negotiate } },
      send: [ping],
      script: { answers: [cutAt(stream, places)], finale, speaksAt: 'connection' },
    });
    // A peer that leaves in the same breath may not have been connected at all.
    if (expected === undefined || told.closedWith === undefined) return;
    const found = expected.map((text) => dialects[name].dialect.unwrap(text));
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
