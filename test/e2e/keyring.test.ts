import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canary } from '../support/canary/canary';
import { keyringPassword } from '../../scripts/desktop/session-bus.mjs';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { takeScreenshot } from '../support/screenshot';
import { unlockKeyring } from '../support/unlock-keyring';

const TOKEN = canary('token-window');

let desk: Desk;
let gateway: Gateway;

beforeEach(async () => {
  gateway = await startGateway({ auth: { kind: 'tokens', tokens: [TOKEN] } });
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

/** Stores a token while all is well, and comes back to the same home with another keyring. */
async function comeBackWith(keyring: 'locked' | 'none'): Promise<void> {
  desk = await setUpDesk('unlocked');
  const { window } = await desk.start();
  await window.save({ url: gateway.url, token: TOKEN });
  await window.waitForState('Connected');
  await desk.close();
  desk = await setUpDesk(keyring, desk.session.home);
}

describe('SEC-08 a keyring that gives nothing', () => {
  it('locked: says so, crashes nothing, and connects once it is unlocked', async () => {
    await comeBackWith('locked');
    const { window, console } = await desk.start();
    await window.waitForState('Not connected');
    const notice = window.notice('The keychain is locked');
    await notice.waitFor();
    expect(await notice.textContent()).toContain('Unlock your keychain and choose Try again');
    expect((await desk.tray.menu())[0]?.label).toContain('The keychain is locked');
    await takeScreenshot(window.page, 'real-keychain-locked');
    await window.press('Try again');
    await notice.waitFor();
    expect(gateway.connections).toEqual([]);

    await unlockKeyring(desk.session.environment['DBUS_SESSION_BUS_ADDRESS'] ?? '', keyringPassword);
    await window.press('Try again');
    await window.waitForState('Connected');
    expect(console).toEqual([]);
  });

  it('missing: says so, crashes nothing, and refuses to store a token anywhere else', async () => {
    await comeBackWith('none');
    const { window, console } = await desk.start();
    await window.waitForState('Not connected');
    const notice = window.notice('This machine offers no keychain');
    await notice.waitFor();
    expect(await notice.textContent()).toContain('Start a keychain service such as GNOME Keyring');
    expect((await desk.tray.menu())[0]?.label).toContain('No keychain is available');
    await takeScreenshot(window.page, 'real-keychain-missing');
    await window.save({ token: canary('token-wrong') });
    await window.page.getByText(/^No keychain is available on this machine/).waitFor();
    await takeScreenshot(window.page, 'real-keychain-missing-save');
    expect(console).toEqual([]);
  });
});
