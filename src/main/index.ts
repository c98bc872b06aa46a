import { readFile } from 'node:fs/promises';
import { url as inspectorUrl } from 'node:inspector';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  nativeTheme,
  Notification,
  protocol,
  session,
  shell,
  Tray,
} from 'electron';
import { appMenuTemplate } from './app-menu';
import { APP_ORIGIN, APP_SCHEME, createAppProtocol } from './app-protocol';
import { RouterError } from '../shared/model/errors';
import { createDesktopRouter } from './desktop-core';
import type { DesktopRouter } from './desktop-router';
import { findDebugSwitches, hardenApp, refusedSwitches } from './hardening';
import { createHandlers } from './ipc/handlers';
import { pushEvents } from './ipc/push';
import { registerIpc } from './ipc/register';
import { isTrustedSender } from './ipc/sender';
import { claimSingleInstance, isStartedHidden, manageLifecycle } from './lifecycle';
import { notifyOfEvents } from './notifications';
import { createTray } from './tray';
import type { TrayIcon } from './tray';
import { trayView } from './tray-view';
import type { TrayAction } from './tray-view';
import { createRouterWindow } from './window';
import type { RouterWindow } from './window';

const root = join(import.meta.dirname, '../..');
const assets = join(root, 'assets');

const say = (text: string): void => void process.stderr.write(`mcp-router: ${text}\n`);
const reportBug = (error: unknown): void =>
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));

/** What is expected is shown in the window; the app stays, so that it can be put right there. */
function onlyExpected(error: unknown): void {
  if (!(error instanceof RouterError)) throw error;
  say(error.message);
}

function refuseDebugging(): boolean {
  const refused = refusedSwitches({
    isPackaged: app.isPackaged,
    isInspectable: inspectorUrl() !== undefined,
    found: findDebugSwitches((name) => app.commandLine.hasSwitch(name)),
  });
  if (refused.length > 0) say(`refusing to start with --${refused.join(', --')}`);
  return refused.length > 0;
}

function prepareWindow(): RouterWindow {
  // In memory only: the window leaves nothing on the disk.
  const ownSession = session.fromPartition('router', { cache: false });
  ownSession.protocol.handle(APP_SCHEME, createAppProtocol({ root: join(root, 'out/renderer'), readFile }));
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(appMenuTemplate({ platform: process.platform, isPackaged: app.isPackaged })),
  );
  return createRouterWindow({
    BrowserWindow,
    nativeTheme,
    session: ownSession,
    preloadPath: join(root, 'out/preload/index.cjs'),
    iconPath: join(assets, 'icon.png'),
    isPackaged: app.isPackaged,
    now: Date.now,
  });
}

function connectWindow(router: DesktopRouter, window: RouterWindow): void {
  registerIpc({
    ipcMain,
    handlers: createHandlers(router, {}),
    isTrusted: (sender) => isTrustedSender(sender, { contentsId: window.contentsId(), origin: APP_ORIGIN }),
    onBug: reportBug,
  });
  pushEvents(router, window.push);
}

function showInTray(router: DesktopRouter, window: RouterWindow, quit: () => void): TrayIcon {
  const time = new Intl.DateTimeFormat(app.getLocale(), { timeStyle: 'short' });
  const view = (): ReturnType<typeof trayView> => trayView(router.appStatus(), (at) => time.format(at));
  const actions: Readonly<Record<TrayAction, () => void>> = {
    connect: () => void router.connect().catch(reportBug),
    disconnect: () => void router.disconnect().catch(reportBug),
    'lock-down': () => void router.security.lockDown('tray').catch(reportBug),
    'open-window': window.show,
    quit,
  };
  const tray = createTray(
    { Tray, Menu, nativeImage },
    {
      first: view(),
      iconFolder: join(assets, 'tray'),
      platform: process.platform,
      perform: (action) => actions[action](),
    },
  );
  router.onStatus(() => tray.show(view()));
  return tray;
}

/** Drains; a keychain call that blocks would hold up the end until somebody answers its prompt. */
async function stopRouter(router: DesktopRouter): Promise<void> {
  await router.stop();
  if (router.isKeychainBusy()) process.kill(process.pid, 'SIGKILL');
}

async function start(): Promise<RouterWindow> {
  const router = createDesktopRouter({
    version: app.getVersion(),
    isPackaged: app.isPackaged,
    argv: process.argv,
    env: process.env,
    openPath: (path) => shell.openPath(path),
  });
  const window = prepareWindow();
  const lifecycle = manageLifecycle(app, {
    showWindow: window.show,
    stop: () => stopRouter(router),
    onBug: reportBug,
  });
  connectWindow(router, window);
  notifyOfEvents(router, { Notification, showWindow: window.show });
  const tray = showInTray(router, window, lifecycle.quit);
  app.on('will-quit', tray.close);
  if (!isStartedHidden(process.argv)) window.show();
  await router.start().catch(onlyExpected);
  return window;
}

function main(): void {
  // A terminal that went away must not end the app, nor show an error.
  process.stderr.on('error', () => undefined);
  if (refuseDebugging()) return app.exit(2);
  hardenApp(app);
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true } },
  ]);
  const isFirst = claimSingleInstance(app, () => void started.then((window) => window.show(), reportBug));
  if (!isFirst) return app.exit(0);
  const started = app.whenReady().then(start);
  started.catch((error: unknown) => {
    reportBug(error);
    dialog.showErrorBox('MCP Router cannot start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  });
}

main();
