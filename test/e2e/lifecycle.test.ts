import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchable, resolveElectron } from '../../scripts/electron-runtime.mjs';
import type { Desk } from '../support/desk';
import { setUpDesk } from '../support/desk';
import { isSandboxImpossible } from '../support/desktop-app';
import type { FunctionReply } from '../support/gateway/backend-function';
import type { Gateway } from '../support/gateway/gateway';
import { startGateway } from '../support/gateway/gateway';
import { quitUnderLoad } from '../support/walk-steps';

let desk: Desk;
let gateway: Gateway;
/** Requests that the server has not answered yet. */
let open: Map<string, FunctionReply>;

beforeEach(async () => {
  open = new Map();
  gateway = await startGateway({
    backend: {
      kind: 'function',
      handle: ({ method }, reply) => {
        if (method === 'initialize') reply.result({ protocolVersion: '2025-06-18', capabilities: {} });
        else open.set(method, reply);
      },
    },
  });
  desk = await setUpDesk('unlocked');
  const folder = join(desk.session.home, '.config/claude-cli');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lines = [
    'gateway:',
    `  url: ${gateway.url}`,
    '  auth: { type: none }',
    'local:',
    `  socket: { enabled: true, path: ${socketPath()} }`,
  ];
  await writeFile(join(folder, 'mcp-router.yaml'), `${lines.join('\n')}\n`, { mode: 0o600 });
});

afterEach(async () => {
  await desk.close();
  await gateway.stop();
});

const socketPath = (): string => join(desk.session.environment['XDG_RUNTIME_DIR'] ?? '', 'router.sock');

describe('the life of the app', () => {
  it('stays in the tray when the window closes; a second launch brings the window back', async () => {
    const { app, window } = await desk.start();
    await window.waitForState('Connected');
    const closed = window.page.waitForEvent('close');
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await closed;
    expect(gateway.connections).toHaveLength(1);

    const opened = app.waitForEvent('window');
    const { executablePath, args } = launchable(await resolveElectron());
    const sandbox = isSandboxImpossible() ? ['--no-sandbox'] : [];
    const second = spawn(executablePath, [...sandbox, ...args], {
      env: { ...process.env, MCP_METRICS_ENABLED: 'false', ...desk.session.environment },
      stdio: 'ignore',
    });
    expect(await once(second, 'exit')).toEqual([0, null]);
    const page = await opened;
    await page.getByRole('heading', { level: 1, name: 'Connected' }).waitFor();
    expect(gateway.recording.upgrades).toHaveLength(1);
  });

  it('a second launch brings a minimised window to the front', async () => {
    const { app, window } = await desk.start();
    await window.waitForState('Connected');
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    await app.evaluate(({ app: running }) => running.emit('second-instance'));
    const isVisible = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.isVisible(),
    );
    expect(isVisible).toBe(true);
  });

  it('the tray opens the window', async () => {
    const { app, window } = await desk.start();
    const closed = window.page.waitForEvent('close');
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await closed;
    const opened = app.waitForEvent('window');
    await desk.tray.click('Open MCP Router');
    await (await opened).getByRole('heading', { level: 1 }).waitFor();
  });

  it('a page that dies is loaded again, and the router does not notice', async () => {
    const { app, window } = await desk.start();
    await window.waitForState('Connected');
    await app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<void>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          contents?.once('did-finish-load', () => resolve());
          contents?.forcefullyCrashRenderer();
        }),
    );
    const heading = async (): Promise<unknown> =>
      app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
          'document.querySelector("h1")?.textContent ?? ""',
        ),
      );
    await expect.poll(heading, { timeout: 20_000 }).toBe('Connected');
    expect(gateway.recording.upgrades).toHaveLength(1);
  });

  it('quitting in the tray waits for the reply that a client is owed', async () => {
    const running = await desk.start();
    await running.window.waitForState('Connected');
    await quitUnderLoad(running, { desk, socketPath: socketPath(), open });
    expect(gateway.recording.closes.map(({ code }) => code)).toEqual([1000, 1000]);
  });

  it('ends in order when it is told to by a signal', async () => {
    const { app, window } = await desk.start();
    await window.waitForState('Connected');
    const ended = once(app.process(), 'exit');
    app.process().kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await gateway.until('the router is gone', ({ connections }) => connections.length === 0);
    expect(gateway.recording.closes.map(({ code }) => code)).toEqual([1000]);
  });

  it('started hidden it stays in the tray', async () => {
    const app = await desk.startHidden();
    await expect.poll(async () => (await desk.tray.menu())[0]?.label).toContain('Connected');
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(0);
  });
});
