import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { launchable, resolveElectron } from '../../scripts/electron-runtime.mjs';
import { setUpDesk, type Desk } from '../support/desk';
import { isSandboxImpossible } from '../support/desktop-app';

let desk: Desk;

beforeEach(async () => {
  desk = await setUpDesk('unlocked');
});

afterEach(() => desk.close());

describe('the app', () => {
  it('without a configuration ends in order when it is told to by a signal', async () => {
    const { app } = await desk.start();
    const ended = once(app.process(), 'exit');
    app.process().kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('goes on when the terminal that it writes to goes away', async () => {
    const folder = join(desk.session.home, '.config/claude-cli');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const config = 'gateway: { url: "ws://127.0.0.1:9/", auth: { type: none } }\n';
    await writeFile(join(folder, 'mcp-router.yaml'), config, { mode: 0o600 });
    const { executablePath, args } = launchable(await resolveElectron());
    const sandbox = isSandboxImpossible() ? ['--no-sandbox'] : [];
    const app = spawn(executablePath, [...sandbox, ...args, '--hidden'], {
      env: { ...process.env, MCP_METRICS_ENABLED: 'false', ...desk.session.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // The log goes there, and each try to connect is a line of it.
    app.stderr.destroy();
    await desk.tray.waitForItem();
    await expect.poll(async () => (await desk.tray.menu())[0]?.label).toContain('cannot be reached');
    const ended = once(app, 'exit');
    await desk.tray.click('Quit');
    expect(await ended).toEqual([0, null]);
  });
});
