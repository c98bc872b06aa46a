import { createHash } from 'node:crypto';

/** Windows keeps at most 2,560 bytes in one entry. */
export const MAX_ENTRY_BYTES = 2000;

const MARK = 'mcp-router-chunks:1';
const HEADER = /^mcp-router-chunks:1:([0-9a-f]{8}):(\d{1,3}):([0-9a-f]{64})$/;
const MAX_CHUNKS = 999;

/** What the main entry of a long value says about where the value is. */
export interface ChunkHeader {
  /** Sets the chunks of one writing apart from those of the one before. */
  readonly generation: string;
  readonly count: number;
  readonly hash: string;
}

/** A value as entries: short ones as they are, so that other programs can read them; long ones in chunks. */
export type Layout =
  | { readonly kind: 'whole'; readonly entry: string }
  | {
      readonly kind: 'chunked';
      readonly entry: string;
      readonly header: ChunkHeader;
      readonly chunks: readonly string[];
    }
  | { readonly kind: 'too-long' };

/** Decides how a value is stored. `generation` is eight hexadecimal digits. */
export function layOut(value: string, generation: string): Layout {
  const isShort = Buffer.byteLength(value, 'utf8') <= MAX_ENTRY_BYTES;
  // A value that reads like our own header must not be taken for one.
  if (isShort && !value.startsWith(MARK)) return { kind: 'whole', entry: value };
  const chunks = split(value);
  if (chunks.length > MAX_CHUNKS) return { kind: 'too-long' };
  const header = { generation, count: chunks.length, hash: hashOf(value) };
  return { kind: 'chunked', entry: `${MARK}:${generation}:${header.count}:${header.hash}`, header, chunks };
}

/** The header in a main entry; null when the entry is the value itself. */
export function parseHeader(entry: string): ChunkHeader | null {
  const [, generation, count, hash] = HEADER.exec(entry) ?? [];
  if (generation === undefined || count === undefined || hash === undefined) return null;
  return { generation, count: Number(count), hash };
}

/** The account names of the chunks. */
export function chunkAccounts(name: string, header: ChunkHeader): readonly string[] {
  return Array.from({ length: header.count }, (_, index) => `${name}#${header.generation}.${index}`);
}

/** The value, or null when the chunks do not belong together. */
export function joinChunks(chunks: readonly string[], header: ChunkHeader): string | null {
  const value = chunks.join('');
  return hashOf(value) === header.hash ? value : null;
}

/** Never inside a character, because each entry is a text of its own. */
function split(value: string): readonly string[] {
  const chunks: string[] = [];
  let chunk = '';
  let bytes = 0;
  for (const character of value) {
    const length = Buffer.byteLength(character, 'utf8');
    if (bytes + length > MAX_ENTRY_BYTES) {
      chunks.push(chunk);
      chunk = '';
      bytes = 0;
    }
    chunk += character;
    bytes += length;
  }
  return [...chunks, chunk];
}

function hashOf(value: string): string {
  return createHash('sha256').update(value, 'utf8').digest('hex');
}
