import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  chunkAccounts,
  joinChunks,
  layOut,
  MAX_ENTRY_BYTES,
  parseHeader,
} from '../../../src/main/platform/secret-chunks';

describe('the layout of a secret in the keychain', () => {
  it('is the value itself when it is short, so that other programs can read it', () => {
    expect(layOut('x'.repeat(MAX_ENTRY_BYTES), '00000000')).toEqual({
      kind: 'whole',
      entry: 'x'.repeat(2000),
    });
    expect(parseHeader('sk-1')).toBeNull();
  });

  it('never takes a value for its own header', () => {
    const header = `mcp-router-chunks:1:0123abcd:2:${'0'.repeat(64)}`;
    expect(layOut(header, '00000000').kind).toBe('chunked');
  });

  it('refuses what no token is', () => {
    expect(layOut('x'.repeat(3_000_000), '00000000')).toEqual({ kind: 'too-long' });
  });

  it('brings every long value back, in entries that Windows can hold', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .map((text) => text.repeat(400));
    fc.assert(
      fc.property(value, (text) => {
        const layout = layOut(text, 'abcdef01');
        if (layout.kind !== 'chunked') return;
        expect(
          [layout.entry, ...layout.chunks].every((entry) => Buffer.byteLength(entry) <= MAX_ENTRY_BYTES),
        ).toBe(true);
        const header = parseHeader(layout.entry);
        expect(header).toEqual(layout.header);
        expect(chunkAccounts('gateway', layout.header)).toHaveLength(layout.chunks.length);
        expect(joinChunks(layout.chunks, layout.header)).toBe(text);
        expect(joinChunks([...layout.chunks].slice(1), layout.header)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});
