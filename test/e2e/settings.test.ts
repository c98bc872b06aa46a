import { readFileSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { takeScreenshot } from '../support/screenshot';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let desk: Desk;
let gateway: Gateway;
let path: string;

beforeEach(async () => {
  gateway = await startGateway();
  desk = await setUpDesk('unlocked');
  const folder = join(desk.session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  path = join(folder, 'mcp-router.yaml');
  await writeFile(path, fileText(gateway.url), { mode: 0o600 });
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

const fileText = (url: string): string =>
  [
    '# My router. Ask Ada before changing it.',
    'gateway:',
    `    url:   ${url}     # the double`,
    '    auth: { type: none }',
    '',
    '# Not too many.',
    'local:',
    '    max_sessions:    5      # was 3',
    '    # nobody yet',
    '    blocked_clients: []',
    '',
  ].join('\n');

async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  const found: unknown = await page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 5).map(({ html }) => html).join(' ')))`,
  );
  return Array.isArray(found) ? found.map(String) : ['no answer'];
}

/** A picture in each theme, in which an accessibility checker finds nothing. */
async function look({ page }: RunningApp['window'], name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    expect(await accessibilityProblems(page), `${name} in ${theme}`).toEqual([]);
    await takeScreenshot(page, `settings-${name}-${theme}`);
  }
}

async function find(page: Page, words: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Find a setting' }).fill(words);
}

it('SEC-109 settings are changed with a difference, a reload and every comment kept; what is wrong or outdated is not written', async () => {
  const before = await readFile(path, 'utf8');
  const running = await desk.start();
  await running.window.waitForState('Connected');
  const { page } = running.window;
  await page.evaluate(axeSource);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  const clients = page.getByLabel('Clients at once', { exact: true });
  await clients.waitFor();
  await look(running.window, 'start');

  await clients.fill('many');
  await page.getByText(/Line 8: local\.max_sessions must be a whole number/).waitFor();
  await look(running.window, 'invalid');
  expect(await page.getByRole('button', { name: 'Review changes' }).isDisabled()).toBe(true);

  await clients.fill('12');
  await find(page, 'log level');
  await page.getByLabel('Level', { exact: true }).selectOption('debug');
  await look(running.window, 'search');
  await page.getByRole('button', { name: 'Review changes' }).click();
  await page.getByRole('list', { name: 'Changes in the file' }).waitFor();
  await look(running.window, 'review');
  expect(await readFile(path, 'utf8')).toBe(before);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved.').waitFor();
  await look(running.window, 'saved');

  const after = before.replace('    5 ', '    12 ') + 'logging:\n    level: debug\n';
  expect(await readFile(path, 'utf8')).toBe(after);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await running.window.open('Activity');
  await page.getByText('Some settings take effect when MCP Router starts again').first().waitFor();
  await running.window.waitForState('Connected');

  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await clients.fill('13');
  await page.getByRole('button', { name: 'Review changes' }).click();
  await page.getByRole('list', { name: 'Changes in the file' }).waitFor();
  const byHand = `${after}# by hand\n`;
  await writeFile(path, byHand, { mode: 0o600 });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The file was changed meanwhile').waitFor();
  expect(await readFile(path, 'utf8')).toBe(byHand);
  await look(running.window, 'changed-meanwhile');
  expect(running.console).toEqual([]);
});

it('all settings in one window, wide and narrow, and a file that does not parse', async () => {
  const running = await desk.start();
  await running.window.waitForState('Connected');
  const { page } = running.window;
  await page.evaluate(axeSource);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByLabel('Clients at once', { exact: true }).waitFor();
  for (const name of [
    'Encryption',
    'Metrics',
    'Signing in',
    'Log',
    'Intrusion detection',
    'How clients attach',
  ]) {
    await page.getByRole('button', { name: new RegExp(`^${name} `) }).click();
  }
  await running.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(900, 5000);
  });
  await look(running.window, 'all');
  await running.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(480, 900);
  });
  await look(running.window, 'narrow');
  const isWide: unknown = await page.evaluate(
    'document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth',
  );
  expect(isWide).toBe(false);

  await writeFile(path, 'gateway:\n  url: [\n', { mode: 0o600 });
  await page.getByText('The settings file cannot be read').waitFor();
  await running.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(900, 680);
  });
  await look(running.window, 'broken');
  await running.window.waitForState('Connected');
});
