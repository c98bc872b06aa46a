import { describe, expect, it } from 'vitest';

import {
  configSearchPaths,
  defaultSocketPath,
  expandHome,
  ownConfigPath,
  runtimeFolder,
  usualSocketPaths,
  stateFolder,
  type Place,
} from '../../../src/main/platform/paths';

const linux: Place = { platform: 'linux', env: {}, home: '/home/ann' };
const mac: Place = { platform: 'darwin', env: { TMPDIR: '/var/folders/xy/T/' }, home: '/Users/ann' };
const windows: Place = {
  platform: 'win32',
  env: { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming', LOCALAPPDATA: 'C:\\Users\\ann\\AppData\\Local' },
  home: 'C:\\Users\\ann',
};
const homeless: Place = { platform: 'linux', env: {}, home: undefined };

describe('configSearchPaths', () => {
  it('goes from the guide’s file over the own folder to the system', () => {
    expect(configSearchPaths(linux)).toEqual([
      '/home/ann/.config/claude-cli/mcp-router.yaml',
      '/home/ann/.config/mcp-router/mcp-router.yaml',
      '/etc/mcp/mcp-router.yaml',
    ]);
    expect(configSearchPaths(mac)).toEqual([
      '/Users/ann/.config/claude-cli/mcp-router.yaml',
      '/Users/ann/Library/Application Support/mcp-router/mcp-router.yaml',
      '/etc/mcp/mcp-router.yaml',
    ]);
    expect(configSearchPaths(windows)).toEqual([
      'C:\\Users\\ann\\.config\\claude-cli\\mcp-router.yaml',
      'C:\\Users\\ann\\AppData\\Roaming\\mcp-router\\mcp-router.yaml',
    ]);
  });

  it('follows XDG_CONFIG_HOME, but not a relative one', () => {
    expect(configSearchPaths({ ...linux, env: { XDG_CONFIG_HOME: '/cfg' } })[1]).toBe(
      '/cfg/mcp-router/mcp-router.yaml',
    );
    expect(ownConfigPath({ ...linux, env: { XDG_CONFIG_HOME: 'cfg' } })).toBe(
      '/home/ann/.config/mcp-router/mcp-router.yaml',
    );
  });

  it.each([undefined, '', 'not/absolute'])('works without a home folder (%s)', (home) => {
    const place = { ...homeless, home };
    expect(configSearchPaths(place)).toEqual(['/etc/mcp/mcp-router.yaml']);
    expect(ownConfigPath(place)).toBeUndefined();
    expect(stateFolder(place)).toBeUndefined();
    expect(runtimeFolder(place, 1000)).toBe('/tmp/mcp-router-1000');
  });
});

describe('expandHome', () => {
  it('replaces the tilde of the own user only', () => {
    expect(expandHome('~/.mcp/token', linux)).toBe('/home/ann/.mcp/token');
    expect(expandHome('~', linux)).toBe('/home/ann');
    expect(expandHome('~bob/token', linux)).toBe('~bob/token');
    expect(expandHome('/etc/~/token', linux)).toBe('/etc/~/token');
    expect(expandHome('~\\.mcp\\token', windows)).toBe('C:\\Users\\ann\\.mcp\\token');
  });

  it('has no answer without a home folder', () => {
    expect(expandHome('~/.mcp/token', homeless)).toBeUndefined();
    expect(expandHome('/etc/mcp/token', homeless)).toBe('/etc/mcp/token');
  });
});

describe('where a router is looked for', () => {
  const inState = '/home/ann/.local/state/mcp-router/run/router.sock';
  const ofLogin = '/run/user/1000/mcp-router/router.sock';

  it.each([
    ['the variables of a login', { XDG_RUNTIME_DIR: '/run/user/1000' }, [ofLogin, inState]],
    ['HOME alone, as clients start their servers', {}, [ofLogin, inState]],
    ['a folder of its own', { XDG_RUNTIME_DIR: '/own' }, ['/own/mcp-router/router.sock', inState]],
  ])('with %s', (_name, env, paths) => {
    expect(usualSocketPaths({ ...linux, env }, 1000)).toEqual(paths);
  });

  it('on macOS at the same place whatever the variables are', () => {
    const path = '/Users/ann/Library/Application Support/mcp-router/run/router.sock';
    expect(usualSocketPaths(mac, 501)).toEqual([path]);
    expect(usualSocketPaths({ ...mac, env: {} }, 501)).toEqual([path]);
  });
});

describe('state and sockets', () => {
  it('keeps state where each platform wants it', () => {
    expect(stateFolder(linux)).toBe('/home/ann/.local/state/mcp-router');
    expect(stateFolder({ ...linux, env: { XDG_STATE_HOME: '/state' } })).toBe('/state/mcp-router');
    expect(stateFolder(mac)).toBe('/Users/ann/Library/Application Support/mcp-router');
    expect(stateFolder(windows)).toBe('C:\\Users\\ann\\AppData\\Local\\mcp-router');
    expect(stateFolder({ ...windows, env: {} })).toBe('C:\\Users\\ann\\AppData\\Local\\mcp-router');
  });

  it('puts sockets into the private folder of the session, or into state', () => {
    const session = { ...linux, env: { XDG_RUNTIME_DIR: '/run/user/1000' } };
    expect(defaultSocketPath(session, 1000)).toBe('/run/user/1000/mcp-router/router.sock');
    expect(runtimeFolder(linux, 1000)).toBe('/home/ann/.local/state/mcp-router/run');
    expect(runtimeFolder(mac, 501)).toBe('/Users/ann/Library/Application Support/mcp-router/run');
    expect(runtimeFolder({ ...mac, home: `/Users/${'a'.repeat(60)}` }, 501)).toBe(
      '/var/folders/xy/T/mcp-router',
    );
    expect(defaultSocketPath({ ...windows, env: { USERNAME: 'ann' } }, null)).toBe(
      '\\\\.\\pipe\\mcp-router-ann',
    );
  });
});
