import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { sdkClient } from '../support/real-clients';
import { takeScreenshot } from '../support/screenshot';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TOKEN = 'canary-lockdown-token-90b7e1';

let desk: Desk;
let gateway: Gateway;
let configPath: string;

beforeEach(async () => {
  gateway = await startGateway({
    backend: { kind: 'stdio', command: process.execPath, args: [EVERYTHING, 'stdio'] },
    auth: { kind: 'tokens', tokens: [TOKEN] },
    duplex: true,
  });
  desk = await setUpDesk('unlocked');
  const { home } = desk.session;
  const folder = join(home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  configPath = join(folder, 'mcp-router.yaml');
  const token = join(home, 'token');
  await writeFile(token, TOKEN, { mode: 0o600 });
  const text = [
    '# written by hand',
    'gateway:',
    `  url: ${JSON.stringify(gateway.url)}`,
    `  auth: { type: bearer, token_file: ${JSON.stringify(token)} }`,
    '',
  ].join('\n');
  await writeFile(configPath, text, { mode: 0o644 });
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

const state = async (): Promise<string> => (await desk.tray.menu())[0]?.label ?? '';

/** What clients give the programs that they start, and the folder of the login. */
const environment = (): Record<string, string> => {
  const { home, environment: own } = desk.session;
  const path = process.env['PATH'] ?? '';
  return { PATH: path, HOME: home, XDG_RUNTIME_DIR: own['XDG_RUNTIME_DIR'] ?? '' };
};

/** What an accessibility checker finds in the real window, contrast included. */
async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  const found: unknown = await page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  );
  return Array.isArray(found) ? found.map(String) : ['no answer'];
}

/** A picture in both themes, from that place of the page on. */
async function look({ window: { page } }: RunningApp, name: string, from?: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    if (from === undefined) await page.evaluate(`document.querySelector('main').scrollTo(0, 0)`);
    else
      await page.evaluate(
        `[...document.querySelectorAll('h2')].find((one) => one.textContent === ${JSON.stringify(from)}).scrollIntoView()`,
      );
    expect(await accessibilityProblems(page), `${name} in ${theme}`).toEqual([]);
    await takeScreenshot(page, `security-${name}-${theme}`);
  }
}

async function openSecurity(running: RunningApp): Promise<Page> {
  const { page } = running.window;
  await running.window.open('Security');
  await page.getByRole('list', { name: 'Points that need something' }).waitFor();
  await page.evaluate(axeSource);
  return page;
}

describe('SEC-58 a lockdown of the desktop app', () => {
  it('is one click in the tray, and ends in the window with a typed word', async () => {
    const { window, console } = await desk.start();
    await expect.poll(state).toContain('Connected');
    await desk.tray.click('Lock down');
    await expect.poll(state).toContain('Locked down');
    await expect.poll(() => gateway.connections.length).toBe(0);
    await window.open('Security');
    const { page } = window;
    await page.getByRole('textbox', { name: /Type "release"/ }).fill('release');
    await window.press('End the lockdown');
    await expect.poll(state).toContain('Connected');
    expect(console).toEqual([]);
  });

  it('SEC-111 begins in the window after a question, is met by clients, leaves facts behind, and ends', async () => {
    const running = await desk.start();
    const { window, app } = running;
    await window.waitForState('Connected');
    const client = await sdkClient(environment());
    expect(await client.echo('a')).toEqual([{ type: 'text', text: 'Echo: a' }]);
    const page = await openSecurity(running);
    await window.press('Lock down now');
    await page.getByRole('dialog', { name: 'Lock everything down?' }).waitFor();
    await look(running, 'question');
    await window.press('Lock down');
    await page.getByRole('region', { name: 'Locked down', exact: true }).waitFor();
    await expect.poll(() => gateway.connections.length).toBe(0);
    await expect(client.echo('b')).rejects.toThrow(/locked down/);
    await look(running, 'locked');

    const target = join(desk.session.home, 'incident.json');
    await app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, target);
    await window.press('Export the facts');
    await page.getByRole('region', { name: /^The facts were exported/ }).waitFor();
    const facts = readFileSync(target, 'utf8');
    expect(JSON.parse(facts)).toMatchObject({
      format: 'mcp-router-incident/1',
      lockdown: { by: 'window' },
      status: { shown: 'locked' },
      posture: { kind: 'evaluated' },
    });
    expect(facts).not.toContain(TOKEN);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    await look(running, 'exported', 'If you suspect an incident');

    await window.open('Overview');
    await page.getByRole('region', { name: 'Clients get an error for everything they ask' }).waitFor();
    await look(running, 'locked-overview');
    await window.press('Open Security');
    await window.press('Go to it');
    await page.keyboard.type('release');
    await page.keyboard.press('Enter');
    await expect.poll(state).toContain('Connected');
    await expect.poll(() => client.echo('c')).toEqual([{ type: 'text', text: 'Echo: c' }]);
    await client.close();
    expect(running.console).toEqual([]);
  });
});

describe('the checklist of the desktop app', () => {
  it('SEC-112 is mended from the page: the file made private, the audit log switched on, a setting found', async () => {
    const running = await desk.start();
    const { window } = running;
    await window.waitForState('Connected');
    const page = await openSecurity(running);
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await look(running, 'checklist');
    const text = readFileSync(configPath, 'utf8');
    await button('Make it private: Token storage').click();
    await page.getByText(`chmod 600 ${configPath}`, { exact: true }).waitFor();
    await look(running, 'private');
    expect(statSync(configPath).mode & 0o777).toBe(0o644);
    await window.press('Make it private');
    await button('Make it private: Token storage').waitFor({ state: 'detached' });
    expect(statSync(configPath).mode & 0o777).toBe(0o600);
    expect(readFileSync(configPath, 'utf8')).toBe(text);

    await button('Switch on: Audit log').click();
    await button('Switch on: Audit log').waitFor({ state: 'detached' });
    expect(readFileSync(configPath, 'utf8')).toContain('# written by hand');
    await page.getByRole('button', { name: /points are good$/ }).click();
    await page.getByText(/audit\.log/).waitFor();
    await look(running, 'mended');
    await look(running, 'detection', 'Detection');

    await button('Open Settings: Incident contact').click();
    await page.getByRole('textbox', { name: 'Contact for incidents' }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('security.contact');
    expect(running.console).toEqual([]);
  });
});
