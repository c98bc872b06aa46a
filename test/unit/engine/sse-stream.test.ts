import { PassThrough, Readable } from 'node:stream';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readEventStream } from '../../../src/main/engine/gateway/transports/sse-stream';
import { RouterError } from '../../../src/shared/model/errors';

const LIMIT = 4096;

async function read(chunks: readonly Uint8Array[]): Promise<{ data: string[]; ids: string[]; code: string }> {
  const data: string[] = [];
  const ids: string[] = [];
  try {
    await readEventStream(Readable.from(chunks), LIMIT, {
      mayRead: () => Promise.resolve(),
      onRetry: () => undefined,
      onEvent: (event) => {
        data.push(event.data);
        ids.push(event.id ?? '');
      },
    });
    return { data, ids, code: 'ended' };
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return { data, ids, code: error.code };
  }
}

const cutAt = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return sorted
    .slice(1)
    .map((end, index) => bytes.subarray(sorted[index], end))
    .filter(({ length }) => length > 0);
};

describe('an event stream', () => {
  it.each(['\n', '\r\n', '\r'])('gives an event as soon as its last line end %j is there', async (end) => {
    const body = new PassThrough();
    let told: (data: string) => void = () => undefined;
    const first = new Promise<string>((resolve) => {
      told = resolve;
    });
    const reading = readEventStream(body, LIMIT, {
      mayRead: () => Promise.resolve(),
      onRetry: () => undefined,
      onEvent: ({ data }) => {
        told(data);
      },
    });
    // The stream stays open, and nothing follows.
    body.write(`data: {}${end}${end}`);
    expect(await first).toBe('{}');
    body.end();
    await reading;
  });

  it('gives the same events wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.json({ noUnicodeString: false }), { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (texts, places) => {
          const wanted = texts.filter((text) => Buffer.byteLength(text) < LIMIT / 2);
          const stream = wanted
            .map((text, index) => `id: ${String(index)}\r\ndata: ${text}\r\n\r\n`)
            .join(': note\n');
          const { data, ids, code } = await read(cutAt(Buffer.from(stream), places));
          expect(data).toEqual(wanted);
          expect(ids).toEqual(wanted.map((_text, index) => String(index)));
          expect(code).toBe('ended');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('SEC-11 ends with a clear error or in peace, whatever the bytes are, and never holds more than the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2048 }), { maxLength: 8 }), async (chunks) => {
        const { data, code } = await read(chunks);
        expect(['ended', 'gateway-misbehaved']).toContain(code);
        for (const text of data) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: 300 },
    );
    const endless = await read(Array.from({ length: 20 }, () => Buffer.from('data: '.repeat(100))));
    expect(endless.code).toBe('gateway-misbehaved');
    const manyLines = await read(Array.from({ length: 20 }, () => Buffer.from('data: x\n'.repeat(400))));
    expect(manyLines.code).toBe('gateway-misbehaved');
  });
});
