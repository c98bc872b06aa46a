import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

import { canaryMarks, type Mark } from './canary';
import { formsOf, viewsOf, type Form } from './encodings';

/** Bytes that the product wrote somewhere, and where. */
export interface Evidence {
  readonly place: string;
  readonly bytes: Buffer;
}

/** A canary that was found. */
export interface Leak {
  readonly place: string;
  readonly mark: string;
  readonly encoding: string;
  /** What stands around it. */
  readonly context: string;
}

/** Says in which bytes a canary stands, in whatever encoding. */
export class CanarySearch {
  private readonly forms: readonly Form[];

  /** @param more marks of secrets that are no canaries, such as keys and tokens that others made */
  constructor(more: readonly Mark[] = []) {
    this.forms = [...canaryMarks, ...more].flatMap(formsOf);
  }

  /** The leaks in these places, the first of each kind for each place. */
  leaksIn(evidence: Iterable<Evidence>): readonly Leak[] {
    return [...evidence].flatMap(({ place, bytes }) => [
      ...this.leaksInBytes(`the name of ${place}`, Buffer.from(place)),
      ...this.leaksInBytes(place, bytes),
    ]);
  }

  private leaksInBytes(place: string, bytes: Buffer, depth = 0): readonly Leak[] {
    const leaks = new Map<string, Leak>();
    for (const view of viewsOf(bytes)) {
      for (const { mark, encoding, text } of this.forms) {
        const at = view.text.indexOf(text);
        const key = `${mark} ${encoding}`;
        if (at === -1 || leaks.has(key)) continue;
        const context = view.text.slice(Math.max(0, at - CONTEXT), at + text.length + CONTEXT);
        leaks.set(key, {
          place,
          mark,
          encoding: `${encoding}, ${view.name}`,
          context: JSON.stringify(context),
        });
      }
    }
    const inside = depth < MAX_DEPTH ? unpacked(bytes) : [];
    return [
      ...leaks.values(),
      ...inside.flatMap((packed) => this.leaksInBytes(`${place} (unpacked)`, packed, depth + 1)),
    ];
  }
}

const CONTEXT = 60;
const MAX_DEPTH = 2;
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const SMALL = 64 * 1024;
/** Without optional fields. */
const GZIP_HEADER = 10;

/** What is packed at any place of the bytes: gzip and zlib members; brotli, which has no mark, when it is all. */
function unpacked(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_UNPACKED_BYTES };
  for (const [signature, unpack] of packers) {
    for (let at = bytes.indexOf(signature); at !== -1; at = bytes.indexOf(signature, at + 1)) {
      const part = bytes.subarray(at);
      const isGzip = unpack === gunzipSync;
      // Unlike a whole member, its body may be followed by anything.
      const inner =
        tried(() => unpack(part, options)) ??
        (isGzip ? tried(() => inflateRawSync(part.subarray(GZIP_HEADER), options)) : null);
      if (inner !== null && inner.length > 0) found.push(inner);
    }
  }
  const whole = bytes.length === 0 || bytes.length > SMALL ? null : tried(() => brotliDecompressSync(bytes));
  return whole === null || whole.length === 0 ? found : [...found, whole];
}

const packers = [
  [Buffer.from([0x1f, 0x8b, 0x08]), gunzipSync],
  [Buffer.from([0x78, 0x01]), inflateSync],
  [Buffer.from([0x78, 0x5e]), inflateSync],
  [Buffer.from([0x78, 0x9c]), inflateSync],
  [Buffer.from([0x78, 0xda]), inflateSync],
] as const;

function tried(unpack: () => Buffer): Buffer | null {
  try {
    return unpack();
  } catch {
    return null; // only looked like it
  }
}
