import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { takeScreenshot } from './screenshot';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes = ['light', 'dark'] as const;

/** Looks at the window as it is in light and dark: no accessibility problem, contrast included, and a picture of each. */
export async function lookInBothThemes(page: Page, name: string): Promise<void> {
  await page.evaluate(axeSource);
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    const found: unknown = await page.evaluate(
      `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
    );
    expect(found, `${name} in ${theme}`).toEqual([]);
    await takeScreenshot(page, `${name}-${theme}`);
  }
}
