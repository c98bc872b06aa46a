import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDesktopRouter } from '../../src/main/desktop-core';
import type { DesktopRouter } from '../../src/main/desktop-router';
import { ChangeSignal } from '../support/change-signal';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { TemporaryHome } from '../support/router-process';

const TOKEN = 'memory-token-0123456789';
let home: TemporaryHome;
let gateway: Gateway;
const running: DesktopRouter[] = [];

/** The desktop app without Electron, where no keychain is reachable. */
async function launch(
  config: string,
): Promise<{ router: DesktopRouter; shown(state: string): Promise<void> }> {
  const changes = new ChangeSignal();
  const env = {
    MCP_METRICS_ENABLED: 'false',
    HOME: home.path,
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
    MCP_ROUTER_CONFIG: config,
  };
  const router = createDesktopRouter({
    version: '0.0.0',
    isPackaged: false,
    argv: [],
    env,
    home: home.path,
  });
  running.push(router);
  router.onStatus(() => {
    changes.changed();
  });
  await router.start();
  return { router, shown: (state) => changes.until(state, () => router.appStatus().router.shown === state) };
}

beforeEach(async () => {
  home = new TemporaryHome();
  gateway = await startGateway({ backend: echoBackend(), auth: { kind: 'tokens', tokens: [TOKEN] } });
});

afterEach(async () => {
  for (const router of running.splice(0)) await router.stop();
  await gateway.stop();
  home.remove();
});

describe('token_storage: memory', () => {
  it('SEC-27 holds the token that the window got until the program ends, and writes it nowhere', async () => {
    const config = home.write(
      'router.yaml',
      `gateway:\n  url: ${gateway.url}\n  auth: { type: bearer, token_storage: memory, token_secure_key: mine }\nlogging: { level: error }\n`,
    );
    const first = await launch(config);
    await first.shown('failed');
    expect(await first.router.saveConnection({ url: gateway.url, token: TOKEN })).toEqual({ ok: true });
    await first.shown('connected');
    expect(first.router.appStatus().router.credential).toEqual({ source: 'memory', name: 'mine' });
    expect(await first.router.connectionSettings()).toMatchObject({
      tokenSource: { kind: 'memory', name: 'mine' },
      isTokenEditable: true,
    });
    await first.router.stop();
    for (const entry of readdirSync(home.path, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) {
        expect(readFileSync(join(entry.parentPath, entry.name), 'utf8')).not.toContain(TOKEN);
      }
    }
    const second = await launch(config);
    await second.shown('failed');
    expect(second.router.appStatus().router.cause?.code).toBe('credential-missing');
  });
});
