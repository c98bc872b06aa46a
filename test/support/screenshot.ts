import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { artifactsFolder } from './desktop-app';

/** Keeps a picture of the window among the artefacts of the run. Nothing moves in it. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  const path = join(artifactsFolder(), 'screenshots', `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path, animations: 'disabled' });
}
