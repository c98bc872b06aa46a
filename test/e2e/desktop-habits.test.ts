import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import { isSandboxImpossible, launchDesktopApp, startDesktopSession } from '../support/desktop-app';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { takeScreenshot } from '../support/screenshot';
import { startTrayWatcher } from '../support/tray-watcher';

let desk: Desk;
let gateway: Gateway;

async function configure(home: string): Promise<void> {
  const folder = join(home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = `gateway:\n  url: ${gateway.url}\n  auth: { type: none }\n`;
  await writeFile(join(folder, 'mcp-router.yaml'), text, { mode: 0o600 });
}

beforeEach(async () => {
  gateway = await startGateway({
    backend: { kind: 'function', handle: (_request, reply) => reply.result({}) },
  });
  desk = await setUpDesk('unlocked');
  await configure(desk.session.home);
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

const entryPath = (): string => join(desk.session.home, '.config/autostart/mcp-router.desktop');
const stateLine = async (): Promise<string> => (await desk.tray.menu())[0]?.label ?? '';

describe('start at login', () => {
  it.skipIf(isSandboxImpossible())(
    'is an entry that the desktop can launch, hidden, and is gone when it is switched off',
    async () => {
      const first = await desk.start();
      expect(existsSync(entryPath())).toBe(false);
      await desk.tray.click('Start at login');
      await expect.poll(() => existsSync(entryPath())).toBe(true);
      expect(readFileSync(entryPath(), 'utf8')).toMatch(/^Exec=.+ --hidden$/m);
      await first.window.open('Settings');
      await first.window.page.getByRole('switch', { name: 'Start at login', checked: true }).waitFor();
      await first.app.close();

      const launched = spawn('gio', ['launch', entryPath()], {
        env: { ...process.env, MCP_METRICS_ENABLED: 'false', ...desk.session.environment },
        stdio: 'ignore',
      });
      expect(await once(launched, 'exit')).toEqual([0, null]);
      await desk.tray.waitForItem();
      await expect.poll(stateLine).toContain('Connected');
      expect((await desk.tray.menu()).map(({ label }) => label)).toContain('Start at login');
      await desk.tray.click('Start at login');
      await expect.poll(() => existsSync(entryPath())).toBe(false);
      await desk.tray.click('Quit');
      await gateway.until('the launched app is gone', ({ connections }) => connections.length === 0);
    },
  );
});

describe('preferences', () => {
  it('are followed at once and kept: the theme', async () => {
    const first = await desk.start();
    // Playwright pretends a light desktop unless it is told not to.
    await first.window.page.emulateMedia({ colorScheme: null });
    await first.window.open('Settings');
    for (const [choice, theme] of [
      ['Dark', 'dark'],
      ['Light', 'light'],
      ['Dark', 'dark'],
    ] as const) {
      await first.window.page.getByText(choice, { exact: true }).click();
      await first.window.page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    }
    await first.app.close();
    const second = await desk.start();
    await second.window.page.emulateMedia({ colorScheme: null });
    await second.window.page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    await second.window.open('Settings');
    await second.window.page.getByText('Start at login').waitFor();
    await takeScreenshot(second.window.page, 'settings-this-app-dark');
  });
});

describe('the tray', () => {
  it('has the icon again after the panel started anew', async () => {
    await desk.start();
    desk.tray.close();
    const panel = await startTrayWatcher(desk.session.environment['DBUS_SESSION_BUS_ADDRESS'] ?? '');
    await panel.waitForItem();
    await expect.poll(async () => (await panel.menu())[0]?.label).toContain('Connected');
    panel.close();
  });

  it('is no place to hide where there is none: the window opens', async () => {
    const session = await startDesktopSession('unlocked');
    await configure(session.home);
    const app = await launchDesktopApp({ session, args: ['--hidden'] });
    try {
      const page = await app.firstWindow();
      await page.getByRole('heading', { level: 1, name: 'Connected' }).waitFor();
    } finally {
      await app.close();
      await session.close();
    }
  });
});

describe('a machine that slept', () => {
  it('has its connections made anew', async () => {
    const { app, window } = await desk.start();
    await window.waitForState('Connected');
    await app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'));
    await gateway.until('a new connection in place of the old one', ({ recording, connections }) => {
      return recording.upgrades.length === 2 && recording.closes.length === 1 && connections.length === 1;
    });
    await window.waitForState('Connected');
  });
});
