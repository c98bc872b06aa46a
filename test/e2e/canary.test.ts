import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canary } from '../support/canary/canary';
import { echoAnswer, upgradeEcho } from '../support/canary/echo-peers';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';

const TOKEN = canary('token-window');

let desk: Desk;
let gateway: Gateway;

beforeEach(async () => {
  desk = await setUpDesk('unlocked');
  gateway = await startGateway({ auth: { kind: 'tokens', tokens: [TOKEN] } });
});

afterEach(async () => {
  await gateway.stop();
});

// Every session of the desktop tests is searched when it closes; here is what is left to prove.
describe('SEC-56 a token that is typed into the window', () => {
  it('turns up nowhere, whether it is taken, refused or said back by the gateway', async () => {
    const { window } = await desk.start();
    await window.save({ url: gateway.url, token: canary('token-wrong') });
    await window.open('Overview');
    await window.notice('The gateway refused your token').waitFor();
    await desk.session.evidence.look();
    await window.save({ token: TOKEN });
    await window.page.getByText('Saved.').waitFor();
    expect(await window.page.getByLabel('Token', { exact: true }).inputValue()).toBe('');
    await window.waitForState('Connected');
    await window.open('Activity');
    await desk.session.evidence.look();
    const echo = await upgradeEcho(echoAnswer(401, TOKEN, [`WWW-Authenticate: Bearer error="${TOKEN}"`]));
    await window.save({ url: echo.url });
    await window.open('Overview');
    await window.notice('The gateway refused your token').waitFor();
    await window.open('Activity');
    await desk.session.evidence.look();
    for (const item of await desk.tray.menu()) desk.session.evidence.note('the menu of the tray', item.label);
    await echo.stop();
    const ipc = readFileSync(desk.session.evidence.ipcFile, 'utf8');
    for (const message of [
      '"call":"connection.save"',
      '"reply":"connection.get"',
      '"event":"status.changed"',
    ])
      expect(ipc).toContain(message);
    await desk.close();
  });

  it('is found where it does turn up: in a window, in a message, in a file, in an argument', async () => {
    const { app, window } = await desk.start();
    await window.page.evaluate(`document.title = ${JSON.stringify(canary('token-window'))}`);
    await app.evaluate(({ BrowserWindow }, text) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send('status.unheard', { text });
    }, canary('token-window'));
    await app.evaluate(({ app: own }, text) => {
      // As a careless line of the product would.
      const { writeFileSync } = process.getBuiltinModule('node:fs');
      writeFileSync(`${own.getPath('userData')}/notes.txt`, Buffer.from(text).toString('base64'));
    }, canary('token-window'));
    await expect(desk.close()).rejects.toThrow(/the window[^]*notes\.txt[^]*ipc\.jsonl/);
  });
});
