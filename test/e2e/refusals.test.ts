import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canary } from '../support/canary/canary';
import { createAuthority } from '../support/certificates';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { takeScreenshot } from '../support/screenshot';
import { trayIconState } from '../support/tray-icon-state';
import { enterRightToken, enterWrongToken } from '../support/walk-steps';

const TOKEN = canary('token-window');
const auth = { kind: 'tokens', tokens: [TOKEN] } as const;

let desk: Desk;
let gateway: Gateway;

beforeEach(async () => {
  desk = await setUpDesk('unlocked');
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

describe('a gateway that cannot be used', () => {
  it('wrong token: says so, counts it, and connects with the right one', async () => {
    gateway = await startGateway({ auth });
    const { app, window, console } = await desk.start();
    await enterWrongToken(window, { url: gateway.url, token: canary('token-wrong') });
    expect(await trayIconState(app, await desk.tray.pictures())).toBe('failed');
    await window.open('Activity');
    const figure = window.page.getByRole('button', { name: /^\d+ Auth failures$/ });
    expect(Number.parseInt((await figure.textContent()) ?? '', 10)).toBeGreaterThan(0);
    await window.page.getByText('Auth failed: the gateway refused the credential.').first().waitFor();
    await takeScreenshot(window.page, 'real-auth-failed-activity');

    await enterRightToken(window, TOKEN);
    expect(console).toEqual([]);
  });

  it('SEC-01 untrusted certificate: says so and sends no token', async () => {
    const tls = createAuthority('Nobody knows it').issueServer({ hosts: ['127.0.0.1'] });
    gateway = await startGateway({ auth, tls });
    const { window } = await desk.start();
    await window.save({ url: gateway.url, token: TOKEN });
    await window.waitForState('Not connected');
    const notice = window.notice("The gateway's certificate is not trusted.");
    await notice.waitFor();
    expect(await notice.textContent()).toContain('gateway.tls.ca_cert_path');
    expect(gateway.recording.upgrades).toEqual([]);
    await takeScreenshot(window.page, 'real-certificate-rejected');
  });

  it('an address that cannot be used: says so beside the field, and stores nothing', async () => {
    gateway = await startGateway({ auth });
    const { window } = await desk.start();
    await window.save({ url: 'http://gateway.example.com', token: TOKEN });
    const field = window.page.getByLabel('Gateway address');
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    await takeScreenshot(window.page, 'real-address-refused');
    await window.waitForState('Not set up yet');
  });
});
