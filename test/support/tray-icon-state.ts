import { join } from 'node:path';
import type { ElectronApplication } from 'playwright-core';
import { shownStateWords } from '../../src/shared/model/shown-state';
import type { IconPicture } from './tray-watcher';

const folder = join(import.meta.dirname, '../../assets/tray');
const OPAQUE = 255;

/** The opaque pixels as text; soft edges are left out because every step on the way rounds them differently. */
function opaquePixels(bytes: Buffer, order: { readonly a: number; readonly rgb: readonly number[] }): string {
  const pixels: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    if (bytes[at + order.a] === OPAQUE) {
      pixels.push(`${at}:${order.rgb.map((offset) => bytes[at + offset]).join(',')}`);
    }
  }
  return pixels.join(' ');
}

const ARGB = { a: 0, rgb: [1, 2, 3] } as const;
const BGRA = { a: 3, rgb: [2, 1, 0] } as const;

/** Which state's icon a picture shows; the app's own image decoder reads the files to compare with. */
export async function trayIconState(
  app: ElectronApplication,
  pictures: readonly IconPicture[],
): Promise<string> {
  const seen = new Set(pictures.map(({ argb }) => opaquePixels(argb, ARGB)));
  for (const state of Object.keys(shownStateWords)) {
    const file = join(folder, `${state}-panel.png`);
    const bitmap = await app.evaluate(
      ({ nativeImage }, path) => nativeImage.createFromPath(path).toBitmap().toString('base64'),
      file,
    );
    if (seen.has(opaquePixels(Buffer.from(bitmap, 'base64'), BGRA))) return state;
  }
  return 'unknown';
}
