import type { App } from 'electron';

/** Quits the app in order. */
export interface Lifecycle {
  quit(): void;
}

/** True when this is the only running copy; a later copy makes this one call `onSecondLaunch` and ends itself. */
export function claimSingleInstance(app: App, onSecondLaunch: () => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', onSecondLaunch);
  return true;
}

/** Keeps the app alive without a window, and drains before it ends. */
export function manageLifecycle(
  app: App,
  options: {
    readonly showWindow: () => void;
    /** Drains; bounded by itself. */
    readonly stop: () => Promise<void>;
    readonly onBug: (error: unknown) => void;
  },
): Lifecycle {
  let phase: 'running' | 'stopping' | 'stopped' = 'running';
  // A listener is what keeps the app in the tray when its last window closes.
  app.on('window-all-closed', () => undefined);
  app.on('activate', options.showWindow);
  app.on('before-quit', (event) => {
    if (phase === 'stopped') return;
    event.preventDefault();
    if (phase === 'stopping') return;
    phase = 'stopping';
    void options
      .stop()
      .catch(options.onBug)
      .finally(() => {
        phase = 'stopped';
        // Not within the event: Electron forgets a quit that is asked for while it handles one.
        setImmediate(() => app.quit());
      });
  });
  return { quit: () => app.quit() };
}

/**
 * True when the app was started to stay in the background.
 *
 * @param isHiddenAtLogin what the person wants where the system started it and passes no argument on
 */
export function isStartedHidden(argv: readonly string[], isHiddenAtLogin: boolean): boolean {
  return argv.includes('--hidden') || isHiddenAtLogin;
}
