import { describe, expect, it } from 'vitest';

import { LineFramer } from '../../../src/main/engine/jsonrpc/framing';
import type { OversizeMessage } from '../../../src/main/engine/jsonrpc/oversize';

interface Framed {
  readonly lines: string[];
  readonly oversize: OversizeMessage[];
}

function frame(chunks: readonly Buffer[], maxLineBytes = 1024): Framed {
  const framed: Framed = { lines: [], oversize: [] };
  const framer = new LineFramer(() => maxLineBytes, {
    onLine: (line) => framed.lines.push(line.toString()),
    onOversize: (message) => framed.oversize.push(message),
  });
  for (const chunk of chunks) framer.push(chunk);
  framer.end();
  return framed;
}

/** Cuts the bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe('LineFramer', () => {
  it('splits at every byte of a line with CRLF, multi-byte characters and no end', () => {
    const bytes = Buffer.from('{"a":"é𝄞"}\r\n{"b":1}');
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(frame([bytes.subarray(0, at), bytes.subarray(at)]).lines).toEqual(['{"a":"é𝄞"}', '{"b":1}']);
    }
  });

  it('ignores a byte order mark at the start only', () => {
    expect(frame([Buffer.from('\ufeff{}\n\ufeff{}\n')]).lines).toEqual(['{}', '\ufeff{}']);
  });

  it('takes a line of exactly the limit, and refuses one byte more', () => {
    const exact = 'x'.repeat(1024);
    expect(frame([Buffer.from(`${exact}\r\n`)]).lines).toEqual([exact]);
    expect(frame([Buffer.from(`${exact}\n`)]).oversize).toEqual([]);
    const above = frame([Buffer.from(`${exact}x\nok\n`)]);
    expect(above.lines).toEqual(['ok']);
    expect(above.oversize).toEqual([{ id: null, kind: 'unknown', byteLength: 1025 }]);
  });

  it.each([
    [
      'before the payload',
      (filler: string) => `{"jsonrpc":"2.0","id":"a\\"b","method":"m","params":${filler}}`,
      '"a\\"b"',
    ],
    [
      'after the payload',
      (filler: string) => `{"params":${filler},"method":"m","id":-12.5e3,"jsonrpc":"2.0"}`,
      '-12.5e3',
    ],
    [
      'hidden by deeper ids',
      (filler: string) => `{"params":{"id":1,"x":${filler}},"id":2,"method":"m"}`,
      '2',
    ],
  ])('finds the id of a line that is too large, %s, at every split', (_where, build, id) => {
    const bytes = Buffer.from(build(`["${'\\"{[,:id'.repeat(300)}"]`));
    for (const step of [1, 7, 64, 4096]) {
      const places = Array.from(
        { length: Math.floor(bytes.length / step) },
        (_unused, index) => index * step,
      );
      const { oversize, lines } = frame(cut(bytes, places));
      expect(lines).toEqual([]);
      expect(oversize.map((message) => [message.id?.toString(), message.kind, message.byteLength])).toEqual([
        [id, 'request', bytes.length],
      ]);
    }
  });

  it('holds no more than the limit while a large line passes', () => {
    const framer = new LineFramer(() => 1024, { onLine: () => undefined, onOversize: () => undefined });
    const before = process.memoryUsage().arrayBuffers;
    for (let index = 0; index < 2000; index += 1) framer.push(Buffer.alloc(64 * 1024, 0x61));
    // 125 MiB went through; what a framer that keeps them would hold is far above this.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('holds little more than the bytes of a line that comes byte by byte', () => {
    const framer = new LineFramer(() => 4 * 1024 * 1024, {
      onLine: () => undefined,
      onOversize: () => undefined,
    });
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 1024 * 1024; index += 1) framer.push(Buffer.of(0x61));
    // An object for each byte would take more than 100 MiB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(48 * 1024 * 1024);
  });
});
