import type { ElectronApplication, Page } from 'playwright-core';
import type { DesktopSession } from './desktop-app';
import { launchDesktopApp, startDesktopSession } from './desktop-app';
import type { RouterWindow } from './router-window';
import { routerWindow } from './router-window';
import type { TrayWatcher } from './tray-watcher';
import { startTrayWatcher } from './tray-watcher';

/** The running app with its window. */
export interface RunningApp {
  readonly app: ElectronApplication;
  readonly window: RouterWindow;
  /** What the page said on its console, and what it threw. */
  readonly console: readonly string[];
}

/** A person's desk: a session with a keyring and a panel, on which the app is started and ended. */
export interface Desk {
  readonly session: DesktopSession;
  readonly tray: TrayWatcher;
  /** Starts the app and waits for its window and its tray icon. */
  start(environment?: Readonly<Record<string, string>>): Promise<RunningApp>;
  /** Starts the app as at login: in the tray, without a window. */
  startHidden(): Promise<ElectronApplication>;
  /** Ends the app if it runs, then the session. The home stays. */
  close(): Promise<void>;
}

/** What is on the desk. */
export interface DeskOptions {
  /** A packed app that lets itself be inspected (scripts/inspectable-copy.mjs), in place of the built files. */
  readonly executablePath?: string;
}

/** Playwright cannot hold back a packed app until it watches for windows: it starts without one, and is told to open it. */
async function openedWindow(app: ElectronApplication): Promise<Page> {
  const opened = app.waitForEvent('window');
  await app.evaluate(({ app: running }) => running.emit('activate'));
  return opened;
}

/** Sets up a desk. `earlierHome` continues where another desk left off. */
export async function setUpDesk(
  keyring: Parameters<typeof startDesktopSession>[0],
  earlierHome?: string,
  options: DeskOptions = {},
): Promise<Desk> {
  const session = await startDesktopSession(keyring, earlierHome);
  const tray = await startTrayWatcher(session.environment['DBUS_SESSION_BUS_ADDRESS'] ?? '');
  const running = new Set<ElectronApplication>();
  const launch = async (
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ElectronApplication> => {
    const app = await launchDesktopApp({ session, args, environment, ...options });
    running.add(app);
    app.once('close', () => running.delete(app));
    return app;
  };
  return {
    session,
    tray,
    startHidden: async () => {
      const app = await launch(['--hidden']);
      await tray.waitForItem();
      return app;
    },
    start: async (environment) => {
      const isPacked = options.executablePath !== undefined;
      const app = await launch(isPacked ? ['--hidden'] : [], environment);
      const said: string[] = [];
      if (isPacked) await tray.waitForItem();
      const page = await (isPacked ? openedWindow(app) : app.firstWindow());
      page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => said.push(`thrown: ${error.message}`));
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (!isPacked) await tray.waitForItem();
      return { app, window: routerWindow(page), console: said };
    },
    close: async () => {
      await session.evidence.look();
      for (const app of running) await app.close();
      tray.close();
      await session.close();
    },
  };
}
