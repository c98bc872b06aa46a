import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import type { RunningApp } from './desk';

/** How smooth a walk through the list was. */
export interface Smoothness {
  readonly frames: number;
  readonly framesOver50Ms: number;
  readonly longestFrameMs: number;
  readonly scrolledPx: number;
}

/** The audit page as a person uses it. */
export interface AuditWindow {
  readonly page: Page;
  readonly list: Locator;
  option(text: string | RegExp): Locator;
  press(name: string): Promise<void>;
  search(text: string): Promise<void>;
  notice(title: string | RegExp): Locator;
  /** Scrolls by so many pixels in each frame, for that long. */
  scroll(pxPerFrame: number, durationMs: number): Promise<Smoothness>;
  /** Milliseconds from the key press to a drawn record at that end. */
  timeToEnd(key: 'Home' | 'End'): Promise<number>;
  accessibilityProblems(): Promise<readonly string[]>;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs in the page. */
const scrolling = (pxPerFrame: number, durationMs: number): string => `new Promise((resolve) => {
  const list = document.querySelector('[role=listbox]');
  const began = performance.now(), from = list.scrollTop, deltas = [];
  let last = began;
  const step = (now) => {
    deltas.push(now - last);
    last = now;
    list.scrollTop += ${String(pxPerFrame)};
    if (now - began < ${String(durationMs)}) requestAnimationFrame(step);
    else resolve({
      frames: deltas.length,
      framesOver50Ms: deltas.filter((delta) => delta > 50).length,
      longestFrameMs: Math.round(Math.max(...deltas)),
      scrolledPx: Math.round(list.scrollTop - from),
    });
  };
  requestAnimationFrame(step);
})`;

/** Runs in the page: from the key to the frame in which the chosen record is there. */
const jumping = (key: string): string => `new Promise((resolve) => {
  const list = document.querySelector('[role=listbox]');
  list.focus();
  const began = performance.now();
  list.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }));
  const look = () => {
    const chosen = list.querySelector('[aria-selected=true]');
    const isThere = chosen !== null && chosen.querySelector('svg') !== null;
    if (isThere) resolve(performance.now() - began);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})`;

/** Opens the page in the window. */
export async function openAuditPage({ window: { page } }: RunningApp): Promise<AuditWindow> {
  await page.getByRole('button', { name: 'Audit', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
  await page.evaluate(axeSource);
  const list = page.getByRole('listbox');
  return {
    page,
    list,
    option: (text) => list.getByRole('option').filter({ hasText: text }),
    press: (name) => page.getByRole('button', { name, exact: true }).click(),
    search: (text) => page.getByRole('searchbox', { name: 'Search' }).fill(text),
    notice: (title) => page.getByRole('region', { name: title }),
    scroll: async (pxPerFrame, durationMs) => {
      const found: unknown = await page.evaluate(scrolling(pxPerFrame, durationMs));
      return found as Smoothness; // what the script above resolves with
    },
    timeToEnd: async (key) => Number(await page.evaluate(jumping(key))),
    accessibilityProblems: async () => {
      const found: unknown = await page.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
      );
      return Array.isArray(found) ? found.map(String) : ['no answer'];
    },
  };
}
