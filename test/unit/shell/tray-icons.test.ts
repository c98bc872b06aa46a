import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trayIconFile } from '../../../src/main/tray';
import { shownStateWords } from '../../../src/shared/model/shown-state';
import type { ShownState } from '../../../src/shared/model/status';

const folder = join(import.meta.dirname, '../../../assets/tray');
const states = Object.keys(shownStateWords) as ShownState[]; // the keys of a complete record of states

/** Width and height from the IHDR chunk of a PNG. */
function sizeOf(file: string): readonly [number, number] {
  const bytes = readFileSync(join(folder, file));
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

describe.each(states)('the icon for %s', (state) => {
  it('exists for each platform in its size', () => {
    expect(sizeOf(trayIconFile('win32', state))).toEqual([16, 16]);
    expect(sizeOf(trayIconFile('win32', state).replace('.png', '@2x.png'))).toEqual([32, 32]);
    expect(sizeOf(trayIconFile('darwin', state))).toEqual([16, 16]);
    expect(sizeOf(trayIconFile('darwin', state).replace('.png', '@2x.png'))).toEqual([32, 32]);
    expect(sizeOf(trayIconFile('linux', state))).toEqual([64, 64]);
  });

  it('is named as macOS wants template images', () => {
    expect(trayIconFile('darwin', state)).toMatch(/Template\.png$/);
  });
});

describe('the icons', () => {
  it('differ in shape, not only in colour: the one-colour versions are all different', () => {
    const images = states.map((state) =>
      readFileSync(join(folder, `${state}Template@2x.png`)).toString('base64'),
    );
    expect(new Set(images).size).toBe(states.length);
  });
});
