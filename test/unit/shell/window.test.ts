import { EventEmitter } from 'node:events';
import type { BrowserWindow, BrowserWindowConstructorOptions, Session } from 'electron';
import { describe, expect, it } from 'vitest';
import { createRouterWindow, type WindowOptions } from '../../../src/main/window';

/** Notes what a window is made with, and what it shows. */
function setUp(isPackaged: boolean) {
  const made: BrowserWindowConstructorOptions[] = [];
  const shown: string[] = [];
  class FakeWindow extends EventEmitter {
    readonly webContents = Object.assign(new EventEmitter(), { id: 7, isLoading: () => false });
    constructor(options: BrowserWindowConstructorOptions) {
      super();
      made.push(options);
    }
    loadURL(url: string): Promise<void> {
      shown.push(url);
      return Promise.resolve();
    }
  }
  const session = { name: 'in memory' } as unknown as Session; // only handed on
  const options: WindowOptions = {
    BrowserWindow: FakeWindow as unknown as typeof BrowserWindow, // as much of it as is used
    nativeTheme: { shouldUseDarkColors: false },
    screen: { getAllDisplays: () => [], on: () => undefined } as unknown as WindowOptions['screen'], // as much of it as is used
    session,
    preloadPath: '/app/out/preload/index.cjs',
    iconPath: '/app/assets/icon.png',
    isPackaged,
    now: () => 0,
  };
  return { window: createRouterWindow(options), made, shown, session };
}

describe('SEC-113 the window', () => {
  it.each([true, false])('is made with exactly these rights (packed: %s)', (isPackaged) => {
    const { window, made, session } = setUp(isPackaged);
    window.show();
    expect(made.map(({ webPreferences }) => webPreferences)).toEqual([
      {
        session,
        preload: '/app/out/preload/index.cjs',
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        nodeIntegrationInWorker: false,
        webviewTag: false,
        webSecurity: true,
        navigateOnDragDrop: false,
        spellcheck: false,
        devTools: !isPackaged,
      },
    ]);
  });

  it('shows our own page, whichever page of it is asked for', () => {
    const { window, shown } = setUp(true);
    window.show('security');
    expect(shown).toEqual(['app://router/index.html#security']);
  });
});
