import { join } from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';

let desk: Desk;
let running: RunningApp;

beforeAll(async () => {
  desk = await setUpDesk('unlocked');
  await mkdir(join(configPath(), '..'), { recursive: true, mode: 0o700 });
  const lines = [
    'gateway: { url: "ws://127.0.0.1:9/", auth: { type: none } }',
    'logging: { audit: { enabled: true } }',
  ];
  await writeFile(configPath(), `${lines.join('\n')}\n`, { mode: 0o600 });
  running = await desk.start();
});

afterAll(() => desk.close());

const configPath = (): string => join(desk.session.home, '.config/claude-cli/mcp-router.yaml');

/** What an expression in the page comes to; how it fails, if it throws. */
const inPage = (expression: string): Promise<unknown> =>
  running.window.page.evaluate(`(async () => {
    try { return await (${expression}); } catch (error) { return 'threw ' + error.message; }
  })()`);

describe('SEC-113 the window as Chromium has it', () => {
  it('has the rights that it was given, and no others by default', async () => {
    const rights = await running.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      // Not in Electron's types; what Electron's own tests ask.
      const ask: unknown = contents === undefined ? null : Reflect.get(contents, 'getLastWebPreferences');
      const answer: unknown = typeof ask === 'function' ? Reflect.apply(ask, contents, []) : null;
      const found = new Map<string, unknown>(Object.entries(answer ?? {}));
      const names = [
        ...['sandbox', 'contextIsolation', 'nodeIntegration', 'nodeIntegrationInSubFrames'],
        ...['nodeIntegrationInWorker', 'webviewTag', 'webSecurity', 'allowRunningInsecureContent'],
        ...['experimentalFeatures', 'enableBlinkFeatures', 'plugins', 'navigateOnDragDrop'],
      ];
      return Object.fromEntries(names.map((name) => [name, found.get(name) || false]));
    });
    expect(rights).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      enableBlinkFeatures: false,
      plugins: false,
      navigateOnDragDrop: false,
    });
  });

  it('refuses a page to be embedded even where the tag is on', async () => {
    const outcome = await running.app.evaluate(async ({ BrowserWindow }) => {
      const [own] = BrowserWindow.getAllWindows();
      if (own === undefined) return 'no window';
      const other = new BrowserWindow({
        show: false,
        webPreferences: { session: own.webContents.session, webviewTag: true },
      });
      try {
        const refused = new Promise<string>((resolve) => {
          other.webContents.on('will-attach-webview', (event) =>
            setImmediate(() => resolve(event.defaultPrevented ? 'refused' : 'attached')),
          );
        });
        await other.loadURL('app://router/index.html');
        await other.webContents.executeJavaScript(
          `(() => { const view = document.createElement('webview'); view.src = 'app://router/index.html'; document.body.append(view); })()`,
        );
        return await refused;
      } finally {
        other.destroy();
      }
    });
    expect(outcome).toBe('refused');
  });

  it('has a protocol of its own without privileges beyond those of a page', async () => {
    expect(await inPage('isSecureContext')).toBe(true);
    expect(await inPage(`fetch('app://router/index.html').then(() => 'reached')`)).toMatch(/^threw/);
    expect(await inPage(`fetch('file:///etc/hostname').then(() => 'reached')`)).toMatch(/^threw/);
    expect(
      await inPage(`navigator.serviceWorker.register('/assets/none.js').then(() => 'registered')`),
    ).toMatch(/^threw/);
  });
});

describe('SEC-115 what the page may have the system do', () => {
  it('opens the configuration file and nothing that the page names', async () => {
    await running.app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { openedByTest: opened });
      shell.openPath = (path) => {
        opened.push(path);
        return Promise.resolve('');
      };
    });
    const open = `window.router['settings.open-file']`;
    expect(await inPage(`${open}('/etc/passwd')`)).toBe('threw ipc-payload-rejected');
    expect(await inPage(`${open}({ path: '/etc/passwd' })`)).toBe('threw ipc-payload-rejected');
    expect(await inPage(`${open}()`)).toEqual({ ok: true });
    const opened = await running.app.evaluate((): unknown => Reflect.get(globalThis, 'openedByTest'));
    expect(opened).toEqual([configPath()]);
  });

  it('asks the person for a file, with words and a folder of the main process', async () => {
    await running.app.evaluate(({ dialog }) => {
      const asked: unknown[] = [];
      Object.assign(globalThis, { askedByTest: asked });
      const note = (...given: unknown[]): void => void asked.push(given.at(-1));
      dialog.showOpenDialog = (...given: unknown[]) => {
        note(...given);
        return Promise.resolve({ canceled: true, filePaths: [] });
      };
      dialog.showSaveDialog = (...given: unknown[]) => {
        note(...given);
        return Promise.resolve({ canceled: true, filePath: '' });
      };
    });
    const save = `window.router['audit.export']`;
    const filter = `{ text: '', actions: [], topic: 'any', outcome: 'any', client: '', method: '', requestId: '', from: null, until: null }`;
    expect(await inPage(`${save}({ format: 'csv', filter: ${filter}, path: '/tmp/x' })`)).toBe(
      'threw ipc-payload-rejected',
    );
    await inPage(`${save}({ format: 'csv', filter: ${filter} })`);
    const asked = await running.app.evaluate((): unknown => Reflect.get(globalThis, 'askedByTest'));
    const [question, ...others] = z
      .array(z.strictObject({ title: z.string(), defaultPath: z.string() }))
      .parse(asked);
    expect(others).toEqual([]);
    expect(question?.defaultPath.startsWith(`${desk.session.home}/`)).toBe(true);
    expect(question?.defaultPath).toMatch(/\.csv$/);
  });
});
