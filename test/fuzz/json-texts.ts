import { isUtf8 } from 'node:buffer';

import fc from 'fast-check';

import { mutated, rawBytes } from './bytes';

/** What matters to JSON, to JSON-RPC and to the gateway's envelope. */
const jsonWords = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\"', '\\u0061', '\\ud800', '\\u12', '""', '{}', '[]'],
  ...['null', 'true', 'nul', '0', '-0', '01', '1e400', '-', '1.', '1E+2', '12345678901234567890'],
  ...[
    '"id":',
    '"ID":1,',
    '"i\\u0064":2,',
    '"method":"m",',
    '"result":{},',
    '"error":{},',
    '"jsonrpc":"2.0",',
  ],
  ...['"mcp_payload":', '"message":', '"params":{}', ' ', '\n', '\r', '\t', '\u0001', '\u00e9', '\ufeff'],
  ...['\u2028', '\u{1d11e}', '"__proto__":1,', '/**/', "'"],
];

const ids = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'x'.repeat(1022), 'x'.repeat(1023), 1e21, 2 ** 53, -0),
  fc.constant(null),
);
const value = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
const methods = fc.oneof(
  fc.constantFrom('ping', 'tools/call', 'initialize', 'notifications/cancelled'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

/** Messages of JSON-RPC as an object, most of them good. */
export const messages: fc.Arbitrary<object> = fc.oneof(
  fc.record(
    { jsonrpc: fc.constant('2.0'), id: ids, method: methods, params: value },
    { requiredKeys: ['jsonrpc', 'id', 'method'] },
  ),
  fc.record(
    { jsonrpc: fc.constant('2.0'), method: methods, params: value },
    { requiredKeys: ['jsonrpc', 'method'] },
  ),
  fc.record({ jsonrpc: fc.constant('2.0'), id: ids, result: value }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id: ids,
    error: fc.record({ code: fc.integer(), message: fc.string() }),
  }),
  fc.dictionary(
    fc.constantFrom('jsonrpc', 'id', 'method', 'params', 'result', 'error', 'x', 'Id', ''),
    value,
  ),
);

/** The text of a message, with the spaces that some serialisers leave. */
export const messageTexts: fc.Arbitrary<Buffer> = fc
  .tuple(messages, fc.constantFrom<string | number>('', '', '', ' ', 1))
  .map(([message, space]) => Buffer.from(JSON.stringify(message, null, space)));

const deep = fc
  .tuple(fc.constantFrom('[', '{"a":', '[[{"b":', '[1,'), fc.integer({ min: 100, max: 600 }), fc.boolean())
  .map(([open, levels, isClosed]) => {
    const closers: Readonly<Record<string, string>> = {
      '[': ']',
      '{"a":': '}',
      '[[{"b":': '}]]',
      '[1,': ']',
    };
    return open.repeat(levels) + (isClosed ? `1${(closers[open] ?? '').repeat(levels)}` : '');
  })
  .chain((text) => fc.constantFrom(text, `{"params":${text}}`))
  .map((text) => Buffer.from(text));

/** Whatever may stand where a JSON text is expected. */
export const jsonTexts: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: mutated(messageTexts, jsonWords) },
  {
    weight: 3,
    arbitrary: mutated(
      fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
      jsonWords,
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(...jsonWords), { maxLength: 24 })
      .map((parts) => Buffer.from(parts.join(''))),
  },
  { weight: 1, arbitrary: mutated(deep, jsonWords) },
  { weight: 1, arbitrary: rawBytes(64) },
);

/** Batches, most of them good. */
export const batchTexts: fc.Arbitrary<Buffer> = mutated(
  fc
    .tuple(fc.array(messages, { maxLength: 4 }), fc.constantFrom(1, 1, 1, 1, 30, 60))
    .map(([list, times]) => Buffer.from(JSON.stringify(Array(times).fill(list).flat()))),
  jsonWords,
);

/** The envelopes of both protocols around a message, most of them good. */
export const envelopeTexts: fc.Arbitrary<Buffer> = mutated(
  fc
    .tuple(
      messageTexts,
      fc.constantFrom('mcp_payload', 'message', 'mcp\\u005fpayload'),
      fc.jsonValue({ maxDepth: 1 }),
    )
    .map(([message, key, id]) =>
      Buffer.from(
        `{"id":${JSON.stringify(id)},"timestamp":"2026-01-01T00:00:00Z","${key}":${message.toString()}}`,
      ),
    ),
  jsonWords,
);

/** What the language's own parser makes of it. */
export function parsed(bytes: Buffer): { readonly value: unknown } | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    const result: unknown = JSON.parse(bytes.toString());
    return { value: result };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** How many containers stand inside one another. */
export function nesting(root: unknown): number {
  let level: readonly unknown[] = [root];
  let depth = -1;
  while (level.length > 0) {
    depth += 1;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? inside(one) : []));
  }
  return depth;
}

/** What an object or a list holds, and one more so that an empty one counts. */
function inside(container: object): readonly unknown[] {
  const values: unknown[] = Object.values(container);
  return [...values, null];
}
