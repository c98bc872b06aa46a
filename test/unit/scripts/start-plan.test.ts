import { describe, expect, it } from 'vitest';
import {
  chooseSource,
  configSearchPaths,
  isDesktopStart,
  parseStartOptions,
} from '../../../scripts/start/start-plan.mjs';
import { configSearchPaths as routerSearchPaths } from '../../../src/main/platform/paths';

const linux = { platform: 'linux', env: {}, home: '/home/a' } as const;

describe('the options of npm start', () => {
  it('are three', () => {
    expect(parseStartOptions(['--headless', '--once', '--config', 'x.yaml'])).toEqual({
      isHeadless: true,
      isOnce: true,
      configPath: 'x.yaml',
    });
  });

  it('name what is unknown', () => {
    expect(parseStartOptions(['--hedless'])).toHaveProperty('problem', expect.stringContaining('--hedless'));
  });
});

describe('what npm start runs with', () => {
  const only =
    (...paths: string[]) =>
    (path: string): boolean =>
      paths.includes(path);

  it.each([
    ['a named file', '/x.yaml', {}, only('/x.yaml'), { kind: 'file', path: '/x.yaml' }],
    ['a named file that is not there', '/x.yaml', {}, only(), { kind: 'missing', path: '/x.yaml' }],
    [
      'a file of the environment',
      undefined,
      { MCP_ROUTER_CONFIG: '/e' },
      only('/e'),
      { kind: 'file', path: '/e' },
    ],
    [
      'a lost file of the environment',
      undefined,
      { MCP_ROUTER_CONFIG: '/e' },
      only(),
      { kind: 'missing', path: '/e' },
    ],
    [
      'a file in its place',
      undefined,
      {},
      only('/etc/mcp/mcp-router.yaml'),
      { kind: 'file', path: '/etc/mcp/mcp-router.yaml' },
    ],
    ['the environment alone', undefined, { MCP_GATEWAY_URL: 'wss://x' }, only(), { kind: 'environment' }],
    ['nothing', undefined, {}, only(), { kind: 'demo' }],
  ])('%s', (...[, configPath, env, exists, source]) => {
    expect(chooseSource(configPath, { ...linux, env }, exists)).toEqual(source);
  });

  it.each([
    linux,
    { ...linux, env: { XDG_CONFIG_HOME: '/x' } },
    { ...linux, env: { XDG_CONFIG_HOME: 'relative' } },
    { ...linux, home: undefined },
    { ...linux, platform: 'darwin' as const, home: '/Users/a' },
    { platform: 'win32' as const, env: { APPDATA: 'C:\\Users\\a\\AppData\\Roaming' }, home: 'C:\\Users\\a' },
    { platform: 'win32' as const, env: {}, home: 'C:\\Users\\a' },
  ])('looks where the router looks: %o', (place) => {
    expect(configSearchPaths(place)).toEqual(routerSearchPaths(place));
  });
});

describe('tray and window', () => {
  const options = { isHeadless: false, isOnce: false, configPath: undefined };

  it.each([
    [options, { DISPLAY: ':0' }, 'linux', true],
    [options, { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
    [options, {}, 'linux', false],
    [options, { DISPLAY: '' }, 'linux', false],
    [options, {}, 'darwin', true],
    [options, {}, 'win32', true],
    [{ ...options, isHeadless: true }, { DISPLAY: ':0' }, 'linux', false],
    [{ ...options, isOnce: true }, {}, 'darwin', false],
  ] as const)('%o with %o on %s: %s', (wanted, env, platform, expected) => {
    expect(isDesktopStart(wanted, { platform, env })).toBe(expected);
  });
});
