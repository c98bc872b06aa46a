import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import { echoBackend } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';

let desk: Desk;
let gateway: Gateway;

beforeEach(async () => {
  gateway = await startGateway({ backend: echoBackend() });
  desk = await setUpDesk('unlocked');
  const folder = join(desk.session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = `gateway: { url: ${JSON.stringify(gateway.url)}, auth: { type: none } }\n`;
  await writeFile(join(folder, 'mcp-router.yaml'), text, { mode: 0o600 });
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

const state = async (): Promise<string> => (await desk.tray.menu())[0]?.label ?? '';

describe('SEC-58 a lockdown of the desktop app', () => {
  it('is one click in the tray, and ends in the window with a typed word', async () => {
    const { window, console } = await desk.start();
    await expect.poll(state).toContain('Connected');
    await desk.tray.click('Lock down');
    await expect.poll(state).toContain('Locked down');
    await expect.poll(() => gateway.connections.length).toBe(0);
    await window.open('Security');
    const { page } = window;
    await page.getByRole('list').getByText('Audit log', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: /Type "release"/ }).fill('release');
    await page.getByRole('button', { name: 'End the lockdown' }).click();
    await expect.poll(state).toContain('Connected');
    await page.getByRole('button', { name: 'Lock down now' }).click();
    await expect.poll(state).toContain('Locked down');
    expect(console).toEqual([]);
  });
});
