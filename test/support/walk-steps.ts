import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { AuditWindow } from './audit-window';
import type { Desk, RunningApp } from './desk';
import type { FunctionReply } from './gateway/backend-function';
import type { RouterWindow } from './router-window';

/** Enters a token that the gateway does not take; the overview says so. */
export async function enterWrongToken(
  window: RouterWindow,
  input: { readonly url: string; readonly token: string },
): Promise<void> {
  await window.save(input);
  await window.waitForState('Not connected');
  await window.notice('The gateway refused your token').waitFor();
}

/** Enters the right one, which is seen nowhere afterwards. */
export async function enterRightToken(window: RouterWindow, token: string): Promise<void> {
  await window.save({ token });
  await window.waitForState('Connected');
  expect(await window.page.content()).not.toContain(token);
}

/** Changes how many clients may be attached, looks at the difference, and saves it. */
export async function changeClientLimit({ page }: RouterWindow, value: string): Promise<void> {
  await page.getByLabel('Clients at once', { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Review changes' }).click();
  await page.getByRole('list', { name: 'Changes in the file' }).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved.').waitFor();
}

/** Switches the audit log on, in the page that says that it is off. */
export async function switchAuditOn(audit: AuditWindow, configPath: string): Promise<void> {
  await audit.press('Switch on');
  await audit.option('Log begun').or(audit.option('Settings applied')).first().waitFor();
  expect(readFileSync(configPath, 'utf8')).toMatch(/enabled: true/);
}

/** Checks the audit log, which is as it was written. */
export async function proveAuditLog(audit: AuditWindow): Promise<void> {
  await audit.press('Check the log');
  await audit.notice('The log is intact').waitFor();
}

/** What quitting under load needs. */
export interface Load {
  readonly desk: Desk;
  /** Where the client attaches. */
  readonly socketPath: string;
  /** Requests by their method that the server holds back: all but `initialize`. */
  readonly open: ReadonlyMap<string, FunctionReply>;
}

/** Quits in the tray while a client on the socket is owed a reply: it still gets it, and then the app ends in order. */
export async function quitUnderLoad({ app }: RunningApp, { desk, socketPath, open }: Load): Promise<void> {
  const client = connect(socketPath);
  const replies: string[] = [];
  createInterface(client).on('line', (line) => replies.push(line));
  const say = (message: object): void => {
    client.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  say({ id: 1, method: 'initialize', params: {} });
  await expect.poll(() => replies.length).toBe(1);
  say({ method: 'notifications/initialized' });
  say({ id: 2, method: 'slow' });
  await expect.poll(() => open.has('slow')).toBe(true);

  const ended = once(app.process(), 'exit');
  // The listener must be there before the click.
  const quitting = await app.evaluateHandle(({ app: running }) => ({
    begun: new Promise<void>((resolve) => running.once('before-quit', () => resolve())),
  }));
  await desk.tray.click('Quit');
  await quitting.evaluate(({ begun }) => begun);
  open.get('slow')?.result({ done: true });
  await expect.poll(() => replies.length).toBe(2);
  expect(JSON.parse(replies[1] ?? '')).toMatchObject({ id: 2, result: { done: true } });
  expect(await ended).toEqual([0, null]);
}
