import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { createDesktopRouter } from '../../src/main/desktop-core';
import type { DesktopRouter } from '../../src/main/desktop-router';
import { TemporaryHome } from '../support/router-process';

let home: TemporaryHome;
let router: DesktopRouter | null = null;
const opened: string[] = [];

beforeEach(() => {
  home = new TemporaryHome();
  opened.length = 0;
});

afterEach(async () => {
  await router?.stop();
  router = null;
  home.remove();
});

/** The app without Electron, with a configuration at that path. */
function launch(name: string): DesktopRouter {
  const path = home.write(name, 'gateway: { url: "ws://127.0.0.1:9/", auth: { type: none } }\n');
  return createDesktopRouter({
    version: '0.0.0',
    isPackaged: false,
    argv: [],
    env: { HOME: home.path, MCP_ROUTER_CONFIG: path, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' },
    home: home.path,
    openPath: (asked) => {
      opened.push(asked);
      return Promise.resolve('');
    },
  });
}

it.each(['mcp-router.yaml', 'mine.YML'])(
  'SEC-115 opens the configuration file %s, and no other',
  async (name) => {
    router = launch(name);
    expect(await router.pages.settings['settings.open-file']()).toEqual({ ok: true });
    expect(opened).toEqual([join(home.path, name)]);
  },
);

it.each(['router.sh', 'router.desktop', 'router', 'router.yaml.exe'])(
  'SEC-115 starts nothing for a configuration file called %s',
  async (name) => {
    router = launch(name);
    expect(await router.pages.settings['settings.open-file']()).toMatchObject({ ok: false });
    expect(opened).toEqual([]);
  },
);
