import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canary } from '../support/canary/canary';
import { createAuthority } from '../support/certificates';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { signToken } from '../support/gateway/tokens';
import { takeScreenshot } from '../support/screenshot';
import { storedSecret } from '../support/stored-secret';
import { trayIconState } from '../support/tray-icon-state';

const SECRET = 'a-secret-that-only-the-gateway-and-the-test-know';
const auth = { kind: 'jwt', secret: SECRET } as const;
/** With a canary among its claims, which the router passes on and nobody else may see. */
const canaryToken = (): Promise<string> => signToken(SECRET, { sub: canary('token-window') });
const authority = createAuthority('Desktop test authority');
const tls = authority.issueServer({ hosts: ['127.0.0.1'] });

let desk: Desk;
let gateway: Gateway;

beforeEach(async () => {
  desk = await setUpDesk('unlocked');
  gateway = await startGateway({ auth, tls });
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

const configPath = (): string => join(desk.session.home, '.config/claude-cli/mcp-router.yaml');

/** A file as an administrator hands it out: the company's authority, and an address that is still to be filled in. */
async function writeConfig(): Promise<void> {
  const folder = join(desk.session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'ca.pem'), authority.certificatePem);
  const lines = [
    '# Handed out by the administrators.',
    'gateway:',
    '  url: wss://127.0.0.1:1/',
    '  tls:',
    `    ca_cert_path: ${join(folder, 'ca.pem')}`,
  ];
  await writeFile(configPath(), `${lines.join('\n')}\n`, { mode: 0o600 });
}

async function inBothThemes(page: RunningApp['window']['page'], name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    await takeScreenshot(page, `${name}-${theme}`);
  }
}

/** Icon, menu, tooltip and window say the same. */
async function expectAgreement({ app, window }: RunningApp, icon: string, word: string): Promise<void> {
  await window.waitForState(word);
  await expect.poll(async () => trayIconState(app, await desk.tray.pictures())).toBe(icon);
  await expect.poll(async () => (await desk.tray.menu())[0]?.label).toContain(word);
  expect(await desk.tray.tooltip()).toContain(word);
}

describe('the main job', () => {
  it('SEC-09 first run: address and token are typed, stored where they belong, and the router connects', async () => {
    await gateway.stop();
    gateway = await startGateway({ auth });
    const token = await canaryToken();
    const running = await desk.start();
    await expectAgreement(running, 'disconnected', 'Not set up yet');
    const { page, press } = running.window;
    await page.getByLabel('Gateway address').fill('gateway.example.com');
    await press('Check the address');
    await page.getByText('This is not an address; write it like wss://').waitFor();
    await page.getByLabel('Gateway address').fill(gateway.url);
    await press('Check the address');
    await page.getByText('It answers, and asks for a credential.').waitFor();
    await inBothThemes(page, 'first-run-address');
    await press('Continue');
    await inBothThemes(page, 'first-run-token');
    await page.getByLabel('Paste a token').fill(token);
    await press('Store and connect');
    await page.getByRole('heading', { name: 'Who may use it?' }).waitFor();
    await page.getByText(/^Connected to 127\.0\.0\.1/).waitFor();
    await inBothThemes(page, 'first-run-clients');
    await press('Done');
    await expectAgreement(running, 'connected', 'Connected');
    expect(await storedSecret('gateway-token', desk.session.environment)).toBe(token);
    const file = await readFile(configPath(), 'utf8');
    expect(file).toContain(gateway.url);
    expect(file).not.toContain(token);
    expect(await running.window.page.content()).not.toContain(token);
    expect(running.console).toEqual([]);
  });

  it('type, see it stored, connect over TLS, switch off and on in the tray, restart', async () => {
    await writeConfig();
    const token = await canaryToken();
    const first = await desk.start();
    await first.window.notice('There is no token yet').waitFor();
    await first.window.save({ url: gateway.url, token });
    await expectAgreement(first, 'connected', 'Connected');
    expect(await storedSecret('gateway-token', desk.session.environment)).toBe(token);
    for (const fact of ['TLS 1.3', '127.0.0.1', 'Token in the keychain, entry "gateway-token"']) {
      await first.window.page.getByText(fact, { exact: true }).waitFor();
    }
    await takeScreenshot(first.window.page, 'main-job-connected');

    await desk.tray.click('Disconnect');
    await gateway.until('the router is gone', ({ connections }) => connections.length === 0);
    expect(gateway.recording.closes.at(-1)?.code).toBe(1000);
    await expectAgreement(first, 'disconnected', 'Disconnected');

    await desk.tray.click('Connect');
    await gateway.until('the router is back', ({ connections }) => connections.length === 1);
    await expectAgreement(first, 'connected', 'Connected');

    const before = gateway.recording.upgrades.length;
    await first.app.close();
    await gateway.until('the app is gone', ({ connections }) => connections.length === 0);
    const second = await desk.start();
    await expectAgreement(second, 'connected', 'Connected');
    expect(gateway.recording.upgrades.slice(before).map(({ status }) => status)).toEqual([101]);
    expect(await readFile(configPath(), 'utf8')).toContain('# Handed out by the administrators.');
    expect([...first.console, ...second.console]).toEqual([]);
  });

  it('connects again without asking in a new session of the same person', async () => {
    await writeConfig();
    const first = await desk.start();
    await first.window.save({ url: gateway.url, token: await canaryToken() });
    await first.window.waitForState('Connected');
    await desk.close();
    desk = await setUpDesk('unlocked', desk.session.home);
    const second = await desk.start();
    await expectAgreement(second, 'connected', 'Connected');
  });

  it('follows the gateway: lost, trying again, back', async () => {
    await writeConfig();
    const running = await desk.start();
    await running.window.save({ url: gateway.url, token: await canaryToken() });
    await running.window.waitForState('Connected');
    await gateway.kill();
    await running.window.waitForState('Connecting');
    await running.window.notice('The gateway cannot be reached').waitFor();
    await running.window.page.getByText(/^Next try in \d+ s \(attempt \d+\)$/).waitFor();
    expect(await trayIconState(running.app, await desk.tray.pictures())).toBe('connecting');
    await gateway.restart();
    await desk.tray.click('Try again now');
    await expectAgreement(running, 'connected', 'Connected');
  });
});
