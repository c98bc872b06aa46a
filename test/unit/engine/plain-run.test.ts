import { describe, expect, it } from 'vitest';

import { skipPlainRun } from '../../../src/main/engine/jsonrpc/plain-run';

const LONG = 100;
const isSpecial = (byte: number): boolean => byte < 0x20 || byte === 0x22 || byte === 0x5c;

/** Text at every distance from a word boundary, as chunks of a stream have it. */
const shifted = (shift: number, length: number): Buffer =>
  Buffer.from(new ArrayBuffer(length + 8), shift, length).fill(0x61);

describe('a run of plain text in a JSON string', () => {
  it('ends at each special byte and at no other, wherever it stands', () => {
    for (let shift = 0; shift < 4; shift += 1) {
      const text = shifted(shift, LONG);
      for (let place = 0; place < LONG; place += 1) {
        for (let byte = 0; byte < 256; byte += 1) {
          text[place] = byte;
          const expected = isSpecial(byte) ? place : LONG;
          if (skipPlainRun(text, 0) !== expected) {
            expect.fail(`byte ${String(byte)} at ${String(place)}, shifted by ${String(shift)}`);
          }
        }
        text[place] = 0x61;
      }
    }
  });

  it('is not misled by what stands before a special byte in the same word', () => {
    for (const before of [0x00, 0x1f, 0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff]) {
      for (const special of [0x00, 0x1f, 0x22, 0x5c]) {
        for (let place = 68; place < 80; place += 1) {
          const text = shifted(1, LONG);
          text[place - 1] = before;
          text[place] = special;
          expect(skipPlainRun(text, 0)).toBe(isSpecial(before) ? place - 1 : place);
        }
      }
    }
  });

  it('starts and ends anywhere', () => {
    for (let length = 0; length < 90; length += 1) {
      for (let from = 0; from <= length; from += 1) {
        expect(skipPlainRun(shifted(3, length), from)).toBe(length);
      }
    }
  });
});
