import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../../src/shared/ipc/contract';
import type { Desk, RunningApp } from '../support/desk';
import { setUpDesk } from '../support/desk';
import { isSandboxImpossible } from '../support/desktop-app';

let desk: Desk;
let running: RunningApp;
let server: Server;
/** Requests that reached a server on this machine; there must never be one. */
const requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end('reached');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  desk = await setUpDesk('unlocked');
  running = await desk.start();
  // Sent without an answer: whether it went out shows at the end.
  await inPage(`navigator.sendBeacon('http://${target()}/beacon', 'x')`);
});

afterAll(async () => {
  await desk.close();
  server.close();
});

const target = (): string => {
  const address = server.address() as AddressInfo; // a TCP server that listens has one
  return `127.0.0.1:${address.port}`;
};

/** What an expression in the page comes to; how it fails, if it throws. */
const inPage = (expression: string): Promise<unknown> =>
  running.window.page.evaluate(`(async () => {
    try { return await (${expression}); } catch (error) { return 'threw ' + error.name + ': ' + error.message; }
  })()`);

describe('SEC-14 the page', () => {
  it.each(['process', 'require', 'module', 'global', 'Buffer', 'electron'])('has no %s', async (name) => {
    expect(await inPage(`typeof window['${name}']`)).toBe('undefined');
  });

  it('has exactly the functions of the contract', async () => {
    expect(await inPage('Object.keys(window.router).sort()')).toEqual(Object.keys(contract).sort());
    expect(await inPage('Object.isFrozen(window.router)')).toBe(true);
  });

  it('lives at our own address and in a sandbox of its own', async () => {
    expect(await inPage('location.href')).toBe('app://router/index.html');
    expect(await inPage('origin')).toBe('app://router');
    const facts = await running.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      return { pid: contents?.getOSProcessId() ?? 0, isStored: contents?.session.isPersistent() };
    });
    expect(facts.isStored).toBe(false);
    if (process.platform !== 'linux' || isSandboxImpossible()) return;
    // 2: a seccomp filter decides over its system calls.
    expect(readFileSync(`/proc/${facts.pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+2$/m);
  });
});

describe('SEC-14 an embedded page', () => {
  it('is not to be had', async () => {
    expect(await inPage(`typeof document.createElement('webview').loadURL`)).toBe('undefined');
  });
});

describe('SEC-14 the network', () => {
  it.each([
    ['fetch', () => `fetch('http://${target()}/fetch').then(() => 'reached')`],
    [
      'XMLHttpRequest',
      () => `new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.onload = () => resolve('reached');
        request.onerror = () => resolve('threw');
        request.open('GET', 'http://${target()}/xhr');
        request.send();
      })`,
    ],
    [
      'WebSocket',
      () => `new Promise((resolve) => {
        const socket = new WebSocket('ws://${target()}/socket');
        socket.onopen = () => resolve('reached');
        socket.onerror = () => resolve('threw');
      })`,
    ],
    [
      'an image',
      () => `new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve('reached');
        image.onerror = () => resolve('threw');
        image.src = 'http://${target()}/image.png';
      })`,
    ],
    [
      'a script',
      () => `new Promise((resolve) => {
        const script = document.createElement('script');
        script.onload = () => resolve('reached');
        script.onerror = () => resolve('threw');
        script.src = 'http://${target()}/script.js';
        document.head.append(script);
      })`,
    ],
  ])('is out of reach for %s', async (_name, expression) => {
    expect(await inPage(expression())).toMatch(/^threw/);
  });

  it('stays out of reach for a page without our policy', async () => {
    const outcome = await running.app.evaluate(async ({ BrowserWindow }, url) => {
      const [own] = BrowserWindow.getAllWindows();
      if (own === undefined) return 'no window';
      const other = new BrowserWindow({ show: false, webPreferences: { session: own.webContents.session } });
      try {
        await other.loadURL(url);
        return 'reached';
      } catch (error) {
        return String(error);
      } finally {
        other.destroy();
      }
    }, `http://${target()}/window`);
    expect(outcome).toContain('ERR_BLOCKED_BY_CLIENT');
  });

  it('was never touched', () => {
    expect(requests).toEqual([]);
  });
});

describe('SEC-14 the content security policy', () => {
  it('runs no script that is written into the page', async () => {
    await inPage(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.wasInjected = true';
      document.head.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="app://router/none.png" onerror="window.wasInjected = true">');
    })()`);
    expect(await inPage('window.wasInjected === undefined')).toBe(true);
  });

  it('applies no style without the nonce of this load', async () => {
    const colour = await inPage(`(() => {
      const style = document.createElement('style');
      style.textContent = 'body { outline-color: rgb(1, 2, 3) }';
      document.head.append(style);
      return getComputedStyle(document.body).outlineColor;
    })()`);
    expect(colour).not.toBe('rgb(1, 2, 3)');
  });

  it('shows nothing of another origin in a frame', async () => {
    const loaded = await inPage(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.src = 'data:text/html,framed';
      document.body.append(frame);
      frame.onload = () => resolve(frame.contentDocument === null ? 'an error page' : frame.contentDocument.body.textContent);
    })`);
    expect(loaded).not.toContain('framed');
  });
});

describe('SEC-14 what a page could ask for', () => {
  it('gets no window', async () => {
    expect(await inPage(`window.open('https://example.com') === null`)).toBe(true);
    expect(await inPage(`window.open('app://router/index.html') === null`)).toBe(true);
    expect(await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });

  it.each(['https://example.com/', 'app://router/assets/none.svg', 'file:///etc/passwd', 'data:text/html,x'])(
    'does not leave for %s',
    async (url) => {
      const outcome = await running.app.evaluate(
        ({ BrowserWindow }, target) =>
          new Promise<unknown>((resolve, reject) => {
            const contents = BrowserWindow.getAllWindows()[0]?.webContents;
            const outcomeOf = (wasRefused: boolean): unknown => ({ wasRefused, url: contents?.getURL() });
            contents?.once('will-frame-navigate', (event) => {
              setImmediate(() => resolve(outcomeOf(event.defaultPrevented)));
            });
            // Chromium itself may refuse, and then asks nobody.
            contents?.once('console-message', () => resolve(outcomeOf(true)));
            contents?.executeJavaScript(`location.href = '${target}'; 0`).catch(reject);
          }),
        url,
      );
      expect(outcome).toEqual({ wasRefused: true, url: 'app://router/index.html' });
    },
  );

  it('is brought back from about:blank, for which nobody is asked', async () => {
    const visited = await running.app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<unknown>((resolve, reject) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          const urls: string[] = [];
          contents?.on('did-navigate', (_event, to) => {
            urls.push(to);
            if (urls.length === 2) resolve(urls);
          });
          contents?.executeJavaScript(`location.href = 'about:blank'; 0`).catch(reject);
        }),
    );
    expect(visited).toEqual(['about:blank', 'app://router/index.html']);
    await running.window.page.getByRole('heading', { level: 1 }).waitFor();
  });

  it.each([
    ['notifications', 'Notification.requestPermission()', 'denied'],
    [
      'the place',
      `new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('given'), ({ code }) => resolve(code)))`,
      1,
    ],
    [
      'the microphone',
      `navigator.permissions.query({ name: 'microphone' }).then(({ state }) => state)`,
      'denied',
    ],
    [
      'the clipboard',
      `navigator.clipboard.readText().then(() => 'given', ({ name }) => name)`,
      'NotAllowedError',
    ],
  ])('gets no permission for %s', async (_name, expression, answer) => {
    expect(await inPage(expression)).toBe(answer);
  });

  it('gets no download', async () => {
    const items = await running.app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<string>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          contents?.session.once('will-download', (event) => {
            resolve(event.defaultPrevented ? 'refused' : 'started');
          });
          contents?.downloadURL('app://router/index.html');
        }),
    );
    expect(items).toBe('refused');
  });
});

describe('SEC-13 the IPC edge', () => {
  it('refuses a payload that is not of the contract, by its code', async () => {
    const save = `window.router['connection.save']`;
    expect(await inPage(`${save}({ url: 1 })`)).toBe('threw Error: ipc-payload-rejected');
    expect(await inPage(`${save}({ url: 'wss://a.example', configPath: '/etc' })`)).toBe(
      'threw Error: ipc-payload-rejected',
    );
    expect(await inPage(`window.router['status.get']('x')`)).toBe('threw Error: ipc-payload-rejected');
  });

  it('refuses a page that is not our window, although it shows our own address', async () => {
    const preload = join(import.meta.dirname, '../../out/preload/index.cjs');
    const answer = await running.app.evaluate(async ({ BrowserWindow }, path) => {
      const [own] = BrowserWindow.getAllWindows();
      if (own === undefined) return 'no window';
      const other = new BrowserWindow({
        show: false,
        webPreferences: { session: own.webContents.session, preload: path, sandbox: true },
      });
      try {
        await other.loadURL('app://router/index.html');
        const answered: unknown = await other.webContents.executeJavaScript(
          `window.router['status.get']().then(() => 'answered', (error) => error.message)`,
        );
        return answered;
      } finally {
        other.destroy();
      }
    }, preload);
    expect(answer).toBe('ipc-sender-rejected');
  });

  it('SEC-09 never tells the token', async () => {
    const answers = await inPage(
      `Promise.all([window.router['status.get'](), window.router['connection.get'](), window.router['events.recent']()])`,
    );
    expect(JSON.stringify(answers)).not.toMatch(/"(token|secret|password)":/);
  });
});
