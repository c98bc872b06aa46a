import { Writable } from 'node:stream';
import { setImmediate as turnEnds } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { GatheredWrites } from '../../../src/main/engine/jsonrpc/gathered-writes';

/** What reaches the system, call by call. */
function recorder(): { readonly stream: Writable; readonly calls: string[] } {
  const calls: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      calls.push(chunk.toString());
      done();
    },
    writev: (chunks: readonly { readonly chunk: Buffer }[], done) => {
      calls.push(chunks.map(({ chunk }) => chunk.toString()).join(''));
      done();
    },
  });
  return { stream, calls };
}

describe('writes of one turn of the event loop', () => {
  it('leave in one call at its end, in order, and those of the next turn in another', async () => {
    const { stream, calls } = recorder();
    const writes = new GatheredWrites(stream);
    for (const text of ['a', 'b', 'c']) {
      writes.gather();
      stream.write(text);
    }
    expect(calls).toEqual([]);
    await turnEnds();
    expect(calls).toEqual(['abc']);
    writes.gather();
    stream.write('d');
    await turnEnds();
    expect(calls).toEqual(['abc', 'd']);
  });

  it('leave at once when they are let go, and nothing stays behind', async () => {
    const { stream, calls } = recorder();
    const writes = new GatheredWrites(stream);
    writes.gather();
    stream.write('a');
    writes.flush();
    expect(calls).toEqual(['a']);
    writes.gather();
    stream.write('b');
    await turnEnds();
    await turnEnds();
    expect(calls).toEqual(['a', 'b']);
    expect(stream.writableCorked).toBe(0);
  });

  it('leave at once when there is more than the stream wants to hold', () => {
    const { stream, calls } = recorder();
    const writes = new GatheredWrites(stream);
    writes.gather();
    stream.write('a');
    writes.flushIfFull();
    expect(calls).toEqual([]);
    stream.write('b'.repeat(stream.writableHighWaterMark));
    writes.flushIfFull();
    expect(calls).toHaveLength(1);
  });

  it('leave before the stream ends', async () => {
    const { stream, calls } = recorder();
    new GatheredWrites(stream).gather();
    stream.end('last');
    await turnEnds();
    expect(calls).toEqual(['last']);
  });
});
