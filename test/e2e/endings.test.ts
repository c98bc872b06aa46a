import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { launchable, resolveElectron } from '../../scripts/electron-runtime.mjs';
import { setUpDesk, type Desk } from '../support/desk';
import { isSandboxImpossible } from '../support/desktop-app';

let desk: Desk;

beforeEach(async () => {
  desk = await setUpDesk('unlocked');
});

afterEach(() => desk.close());

describe('the app without a configuration', () => {
  it('ends in order when it is told to by a signal', async () => {
    const { app } = await desk.start();
    const ended = once(app.process(), 'exit');
    app.process().kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('goes on when the terminal that it writes to goes away', async () => {
    const { executablePath, args } = launchable(await resolveElectron());
    const sandbox = isSandboxImpossible() ? ['--no-sandbox'] : [];
    // Chromium's own log goes to stderr as well, so that there is something to write after it was closed.
    const app = spawn(executablePath, [...sandbox, ...args, '--hidden'], {
      env: { ...process.env, ...desk.session.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    app.stderr.destroy();
    await desk.tray.waitForItem();
    const ended = once(app, 'exit');
    await desk.tray.click('Quit');
    expect(await ended).toEqual([0, null]);
  });
});
