import type { BrowserWindow, NativeTheme, Rectangle, Screen, Session, WebContents } from 'electron';
import { APP_PAGE } from './app-protocol';
import type { EventChannel } from '../shared/ipc/contract';
import { addressOf, type Page } from '../shared/model/page';
import { isAllowedNavigation } from './hardening';
import type { Push } from './ipc/push';

/** Reloading a page that dies at once for ever would only burn the machine. */
const MAX_RELOADS = 5;
const RELOAD_WINDOW_MS = 60_000;

/** The one window. Closing it frees it; showing it again makes a new one. */
export interface RouterWindow {
  /** Opens the window, or brings the open one to the front; with a page, shows that page in it. */
  show(page?: Page): void;
  /** Id of the page that may call us; null while no window is open. */
  contentsId(): number | null;
  push: Push;
}

/** What a window is built from. */
export interface WindowOptions {
  readonly BrowserWindow: typeof BrowserWindow;
  readonly nativeTheme: Pick<NativeTheme, 'shouldUseDarkColors'>;
  readonly screen: Pick<Screen, 'getAllDisplays' | 'on'>;
  readonly session: Session;
  readonly preloadPath: string;
  readonly iconPath: string;
  readonly isPackaged: boolean;
  readonly now: () => number;
}

/** Whether a page that died may be loaded again, given when it was reloaded before. */
export function mayReload(earlier: readonly number[], now: number): boolean {
  return earlier.filter((at) => now - at < RELOAD_WINDOW_MS).length < MAX_RELOADS;
}

/** As much of the window as a person needs to see to take hold of it. */
const LEAST_SHOWN = { width: 120, height: 40 } as const;

/** Whether a window can be seen and moved; a display may have gone with it. */
export function isOnScreen(window: Rectangle, areas: readonly Rectangle[]): boolean {
  return areas.some((area) => {
    const width = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
    // Its title bar is at the top: what is above the area cannot be taken hold of.
    const height = Math.min(window.y + window.height, area.y + area.height) - window.y;
    return (
      width >= LEAST_SHOWN.width && height >= LEAST_SHOWN.height && window.y >= area.y - LEAST_SHOWN.height
    );
  });
}

function openWindow(options: WindowOptions): BrowserWindow {
  return new options.BrowserWindow({
    width: 1000,
    height: 720,
    minWidth: 480,
    minHeight: 420,
    show: false,
    title: 'MCP Router',
    icon: options.iconPath,
    // The page's own colours (renderer/theme.css), so that nothing flashes while it loads.
    backgroundColor: options.nativeTheme.shouldUseDarkColors ? '#14161b' : '#f5f6f8',
    autoHideMenuBar: true,
    webPreferences: {
      session: options.session,
      preload: options.preloadPath,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      webSecurity: true,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !options.isPackaged,
    },
  });
}

function reloadAfterCrash(contents: WebContents, now: () => number): void {
  let reloads: readonly number[] = [];
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || !mayReload(reloads, now())) return;
    reloads = [...reloads.slice(1 - MAX_RELOADS), now()];
    contents.reload();
  });
}

/** A page may leave for about:blank without anybody being asked (hardening.ts hears of all else): bring it back. */
function stayOnPage(contents: WebContents): void {
  contents.on('did-navigate', (_event, url) => {
    if (!isAllowedNavigation(url)) void contents.loadURL(APP_PAGE);
  });
}

/** A document that is still loading listens to nothing yet. */
function openPage(contents: WebContents, page: Page): void {
  const send = (): void => contents.send('page.open' satisfies EventChannel, page);
  if (contents.isLoading()) contents.once('did-finish-load', send);
  else send();
}

/** Prepares the window without opening it. */
export function createRouterWindow(options: WindowOptions): RouterWindow {
  let open: BrowserWindow | null = null;
  const comeBack = (): void => {
    if (open === null) return;
    const areas = options.screen.getAllDisplays().map(({ workArea }) => workArea);
    if (!isOnScreen(open.getBounds(), areas)) open.center();
  };
  options.screen.on('display-removed', comeBack);
  options.screen.on('display-metrics-changed', comeBack);
  const show = (page?: Page): void => {
    if (open !== null) {
      if (page !== undefined) openPage(open.webContents, page);
      if (open.isMinimized()) open.restore();
      comeBack();
      open.show();
      open.focus();
      return;
    }
    const window = openWindow(options);
    open = window;
    reloadAfterCrash(window.webContents, options.now);
    stayOnPage(window.webContents);
    window.once('ready-to-show', () => window.show());
    window.on('closed', () => {
      open = null;
    });
    void window.loadURL(page === undefined ? APP_PAGE : `${APP_PAGE}${addressOf(page)}`);
  };
  return {
    show,
    contentsId: () => open?.webContents.id ?? null,
    push: (channel, payload) => open?.webContents.send(channel, payload),
  };
}
