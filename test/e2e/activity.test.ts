import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lookInBothThemes } from '../support/both-themes';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import type { RealClient } from '../support/real-clients';
import { sdkClient } from '../support/real-clients';
import type { RouterWindow } from '../support/router-window';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';

let desk: Desk;
let gateway: Gateway;
let client: RealClient | undefined;

beforeEach(async () => {
  gateway = await startGateway({
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    duplex: true,
  });
  desk = await setUpDesk('unlocked');
  const folder = join(desk.session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const limits = 'local: { rate_limit: { requests_per_second: 1, burst: 5 } }';
  const text = `gateway:\n  url: ${gateway.url}\n  auth: { type: none }\n${limits}\n`;
  await writeFile(join(folder, 'mcp-router.yaml'), text, { mode: 0o600 });
});

afterEach(async () => {
  await client?.close();
  client = undefined;
  await desk.close();
  await gateway.stop();
});

async function attach(): Promise<RealClient> {
  const { home, environment: own } = desk.session;
  const path = process.env['PATH'] ?? '';
  client = await sdkClient({ PATH: path, HOME: home, XDG_RUNTIME_DIR: own['XDG_RUNTIME_DIR'] ?? '' });
  return client;
}

/** Asks so often that the limit is hit; resolves with how many were refused. */
async function flood(asker: RealClient, times: number): Promise<number> {
  const calls = Array.from({ length: times }, (_, index) => asker.echo(String(index)));
  const ends = await Promise.allSettled(calls);
  return ends.filter(({ status }) => status === 'rejected').length;
}

async function countOf(window: RouterWindow, name: string): Promise<number> {
  const text = await window.page.getByRole('button', { name }).first().textContent();
  return Number.parseInt(text ?? '', 10);
}

it('real requests move the charts; who hit which limit is listed, filtered and put together, and nobody is moved while reading', async () => {
  const { window, console: said } = await desk.start();
  const { page } = window;
  await window.waitForState('Connected');
  await page.getByText('No requests yet').waitFor();
  await lookInBothThemes(page, 'overview-quiet');
  const asker = await attach();
  const refused = await flood(asker, 12);
  expect(refused).toBeGreaterThan(0);

  const rate = page.getByRole('img', { name: /^Requests: / });
  await rate.waitFor();
  const picture = async (): Promise<string> => (await rate.locator('path').getAttribute('d')) ?? '';
  const before = await picture();
  await flood(asker, 3);
  await expect.poll(picture).not.toBe(before);
  await page.getByRole('img', { name: /^Answer time: half of the answers within / }).waitFor();
  await page.getByText('1 client is attached').waitFor();
  await page.getByText(/^Running for /).waitFor();
  await lookInBothThemes(page, 'overview-busy');

  await window.open('Activity');
  await expect.poll(() => countOf(window, 'Rate-limit hits')).toBeGreaterThanOrEqual(refused);
  await page.getByRole('button', { name: /Rate-limit hits$/ }).click();
  const list = page.getByRole('list', { name: 'Events, newest first' });
  await expect.poll(() => list.textContent()).toContain('sdk-v1 hit a limit');
  await expect.poll(() => list.textContent()).toContain('Too many requests per second (local.rate_limit)');
  const rows = list.locator(':scope > li');
  expect(await rows.count()).toBe(1);
  await page.getByRole('button', { name: /times, last / }).click();
  await lookInBothThemes(page, 'activity-limits');
  await page.getByLabel('Who').selectOption('sdk-v1');
  expect(await rows.count()).toBe(1);
  await page.getByRole('button', { name: 'Show everything' }).click();

  await page.getByLabel('Put repeated lines together').uncheck({ force: true });
  await page.evaluate('document.querySelector("main").scrollTo(0, 100000)');
  const last = rows.last();
  await last.scrollIntoViewIfNeeded();
  const place = await last.boundingBox();
  await flood(asker, 8);
  const fresh = page.getByRole('button', { name: /new events?$/ });
  await fresh.waitFor();
  expect(await last.boundingBox()).toEqual(place);
  await lookInBothThemes(page, 'activity-held');
  await fresh.click();
  await expect.poll(() => fresh.count()).toBe(0);
  await expect.poll(() => rows.first().textContent()).toContain('sdk-v1 hit a limit');

  await window.open('Clients');
  await page.getByText('sdk-v1', { exact: true }).waitFor();
  await lookInBothThemes(page, 'clients-attached');
  expect(said).toEqual([]);
});
