import { EventEmitter } from 'node:events';
import type { App } from 'electron';
import { describe, expect, it } from 'vitest';
import { claimSingleInstance, isStartedHidden, manageLifecycle } from '../../../src/main/lifecycle';
import { mayReload } from '../../../src/main/window';

/** The parts of Electron's app that are used here. */
class FakeApp extends EventEmitter {
  readonly done: string[] = [];
  constructor(private readonly hasLock = true) {
    super();
  }

  requestSingleInstanceLock(): boolean {
    return this.hasLock;
  }

  quit(): void {
    const answers = ['quit'];
    this.emit('before-quit', { preventDefault: () => answers.unshift('held back') });
    this.done.push(...answers.slice(0, 1));
  }

  asApp(): App {
    return this as unknown as App; // the rest of the real one is not looked at
  }
}

function setUp(stop: () => Promise<void>) {
  const app = new FakeApp();
  const bugs: unknown[] = [];
  let windows = 0;
  const lifecycle = manageLifecycle(app.asApp(), {
    showWindow: () => (windows += 1),
    stop,
    onBug: (error) => bugs.push(error),
  });
  return { app, bugs, lifecycle, windows: () => windows };
}

describe('manageLifecycle', () => {
  it('drains before it quits, once', async () => {
    let finish = (): void => undefined;
    let stops = 0;
    const { app, lifecycle } = setUp(() => {
      stops += 1;
      return new Promise((resolve) => (finish = resolve));
    });
    lifecycle.quit();
    lifecycle.quit();
    expect(app.done).toEqual(['held back', 'held back']);
    finish();
    await expect.poll(() => app.done.at(-1)).toBe('quit');
    expect(stops).toBe(1);
  });

  it('quits although draining failed, and reports why', async () => {
    const reason = new Error('the socket is stuck');
    const { app, bugs, lifecycle } = setUp(() => Promise.reject(reason));
    lifecycle.quit();
    await expect.poll(() => app.done.at(-1)).toBe('quit');
    expect(bugs).toEqual([reason]);
  });

  it('stays in the tray when the last window closes, and opens one on macOS when asked', () => {
    const { app, windows } = setUp(() => Promise.resolve());
    expect(app.listenerCount('window-all-closed')).toBe(1);
    app.emit('window-all-closed');
    expect(app.done).toEqual([]);
    app.emit('activate');
    expect(windows()).toBe(1);
  });
});

describe('claimSingleInstance', () => {
  it('shows the window of the first copy when a second starts', () => {
    const app = new FakeApp();
    let shown = 0;
    expect(claimSingleInstance(app.asApp(), () => (shown += 1))).toBe(true);
    app.emit('second-instance');
    expect(shown).toBe(1);
  });

  it('tells a second copy that it is one', () => {
    expect(claimSingleInstance(new FakeApp(false).asApp(), () => undefined)).toBe(false);
  });
});

describe('isStartedHidden', () => {
  it('knows the switch', () => {
    expect(isStartedHidden(['electron', '.', '--hidden'], false)).toBe(true);
    expect(isStartedHidden(['electron', '.'], false)).toBe(false);
    expect(isStartedHidden(['electron', '.'], true)).toBe(true);
  });
});

describe('mayReload', () => {
  it('reloads a page that died, but not one that always dies', () => {
    const now = 1_000_000;
    expect(mayReload([], now)).toBe(true);
    expect(mayReload([now - 1, now - 2, now - 3, now - 4], now)).toBe(true);
    expect(mayReload([now - 1, now - 2, now - 3, now - 4, now - 5], now)).toBe(false);
    expect(mayReload([now - 60_001, now - 2, now - 3, now - 4, now - 5], now)).toBe(true);
  });
});
