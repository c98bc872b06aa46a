import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDesktopRouter } from '../../src/main/desktop-core';
import type { DesktopRouter } from '../../src/main/desktop-router';
import { ChangeSignal } from '../support/change-signal';
import { echoBackend } from '../support/gateway/backend-function';
import { startGateway, type Gateway } from '../support/gateway/gateway';
import { TemporaryHome } from '../support/router-process';

const TOKEN = 'desktop-token-0123456789';

let home: TemporaryHome;
let gateway: Gateway;
let router: DesktopRouter;
let changes: ChangeSignal;

/** The desktop app without Electron, in an empty home without a keychain. */
function launch(env: Record<string, string> = {}): void {
  changes = new ChangeSignal();
  router = createDesktopRouter({
    version: '0.0.0',
    isPackaged: false,
    argv: [],
    env: {
      HOME: home.path,
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
      MCP_METRICS_ENABLED: 'false',
      ...env,
    },
    home: home.path,
  });
  router.onStatus(() => {
    changes.changed();
  });
}

const shown = (state: string): Promise<void> =>
  changes.until(state, () => router.appStatus().router.shown === state, 10_000);
const configPath = (): string => join(home.path, '.config/claude-cli/mcp-router.yaml');
const configOf = (auth: string): string =>
  `# mine\ngateway:\n  url: ${gateway.url}\n  auth: ${auth}\nlogging: { level: error }\n`;

beforeEach(async () => {
  home = new TemporaryHome();
  gateway = await startGateway({ backend: echoBackend(), auth: { kind: 'tokens', tokens: [TOKEN] } });
});

afterEach(async () => {
  await router.stop();
  await gateway.stop();
  home.remove();
});

describe('the desktop core', () => {
  it('starts without a configuration and says where one will be', async () => {
    launch();
    await router.start();
    expect(router.appStatus()).toMatchObject({
      isConfigured: false,
      isDemo: false,
      configPath: configPath(),
      router: { shown: 'disconnected', gatewayUrl: null },
    });
    expect(await router.connect()).toMatchObject({ ok: false, code: 'config-unreadable' });
  });

  it('connects at start, disconnects and connects again', async () => {
    const config = home.write('router.yaml', configOf('{ type: bearer, token_env: T }'));
    launch({ MCP_ROUTER_CONFIG: config, T: TOKEN });
    await router.start();
    await shown('connected');
    expect(await router.connectionSettings()).toEqual({
      url: gateway.url,
      tokenSource: { kind: 'environment', name: 'T' },
      isTokenEditable: false,
    });
    await router.disconnect();
    expect(router.appStatus().router.shown).toBe('disconnected');
    expect(await router.connect()).toEqual({ ok: true });
    await shown('connected');
    expect(router.recentEvents().map(({ kind }) => kind)).toContain('switched');
  });

  it('SEC-73 uses a configuration that appears, a swapped token file and an edited file by itself', async () => {
    launch();
    await router.start();
    const token = home.write('token', TOKEN);
    mkdirSync(dirname(configPath()), { recursive: true, mode: 0o700 });
    home.write('.config/claude-cli/mcp-router.yaml', configOf(`{ type: bearer, token_file: ${token} }`));
    await shown('connected');
    gateway.reconfigure({ auth: { kind: 'tokens', tokens: ['next-token-0123456789'] } });
    home.write('token', 'next-token-0123456789');
    await gateway.until('the new token', ({ recording }) =>
      recording.upgrades.some(({ headers }) => headers.authorization === 'Bearer next-token-0123456789'),
    );
    await shown('connected');
    home.write('.config/claude-cli/mcp-router.yaml', 'gateway: [');
    await changes.until('the mistake', () => router.appStatus().configProblems.length > 0);
    expect(router.appStatus().router.shown).toBe('connected');
    await router.disconnect();
    home.write(
      '.config/claude-cli/mcp-router.yaml',
      `${configOf('{ type: bearer, token_env: T }')}# other\n`,
    );
    await changes.until('the new file', () => router.appStatus().configProblems.length === 0);
    expect(router.appStatus().router.shown).toBe('disconnected');
  });

  it('refuses a bad address at its field and changes nothing', async () => {
    launch();
    await router.start();
    const result = await router.saveConnection({ url: 'ws://gateway.example.com/' });
    expect(result).toMatchObject({ ok: false, code: 'config-invalid', field: 'url' });
    expect(existsSync(configPath())).toBe(false);
  });

  it('SEC-08 writes nothing when there is no keychain for the token', async () => {
    launch();
    await router.start();
    const result = await router.saveConnection({ url: gateway.url, token: TOKEN });
    expect(result).toMatchObject({ ok: false, code: 'keychain-unavailable', field: 'token' });
    expect(existsSync(configPath())).toBe(false);
    expect(router.appStatus().keychain.kind).toBe('unavailable');
  });

  it('saves the address into a private file, keeps comments, and connects', async () => {
    const config = home.write(
      'router.yaml',
      configOf('{ type: none }').replace(gateway.url, 'wss://old.example/'),
    );
    await gateway.restart({ auth: { kind: 'none' } });
    launch({ MCP_ROUTER_CONFIG: config });
    await router.start();
    expect(await router.saveConnection({ url: gateway.url })).toEqual({ ok: true });
    await shown('connected');
    expect(readFileSync(config, 'utf8')).toBe(configOf('{ type: none }'));
    expect(statSync(config).mode & 0o777).toBe(0o600);
  });

  it('shows the line of a file that was broken by hand, keeps running, and recovers', async () => {
    const config = home.write('router.yaml', configOf('{ type: bearer, token_env: T }'));
    launch({ MCP_ROUTER_CONFIG: config, T: TOKEN });
    await router.start();
    await shown('connected');
    home.write('router.yaml', 'gateway:\n  urll: x\n');
    expect(await router.connect()).toMatchObject({ ok: false, code: 'config-invalid' });
    expect(router.appStatus()).toMatchObject({ isConfigured: false, router: { shown: 'connected' } });
    const lines = router.appStatus().configProblems.map(({ line, path }) => [path, line]);
    expect(lines).toContainEqual(['gateway.urll', 2]);
  });

  it('blocks a client by its name in the file, keeps comments, and lets it in again', async () => {
    const text = `# mine\n${configOf('{ type: bearer, token_env: T }')}`;
    const config = home.write('router.yaml', text);
    launch({ MCP_ROUTER_CONFIG: config, T: TOKEN });
    await router.start();
    await shown('connected');
    expect(await router.blockClient('Old helper')).toEqual({ ok: true });
    expect(router.appStatus().router.blockedClients).toEqual(['Old helper']);
    expect(readFileSync(config, 'utf8')).toBe(`${text}local:\n  blocked_clients:\n    - "Old helper"\n`);
    expect(await router.blockClient('Old helper')).toEqual({ ok: true });
    expect(await router.unblockClient('Old helper')).toEqual({ ok: true });
    expect(router.appStatus().router.blockedClients).toEqual([]);
    expect(readFileSync(config, 'utf8')).toBe(text);
    expect(await router.disconnectClient('gone')).toEqual({ ok: true });
  });

  it('says why it could not block a client, and blocks nobody', async () => {
    const config = home.write('router.yaml', configOf('{ type: bearer, token_env: T }'));
    launch({ MCP_ROUTER_CONFIG: config, T: TOKEN });
    await router.start();
    chmodSync(config, 0o666);
    expect(await router.blockClient('x')).toMatchObject({ ok: false, code: 'config-unreadable' });
    expect(router.appStatus().router.blockedClients).toEqual([]);
  });

  it('leaves the demo with its clients when a person enters a gateway', async () => {
    const demo = home.write(
      'demo.yaml',
      `${configOf('{ type: bearer, token_env: T }')}local: { socket: { enabled: true, path: ${home.path}/run/demo.sock } }\n`,
    );
    launch({ MCP_ROUTER_CONFIG: demo, MCP_ROUTER_DEMO: '1', T: TOKEN });
    await router.start();
    await shown('connected');
    expect(router.appStatus().isDemo).toBe(true);
    expect(existsSync(`${home.path}/run/demo.sock`)).toBe(true);
    expect(await router.connectionSettings()).toEqual({ url: '', tokenSource: null, isTokenEditable: true });

    const own = await startGateway({ backend: echoBackend() });
    try {
      expect(await router.saveConnection({ url: own.url })).toEqual({ ok: true });
      expect(existsSync(`${home.path}/run/demo.sock`)).toBe(false);
      expect(router.appStatus()).toMatchObject({
        isDemo: false,
        isConfigured: true,
        configPath: configPath(),
      });
      expect(readFileSync(demo, 'utf8')).toContain(gateway.url);
      await gateway.until('the demo is left', ({ connections }) => connections.length === 0);
    } finally {
      await router.stop();
      await own.stop();
    }
  });

  it('SEC-58 locks down for every program of the user, looks at the marker when it starts, and ends it with the word', async () => {
    const config = home.write('router.yaml', configOf('{ type: bearer, token_env: T }'));
    const env = { MCP_ROUTER_CONFIG: config, T: TOKEN };
    launch(env);
    await router.start();
    await shown('connected');
    expect(await router.security.lockDown('tray')).toEqual({ ok: true });
    expect(router.appStatus().router).toMatchObject({ shown: 'locked', lockdown: { by: 'tray' } });
    await gateway.until('no connection', ({ connections }) => connections.length === 0);
    await router.stop();
    launch(env);
    await router.start();
    await router.connect();
    expect(router.appStatus().router.shown).toBe('locked');
    expect(gateway.recording.upgrades).toHaveLength(1);
    expect(await router.security.release('yes')).toMatchObject({ ok: false });
    expect(await router.security.release('release')).toEqual({ ok: true });
    await shown('connected');
    expect((await router.security.posture()).kind).toBe('evaluated');
  });

  it('shows a lockdown where nothing is configured, and its end', async () => {
    launch({});
    await router.security.lockDown('tray');
    await router.stop();
    launch({});
    await router.start();
    expect(router.appStatus()).toMatchObject({
      isConfigured: false,
      router: { shown: 'locked', lockdown: { by: 'tray' } },
    });
    expect(await router.security.release('release')).toEqual({ ok: true });
    expect(router.appStatus().router).toMatchObject({ shown: 'disconnected', lockdown: null });
  });

  it('SEC-58 locks down itself at least where the marker cannot be written, and says so', async () => {
    const config = home.write('router.yaml', configOf('{ type: bearer, token_env: T }'));
    launch({ MCP_ROUTER_CONFIG: config, T: TOKEN });
    await router.start();
    await shown('connected');
    const state = join(home.path, '.local/state/mcp-router');
    rmSync(state, { recursive: true, force: true });
    mkdirSync(dirname(state), { recursive: true });
    writeFileSync(state, 'a file in place of the folder');
    const result = await router.security.lockDown('window');
    expect(result).toMatchObject({ ok: false, code: 'locked-down' });
    expect(router.appStatus().router.shown).toBe('locked');
  });

  it('tells events in batches, and keeps requests out of the list', async () => {
    const config = home.write('router.yaml', configOf('{ type: bearer, token_env: T }'));
    launch({ MCP_ROUTER_CONFIG: config, T: TOKEN });
    const told: string[] = [];
    router.onEvents((events) => {
      told.push(...events.map(({ kind }) => kind));
      changes.changed();
    });
    await router.start();
    await changes.until('the events', () => told.includes('connection-changed'));
    expect(told.filter((kind) => kind === 'engine-started')).toHaveLength(1);
    expect(JSON.stringify([router.appStatus(), router.recentEvents()])).not.toContain(TOKEN);
  });
});
