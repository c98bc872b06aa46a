import fc from 'fast-check';

/** One change to the bytes of a valid text. Places count from the start and wrap round. */
type Edit =
  | { readonly kind: 'set'; readonly at: number; readonly byte: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: 'cut-off'; readonly at: number };

const MAX_REPEATED_BYTES = 4096;
const place = fc.nat(4096);
const shortLength = fc.nat(24);

function editOf(words: readonly string[]): fc.Arbitrary<Edit> {
  const word = fc.constantFrom('', ...words).map((text) => Buffer.from(text));
  const raw = fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof(
    fc.record({ kind: fc.constant('set'), at: place, byte: fc.nat(255) }),
    fc.record({ kind: fc.constant('flip'), at: place, bit: fc.nat(7) }),
    fc.record({
      kind: fc.constant('insert'),
      at: place,
      bytes: fc.oneof({ weight: 3, arbitrary: word }, raw),
    }),
    fc.record({ kind: fc.constant('remove'), at: place, length: shortLength }),
    fc.record({ kind: fc.constant('repeat'), at: place, length: shortLength, times: fc.nat(40) }),
    fc.record({ kind: fc.constant('cut-off'), at: place }),
  );
}

function edited(bytes: Buffer, edit: Edit): Buffer {
  const at = edit.at % (bytes.length + 1);
  const before = bytes.subarray(0, at);
  switch (edit.kind) {
    case 'set':
      return Buffer.concat([before, Buffer.of(edit.byte), bytes.subarray(at + 1)]);
    case 'flip':
      return Buffer.concat([before, Buffer.of((bytes[at] ?? 0) ^ (1 << edit.bit)), bytes.subarray(at + 1)]);
    case 'insert':
      return Buffer.concat([before, edit.bytes, bytes.subarray(at)]);
    case 'remove':
      return Buffer.concat([before, bytes.subarray(at + edit.length)]);
    case 'repeat': {
      const part = bytes.subarray(at, at + edit.length);
      const times = Math.min(edit.times, Math.floor(MAX_REPEATED_BYTES / Math.max(1, part.length)));
      return Buffer.concat([before, ...Array<Buffer>(times).fill(part), bytes.subarray(at)]);
    }
    case 'cut-off':
      return before;
  }
}

/** Valid bytes with a few changes; often with none. `words` are what matters to the parser. */
export function mutated(valid: fc.Arbitrary<Buffer>, words: readonly string[] = []): fc.Arbitrary<Buffer> {
  return fc
    .tuple(valid, fc.array(editOf(words), { maxLength: 4 }))
    .map(([bytes, edits]) => edits.reduce(edited, bytes));
}

/** Bytes that nobody meant to be anything. */
export const rawBytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

/** Where a stream is cut into chunks. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constant([]),
  fc.array(fc.nat(4096), { maxLength: 12 }),
  // Byte by byte at the beginning.
  fc.constant(Array.from({ length: 64 }, (_unused, index) => index)),
);

/** The chunks of a stream that is cut at these places; places wrap round. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends
    .map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
    .filter(({ length }) => length > 0);
}

/** Throws unless both are the same, with both in the message. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: found ${left}, expected ${right}`);
}

/** Throws unless it holds. */
export function holds(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}
