import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canary } from '../support/canary/canary';
import { CertificateDoor } from '../support/certificate-door';
import { createAuthority } from '../support/certificates';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import { echoBackend } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { IdentityProvider, RESOURCE } from '../support/identity-provider';
import { takeScreenshot } from '../support/screenshot';
import { ScriptedBrowser } from '../support/scripted-browser';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TOKEN = canary('token-window');
const NEXT = canary('token-next');
const WRONG = canary('token-wrong');
const DAY_MS = 86_400_000;

let desk: Desk;
let gateway: Gateway;

beforeEach(async () => {
  gateway = await startGateway({
    backend: echoBackend(),
    auth: { kind: 'tokens', tokens: [TOKEN, NEXT] },
  });
  desk = await setUpDesk('unlocked');
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

/** Writes into the home of the session; its folder is made where there is none. */
function write(name: string, text: string, mode = 0o600): string {
  const path = join(desk.session.home, name);
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode });
  return path;
}

/** Keeps pictures in both themes, and has each checked for accessibility with its colours. */
async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(axeSource);
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    const found: unknown = await page.evaluate(
      `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
    );
    expect(found, `${name} in ${theme}`).toEqual([]);
    await takeScreenshot(page, `credentials-${name}-${theme}`);
  }
}

async function enter({ window }: RunningApp, value: string): Promise<void> {
  await window.page.getByLabel('New token', { exact: true }).fill(value);
  await window.press('Try it and switch');
}

const used = (token: string): boolean =>
  gateway.recording.upgrades.some(({ headers }) => headers.authorization === `Bearer ${token}`);
const firstWindowOf = async ({ app }: RunningApp): Promise<Page> =>
  app.windows()[0] ?? (await app.waitForEvent('window'));

describe('SEC-105 a token on the credentials page', () => {
  it('is put right after a wrong one, rotated with proof, and rolled back', async () => {
    const running = await desk.start();
    const { window } = running;
    const { page } = window;
    await window.save({ url: gateway.url, token: WRONG });
    await window.open('Overview');
    await window.notice('The gateway refused your token').waitFor();
    await window.open('Credentials');
    await window.notice('The gateway refused your token').waitFor();
    await page.getByText('The keychain, entry "gateway-token"').waitFor();
    await window.press('Rotate...');
    await enter(running, canary('token-wrong'));
    await page.getByRole('alert').getByText('The new token was not accepted').waitFor();
    await look(page, 'refused');
    await enter(running, TOKEN);
    await page.getByText(/The new token was accepted and is in use/).waitFor();
    await window.waitForState('Connected');
    expect(used(TOKEN)).toBe(true);

    await window.open('Credentials');
    await window.press('Rotate...');
    await look(page, 'new-value');
    await enter(running, NEXT);
    const overlap = page.getByRole('region', { name: 'The old token is kept for now' });
    await overlap.getByText(/^For \d+ (min|s)/).waitFor();
    await page.getByText(/The new token was accepted and is in use/).waitFor();
    await look(page, 'overlap');
    expect(used(NEXT)).toBe(true);
    const before = gateway.recording.upgrades.length;
    await window.press('Roll back');
    await page.getByText('The old token is in use again.').waitFor();
    await gateway.until('the old one again', ({ recording }) =>
      recording.upgrades.slice(before).some(({ headers }) => headers.authorization === `Bearer ${TOKEN}`),
    );
    await expect.poll(() => overlap.count()).toBe(0);
    await window.waitForState('Connected');
    expect(running.console).toEqual([]);
  });

  it('is tried on the connection page as well, and one click away in the tray', async () => {
    const running = await desk.start();
    const { window } = running;
    await window.save({ url: gateway.url, token: TOKEN });
    await window.page.getByText('Saved.').waitFor();
    await window.waitForState('Connected');
    await window.save({ token: WRONG });
    await window.page.getByText(/The gateway does not accept this token/).waitFor();
    await takeScreenshot(window.page, 'connection-token-refused');
    await window.waitForState('Connected');

    await expect
      .poll(async () => (await desk.tray.menu()).map(({ label }) => label))
      .toContain('Rotate token...');
    await desk.tray.click('Rotate token...');
    await window.page.getByRole('heading', { level: 1, name: 'Credentials' }).waitFor();
    await running.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.close();
    });
    await expect.poll(() => running.app.windows().length).toBe(0);
    await desk.tray.click('Rotate token...');
    const opened = await firstWindowOf(running);
    await opened.getByRole('heading', { level: 1, name: 'Credentials' }).waitFor();
    await running.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(480, 720);
    });
    await opened.getByRole('button', { name: 'Rotate...' }).click();
    await look(opened, 'narrow');
    const isWide: unknown = await opened.evaluate(
      'document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth',
    );
    expect(isWide).toBe(false);
    expect(running.console).toEqual([]);
  });
});

describe('SEC-107 a client certificate on the credentials page', () => {
  it('comes out of a bundle that a dialog of the system chose, and is tried before it is used', async () => {
    const authority = createAuthority('Server authority');
    const clients = createAuthority('Client authority');
    const client = (daysOld: number): ReturnType<typeof clients.issueClient> =>
      clients.issueClient({
        commonName: `ada ${String(daysOld)}`,
        notBefore: new Date(Date.now() - daysOld * DAY_MS),
        notAfter: new Date(Date.now() + 100 * DAY_MS),
      });
    gateway.reconfigure({ auth: { kind: 'none' } });
    const door = await CertificateDoor.start(
      authority.issueServer({ hosts: ['localhost'] }),
      clients.certificatePem,
      () => gateway.port,
    );
    const [old, fresh] = [client(200), client(1)];
    const ca = write('ca.pem', authority.certificatePem, 0o644);
    const crt = write('client.crt', old.certificatePem, 0o644);
    const key = write('client.key', old.privateKeyPem);
    const kept = write('passphrase', 'kept for the key');
    write(
      '.config/claude-cli/mcp-router.yaml',
      `gateway:\n  url: ${door.url}\n  auth: { type: mtls, client_cert: ${crt}, client_key: ${key}, passphrase_file: ${kept} }\n  tls: { ca_cert_path: ${ca} }\n`,
    );
    const passphrase = 'open sesame';
    const bundle = write('new.p12', '');
    write('new.crt', fresh.certificatePem);
    write('new.key', fresh.privateKeyPem);
    const files = ['-in', 'new.crt', '-inkey', 'new.key', '-out', 'new.p12'];
    execFileSync('openssl', ['pkcs12', '-export', ...files, '-passout', `pass:${passphrase}`], {
      cwd: desk.session.home,
    });
    chmodSync(bundle, 0o600);

    const running = await desk.start();
    const { window } = running;
    const { page } = window;
    await window.waitForState('Connected');
    await running.app.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
    }, bundle);
    await window.open('Credentials');
    await window.press('Replace...');
    await window.press('Choose a PKCS#12 bundle...');
    await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await window.press('Open it');
    await page.getByText('From new.p12').waitFor();
    await look(page, 'certificate');
    await window.press('Try it and switch');
    await page.getByText(/The new certificate was accepted and is in use/).waitFor();
    expect(readFileSync(crt, 'utf8').trim()).toContain(fresh.certificatePem.trim());
    await look(page, 'certificate-overlap');
    await window.press('Roll back');
    await page.getByText('The old certificate is in use again.').waitFor();
    await window.waitForState('Connected');
    expect(running.console).toEqual([]);
    await running.app.close();
    await door.stop();
  });
});

describe('SEC-106 signing in with the browser on the credentials page', () => {
  it('waits for the person, connects, and signs out at the provider as well', async () => {
    const providers = createAuthority('Identity provider authority');
    const provider = await IdentityProvider.start({ tls: providers.issueServer({ hosts: ['localhost'] }) });
    gateway.reconfigure({ auth: provider.gatewayAuth });
    const ca = write('idp-ca.pem', providers.certificatePem, 0o644);
    write(
      '.config/claude-cli/mcp-router.yaml',
      `gateway:
  url: ${gateway.url}
  auth:
    type: oauth2
    grant_type: authorization_code
    issuer: ${provider.issuer}
    client_id: native
    resource: ${RESOURCE}
    scopes: [mcp:read]
    tls: { ca_cert_path: ${ca} }
`,
    );
    const address = join(desk.session.home, 'address');
    // The person's browser: it writes the address down, and the test opens it.
    const browser = write('bin/xdg-open', `#!/bin/sh\nprintf %s "$1" > '${address}'\n`, 0o755);
    const PATH = `${join(browser, '..')}${delimiter}${process.env['PATH'] ?? ''}`;
    const running = await desk.start({ PATH });
    const { window } = running;
    const { page } = window;
    await window.notice('You have to sign in').waitFor();
    await window.press('Open Credentials');
    await page.getByText('Nobody has signed in yet.').waitFor();
    await look(page, 'signed-out');
    await window.press('Sign in with the browser');
    await page.getByText(/in your browser\. This page waits/).waitFor();
    await look(page, 'waiting-for-browser');
    await window.press('Cancel');
    await page.getByText('Cancelled. Nothing was changed.').waitFor();
    writeFileSync(address, '');
    await window.press('Sign in with the browser');
    await page.getByText(/in your browser\. This page waits/).waitFor();
    await expect.poll(() => readFileSync(address, 'utf8')).toContain(encodeURIComponent('http://127.0.0.1'));
    await new ScriptedBrowser(providers.certificatePem).signIn(readFileSync(address, 'utf8'));
    await page.getByText(`Signed in at ${provider.issuer}.`).waitFor();
    await look(page, 'signed-in');
    await window.waitForState('Connected');
    await window.open('Credentials');
    await window.press('Sign out');
    await page.getByText('Signed out. The identity provider has ended the tokens.').waitFor();
    await page.getByText('Nobody has signed in yet.').waitFor();
    await window.waitForState('Not connected');
    expect(gateway.connections).toEqual([]);
    await window.notice('You have to sign in').waitFor();
    expect(running.console).toEqual([]);
    await running.app.close();
    await provider.stop();
  });
});
