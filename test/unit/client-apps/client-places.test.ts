import { describe, expect, it } from 'vitest';

import { patternsFor } from '../../../src/main/platform/client-apps/client-app';
import { clientList } from '../../../src/main/platform/client-apps/client-list';
import { expandPattern, findClient } from '../../../src/main/platform/client-apps/client-places';
import { clientIds, type ClientId } from '../../../src/shared/model/client-apps';
import { useTemporaryHome } from '../platform/temporary-home';

const home = useTemporaryHome();

function places(
  id: ClientId,
  platform: NodeJS.Platform,
  env: Record<string, string> = {},
): readonly string[] {
  const place = { platform, env, home: platform === 'win32' ? 'C:\\Users\\u' : '/h' };
  const found = patternsFor(clientList[id].files, platform).map((pattern) => expandPattern(pattern, place));
  return found.flatMap((path) => (path === null ? [] : [path]));
}

describe('where clients keep their servers', () => {
  it.each([
    [
      'claude-desktop',
      '/h/.config/Claude/claude_desktop_config.json',
      '/h/Library/Application Support/Claude/claude_desktop_config.json',
      'C:\\Users\\u\\AppData\\Local\\Packages\\Claude_*\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json',
    ],
    ['claude-code', '/h/.claude.json', '/h/.claude.json', 'C:\\Users\\u\\.claude.json'],
    ['cursor', '/h/.cursor/mcp.json', '/h/.cursor/mcp.json', 'C:\\Users\\u\\.cursor\\mcp.json'],
    [
      'vscode',
      '/h/.config/Code/User/mcp.json',
      '/h/Library/Application Support/Code/User/mcp.json',
      'C:\\Users\\u\\AppData\\Roaming\\Code\\User\\mcp.json',
    ],
    [
      'vscode-insiders',
      '/h/.config/Code - Insiders/User/mcp.json',
      '/h/Library/Application Support/Code - Insiders/User/mcp.json',
      'C:\\Users\\u\\AppData\\Roaming\\Code - Insiders\\User\\mcp.json',
    ],
    [
      'windsurf',
      '/h/.codeium/windsurf/mcp_config.json',
      '/h/.codeium/windsurf/mcp_config.json',
      'C:\\Users\\u\\.codeium\\windsurf\\mcp_config.json',
    ],
    [
      'zed',
      '/h/.config/zed/settings.json',
      '/h/.config/zed/settings.json',
      'C:\\Users\\u\\AppData\\Roaming\\Zed\\settings.json',
    ],
    ['codex', '/h/.codex/config.toml', '/h/.codex/config.toml', 'C:\\Users\\u\\.codex\\config.toml'],
    [
      'gemini',
      '/h/.gemini/settings.json',
      '/h/.gemini/settings.json',
      'C:\\Users\\u\\.gemini\\settings.json',
    ],
  ] as const)('%s', (id, linux, darwin, win32) => {
    expect([places(id, 'linux')[0], places(id, 'darwin')[0], places(id, 'win32')[0]]).toEqual([
      linux,
      darwin,
      win32,
    ]);
  });

  it('follow the variables of the clients and of the platform; a relative folder is ignored', () => {
    expect(places('codex', 'linux', { CODEX_HOME: '/c' })[0]).toBe('/c/config.toml');
    expect(places('claude-code', 'linux', { CLAUDE_CONFIG_DIR: '/c' })[0]).toBe('/c/.claude.json');
    expect(places('gemini', 'linux', { GEMINI_CLI_HOME: '/g' })[0]).toBe('/g/.gemini/settings.json');
    expect(places('zed', 'linux', { FLATPAK_XDG_CONFIG_HOME: '/f' })[0]).toBe('/f/zed/settings.json');
    expect(places('vscode', 'linux', { XDG_CONFIG_HOME: '/x' })[0]).toBe('/x/Code/User/mcp.json');
    expect(places('cursor', 'win32', { APPDATA: 'D:\\r' })[0]).toBe('C:\\Users\\u\\.cursor\\mcp.json');
    expect(places('zed', 'win32', { APPDATA: 'D:\\r' })[0]).toBe('D:\\r\\Zed\\settings.json');
    expect(places('codex', 'linux', { CODEX_HOME: 'c' })).toEqual(['/h/.codex/config.toml']);
  });

  it('are nowhere without a home folder', async () => {
    const place = { platform: 'linux', env: {}, home: undefined } as const;
    for (const id of clientIds) expect((await findClient(clientList[id], place)).path).toBeNull();
  });
});

describe('finding a client', () => {
  const place = (env: Record<string, string> = {}): Parameters<typeof findClient>[1] => ({
    platform: 'linux',
    env,
    home: home.path(),
  });

  it('takes the folder of its variable alone, even when the usual file is there', async () => {
    await home.write('.claude.json', '{}');
    const found = await findClient(clientList['claude-code'], place({ CLAUDE_CONFIG_DIR: '/nowhere' }));
    expect(found).toEqual({ path: '/nowhere/.claude.json', isFound: false });
  });

  it('knows it by a program on the PATH', async () => {
    const folder = `${home.path()}/bin`;
    expect((await findClient(clientList.windsurf, place({ PATH: folder }))).isFound).toBe(false);
    await home.write('bin/windsurf', '', 0o755);
    expect((await findClient(clientList.windsurf, place({ PATH: folder }))).isFound).toBe(true);
  });

  it('prefers the folder of the Store build, by the pattern of its name', async () => {
    // The same search with the separators of this machine.
    const app = {
      ...clientList['claude-desktop'],
      files: ['{home}/Packages/Claude_*/LocalCache/c.json', '{home}/Claude/c.json'] as const,
      traces: ['{home}/Packages/Claude_*'] as const,
    };
    await home.write('Claude/c.json', '{}');
    expect((await findClient(app, place())).path).toBe(`${home.path()}/Claude/c.json`);
    await home.write('Packages/Claude_a/other', '');
    await home.write('Packages/NotClaude_c/LocalCache/c.json', '');
    expect(await findClient(app, place())).toEqual({
      path: `${home.path()}/Packages/Claude_a/LocalCache/c.json`,
      isFound: true,
    });
    await home.write('Packages/Claude_b/LocalCache/c.json', '{}');
    expect((await findClient(app, place())).path).toBe(`${home.path()}/Packages/Claude_b/LocalCache/c.json`);
  });
});
