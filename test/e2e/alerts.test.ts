import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canary } from '../support/canary/canary';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import type { NotificationDaemon } from '../support/notification-daemon';
import { startNotificationDaemon } from '../support/notification-daemon';
import { routerWindow } from '../support/router-window';

let desk: Desk;
let gateway: Gateway;
let notifications: NotificationDaemon;

beforeEach(async () => {
  gateway = await startGateway({ auth: { kind: 'tokens', tokens: ['another-token'] } });
  desk = await setUpDesk('unlocked');
  notifications = await startNotificationDaemon(desk.session.environment['DBUS_SESSION_BUS_ADDRESS'] ?? '');
  const folder = join(desk.session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const token = join(folder, 'token');
  await writeFile(token, canary('token-file'), { mode: 0o600 });
  const lines = [
    'gateway:',
    `  url: ${gateway.url}`,
    `  auth: { type: bearer, token_file: ${token} }`,
    'security: { detection: { auth_failures: { threshold: 3 } } }',
  ];
  await writeFile(join(folder, 'mcp-router.yaml'), `${lines.join('\n')}\n`, { mode: 0o600 });
});

afterEach(async () => {
  await desk.close();
  notifications.close();
  await gateway.stop();
});

describe('SEC-98 a security alert', () => {
  it('is a notification of the desktop, once; a click opens the window, which shows it', async () => {
    const app = await desk.startHidden();
    const refused = async (times: number): Promise<void> => {
      await expect.poll(() => gateway.recording.upgrades.length).toBeGreaterThanOrEqual(times);
      await expect.poll(async () => (await desk.tray.menu())[0]?.label).toContain('Not connected');
    };
    for (let times = 1; times <= 5; times += 1) {
      await refused(times);
      if (times < 5) await desk.tray.click('Try again now');
    }
    const alerts = (): NotificationDaemon['shown'] =>
      notifications.shown.filter(({ title }) => title === 'MCP Router: Sign-ins fail again and again');
    await expect.poll(alerts).toHaveLength(1);
    const [shown] = alerts();
    // Once for five failures: the same is not told again and again.
    expect(notifications.shown.filter(({ title }) => title === 'MCP Router: not connected')).toHaveLength(1);
    expect(JSON.stringify(notifications.shown)).not.toContain('canary');
    const opened = app.waitForEvent('window');
    notifications.click(shown?.id ?? 0);
    const page = await opened;
    await page.getByRole('heading', { level: 1 }).waitFor();
    await routerWindow(page).open('Activity');
    const title = 'Security alert: Sign-ins fail again and again';
    await page.getByRole('region', { name: title }).waitFor();
    await page.getByRole('list', { name: 'Events, newest first' }).getByText(title).waitFor();
  });
});
