import { readFile } from 'node:fs/promises';
import { url as inspectorUrl } from 'node:inspector';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  nativeTheme,
  Notification,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  Tray,
} from 'electron';
import { appMenuTemplate } from './app-menu';
import { APP_ORIGIN, APP_SCHEME, createAppProtocol } from './app-protocol';
import { RouterError } from '../shared/model/errors';
import { createAppMachine } from './compose/app-preferences';
import { runCommandLine } from './cli/command-line';
import { processFacts } from './compose';
import type { SaveQuestion } from './compose/desktop-audit';
import { createDesktopRouter } from './desktop-core';
import type { DesktopRouter } from './desktop-router';
import { fileDialog } from './file-dialog';
import { findDebugSwitches, hardenApp, refusedSwitches } from './hardening';
import { createHandlers } from './ipc/handlers';
import { pushEvents } from './ipc/push';
import { registerIpc } from './ipc/register';
import { isTrustedSender } from './ipc/sender';
import { claimSingleInstance, isStartedHidden, manageLifecycle } from './lifecycle';
import { createLoginItems } from './login-item';
import { notifyOfEvents } from './notifications';
import { followPower } from './power';
import { openPreferences, type AppPreferencesDesk } from './preferences';
import { serveOnStdio, stdioArguments } from './stdio-start';
import { createTray } from './tray';
import type { TrayIcon } from './tray';
import { showWithoutTray } from './tray-host';
import { trayView } from './tray-view';
import type { TrayAction } from './tray-view';
import { createRouterWindow } from './window';
import type { RouterWindow } from './window';

const pause = (delayMs: number): Promise<void> => delay(delayMs, undefined, { ref: false });
const root = join(import.meta.dirname, '../..');
const assets = join(root, 'assets');

/** The system's own dialog, in front of our window. */
async function chooseSavePath({ title, name }: SaveQuestion): Promise<string | null> {
  const options = { title, defaultPath: join(app.getPath('documents'), name) };
  const [window] = BrowserWindow.getAllWindows();
  const { canceled, filePath } = await (window === undefined
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  return canceled || filePath === '' ? null : filePath;
}

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
    screen,
    session: ownSession,
    preloadPath: join(root, 'out/preload/index.cjs'),
    iconPath: join(assets, 'icon.png'),
    isPackaged: app.isPackaged,
    now: Date.now,
  });
}

function connectWindow(router: DesktopRouter, window: RouterWindow, preferences: AppPreferencesDesk): void {
  registerIpc({
    ipcMain,
    handlers: createHandlers(router, preferences.handlers),
    isTrusted: (sender) => isTrustedSender(sender, { contentsId: window.contentsId(), origin: APP_ORIGIN }),
    onBug: reportBug,
  });
  pushEvents(router, window.push);
  preferences.onChange((changed) => window.push('preferences.changed', changed));
}

function showInTray({ router, window, preferences }: Desktop, quit: () => void): TrayIcon {
  const time = new Intl.DateTimeFormat(app.getLocale(), { timeStyle: 'short' });
  const view = (): ReturnType<typeof trayView> =>
    trayView(router.appStatus(), preferences.current().login, (at) => time.format(at));
  const actions: Readonly<Record<TrayAction, () => void>> = {
    connect: () => void router.connect().catch(reportBug),
    disconnect: () => void router.disconnect().catch(reportBug),
    'lock-down': () => void router.security.lockDown('tray').catch(reportBug),
    'open-window': () => window.show(),
    'rotate-token': () => window.show('credentials'),
    'toggle-login-item': () =>
      void preferences.setLoginItem(preferences.current().login.kind !== 'on').catch(reportBug),
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
  preferences.onChange(() => tray.show(view()));
  return tray;
}

/** What the parts of the desktop app share. */
interface Desktop {
  readonly router: DesktopRouter;
  readonly window: RouterWindow;
  readonly preferences: AppPreferencesDesk;
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
    chooseFile: fileDialog({ dialog, BrowserWindow }),
    chooseSavePath,
    openPath: (path) => shell.openPath(path),
    cliPath: join(root, 'out/cli/mcp-router.js'),
  });
  const machine = createAppMachine();
  const appPath = app.isPackaged ? null : app.getAppPath();
  const preferences = await openPreferences({
    file: machine.file,
    loginItems: createLoginItems(app, machine, { platform: process.platform, appPath }),
    nativeTheme,
    say,
  });
  const window = prepareWindow();
  const lifecycle = manageLifecycle(app, {
    showWindow: () => window.show(),
    stop: () => stopRouter(router),
    onBug: reportBug,
  });
  connectWindow(router, window, preferences);
  notifyOfEvents(router, {
    Notification,
    showPage: window.show,
    choice: () => preferences.current().notifications,
    now: Date.now,
  });
  followPower(powerMonitor, router, reportBug);
  const tray = showInTray({ router, window, preferences }, lifecycle.quit);
  app.on('will-quit', tray.close);
  const isAtLogin = app.getLoginItemSettings().wasOpenedAtLogin;
  if (isStartedHidden(process.argv, isAtLogin && preferences.current().startsHidden)) {
    void showWithoutTray({ ...machine, pause, showWindow: () => window.show() }).catch(reportBug);
  } else window.show();
  await router.start().catch(onlyExpected);
  return window;
}

async function main(): Promise<void> {
  // A terminal that went away must not end the app, nor show an error.
  process.stderr.on('error', () => undefined);
  if (refuseDebugging()) {
    app.exit(2);
    return;
  }
  const stdio = stdioArguments(process.argv);
  if (stdio !== null) {
    const run = (): Promise<number> =>
      runCommandLine(stdio, { facts: processFacts(process), isClientOnStdin: true });
    return serveOnStdio({ app, process, say, onBug: reportBug, run });
  }
  startDesktop();
}

function startDesktop(): void {
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

// Electron begins when this is over. Nothing here may wait for it to be ready.
await main();
