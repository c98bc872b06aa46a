import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppStatus } from '../../src/shared/ipc/contract';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import { SAMPLE_NOW, sampleSituations, withRouter } from '../support/fake-desktop-router';
import { sampleBusyTraffic } from '../support/sample-clients';
import { samplePages } from '../support/sample-pages';
import { samplePostureOfAll } from '../support/sample-posture';
import { sampleEvents } from '../support/sample-events';
import { takeScreenshot } from '../support/screenshot';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes = ['light', 'dark'] as const;

let desk: Desk;
let running: RunningApp;
let revision = 1_000_000;

beforeAll(async () => {
  desk = await setUpDesk('unlocked');
  running = await desk.start();
  await running.window.page.evaluate(axeSource);
  await push('events.added', sampleEvents);
});

afterAll(() => desk.close());

/** Sends what the router would send. */
async function push(channel: string, payload: unknown): Promise<void> {
  await running.app.evaluate(
    ({ BrowserWindow }, [name, value]) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send(name, value);
    },
    [channel, payload] as const,
  );
}

/** Lets main answer with a sample from now on. */
async function answer(channel: string, value: unknown): Promise<void> {
  await running.app.evaluate(
    ({ ipcMain }, [name, sample]) => {
      ipcMain.removeHandler(name);
      ipcMain.handle(name, () => ({ kind: 'value', value: sample }));
    },
    [channel, value] as const,
  );
}

/** The sample as if it were told now, so that durations and countdowns are the sample's. */
function asOfNow(status: AppStatus): AppStatus {
  const shiftMs = Date.now() - SAMPLE_NOW;
  const moved = JSON.stringify(status, (key, value: unknown) => {
    if (typeof value === 'number' && value > SAMPLE_NOW / 2) return value + shiftMs;
    return key === 'validTo' ? new Date(Date.now() + 79 * 86_400_000).toISOString() : value;
  });
  const parsed = JSON.parse(moved) as AppStatus; // what JSON.stringify was given, with other times
  return withRouter(parsed, { revision: (revision += 1) });
}

/** What an accessibility checker finds in the real window, contrast included. */
async function accessibilityProblems(): Promise<readonly string[]> {
  const found: unknown = await running.window.page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  );
  return Array.isArray(found) ? found.map(String) : ['no answer'];
}

/** Changes the theme of the system, as far as the page can tell, and waits until the page has followed. */
async function setTheme(theme: (typeof themes)[number]): Promise<void> {
  await running.window.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await running.window.page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
}

type Shown = 'Overview' | 'Activity' | 'Connection' | 'Clients' | 'Security';

async function look(page: Shown, name: string): Promise<void> {
  await running.window.open(page);
  for (const theme of themes) {
    await setTheme(theme);
    expect(await accessibilityProblems(), `${name} in ${theme}`).toEqual([]);
    await takeScreenshot(running.window.page, `${page.toLowerCase()}-${name}-${theme}`);
  }
}

describe('the look of each state, in light and dark', () => {
  it.each(Object.entries(sampleSituations))('overview: %s', async (name, status) => {
    await push('status.changed', asOfNow(status));
    await look('Overview', name.replaceAll(' ', '-'));
  });

  it('overview: busy', async () => {
    await answer('traffic.get', sampleBusyTraffic(Date.now()));
    await push('status.changed', asOfNow(sampleSituations['attached clients']));
    await running.window.open('Overview');
    await running.window.page.getByRole('img', { name: /^Answer time/ }).waitFor();
    await look('Overview', 'busy');
  });

  it('activity', async () => {
    await push('status.changed', asOfNow(sampleSituations['attached clients']));
    await look('Activity', 'events');
    const at = Date.now();
    const alert = { rule: 'auth_failures', raisedAt: at, seenAt: at, count: 5 } as const;
    const alarmed = withRouter(sampleSituations['attached clients'], { alerts: [alert] });
    await push('status.changed', asOfNow(alarmed));
    await look('Activity', 'alert');
  });

  it('clients', async () => {
    await push('status.changed', asOfNow(sampleSituations['attached clients']));
    await look('Clients', 'attached');
  });

  it.each(['connected', 'keychain locked', 'keychain missing'] as const)('connection: %s', async (name) => {
    await push('status.changed', asOfNow(sampleSituations[name]));
    await look('Connection', name.replaceAll(' ', '-'));
  });

  it.each(['connected', 'locked'] as const)('security: %s', async (name) => {
    // This machine has no configuration; what the page says of it would not fit the sample.
    await answer('posture.get', samplePostureOfAll);
    await answer('security.detection', await samplePages.security['security.detection']());
    await push('status.changed', asOfNow(sampleSituations[name]));
    await running.window.open('Security');
    await running.window.page.getByText('1 point is not safe').waitFor();
    await look('Security', name);
  });

  it('narrow, as when the window is magnified to 200 %', async () => {
    await running.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(500, 720);
    });
    await push('status.changed', asOfNow(sampleSituations['keychain locked']));
    await look('Activity', 'narrow');
    await look('Security', 'narrow');
    await look('Overview', 'narrow');
    const isWide: unknown = await running.window.page.evaluate(
      'document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth',
    );
    expect(isWide).toBe(false);
  });

  it('follows the theme of the system', async () => {
    const ground = (): Promise<unknown> =>
      running.window.page.evaluate('getComputedStyle(document.body).backgroundColor');
    await setTheme('light');
    const light = await ground();
    await setTheme('dark');
    expect(await ground()).not.toBe(light);
  });

  it('broke no rule of the content security policy on the way', () => {
    expect(running.console).toEqual([]);
  });
});
