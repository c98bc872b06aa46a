import { realpath, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import {
  findLauncher,
  installForm,
  isFleeting,
  isVersionBound,
} from '../../../src/main/platform/client-apps/launcher';
import { useTemporaryHome } from '../platform/temporary-home';

const home = useTemporaryHome();
const place = (env: Record<string, string> = {}): Parameters<typeof findLauncher>[0]['place'] => ({
  platform: 'linux',
  env,
  home: home.path(),
});

describe('SEC-82 what a client starts', () => {
  it('is Node by its absolute path with our script, links resolved', async () => {
    const script = await home.write('lib/mcp-router.js', '');
    await symlink(script, join(home.path(), 'mcp-router'));
    const form = {
      kind: 'node',
      execPath: '/usr/bin/env',
      scriptPath: join(home.path(), 'mcp-router'),
    } as const;
    const { command, args } = await findLauncher({ form, place: place(), temporaryFolder: '/nowhere' });
    expect([command, ...args]).toEqual(['/usr/bin/env', await realpath(script)]);
  });

  it('of an app that runs from its sources is a Node that is there, never its Electron', async () => {
    const script = await home.write('out/cli/mcp-router.js', '');
    const node = await home.write('bin/node', '');
    const program = { execPath: '/e/electron', scriptPath: script, isPacked: false, isUnpackedApp: true };
    const form = installForm(program, {});
    const launch = (path: string): ReturnType<typeof findLauncher> =>
      findLauncher({ form, place: place({ PATH: path }), temporaryFolder: '/nowhere' });
    const found = await launch(join(home.path(), 'bin'));
    expect(['/usr/local/bin/node', '/usr/bin/node', node]).toContain(found.command);
    expect(found.args).toEqual([await realpath(script)]);
    expect(found.problem).toBeUndefined();
    const windows = await findLauncher({
      form,
      place: { platform: 'win32', env: {}, home: 'C:\\Users\\ada' },
      temporaryFolder: 'C:\\nowhere',
    });
    expect(windows.problem).toContain('no Node on PATH');
  });

  it.each([
    ['/home/u/.nvm/versions/node/v20.1.0/bin/node', '/home/u/.nvm/current/bin/node'],
    ['/opt/homebrew/Cellar/node/22.1.0/bin/node', '/opt/homebrew/opt/node/bin/node'],
    ['/nix/store/abc-nodejs-22/bin/node', '/run/current-system/sw/bin/node'],
    [
      '/home/u/.local/share/fnm/node-versions/v20.1.0/installation/bin/node',
      '/home/u/.local/share/fnm/aliases/default/bin/node',
    ],
    ['/home/u/tools/node/20.1.0/bin/node', '/home/u/bin/node'],
  ])('is a link that follows updates, where one leads to the same Node: %s', async (node, link) => {
    const launch = async (target: string): Promise<string> => {
      const form = { kind: 'node', execPath: node, scriptPath: '/s/mcp-router.js' } as const;
      const realPath = (path: string): Promise<string> => Promise.resolve(path === link ? target : path);
      const env = { PATH: '/run/user/1/fnm_multishells/2/bin:bin:/home/u/bin' };
      const facts = {
        form,
        place: { ...place(env), home: '/home/u' },
        temporaryFolder: '/nowhere',
        realPath,
      };
      const { command, warnings } = await findLauncher(facts);
      expect(warnings.length).toBe(command === node ? 1 : 0);
      return command;
    };
    expect(await launch(node)).toBe(link);
    expect(await launch('/another/node')).toBe(node);
  });

  it('is the packed app with --stdio, of an AppImage the file that the user keeps', async () => {
    const packed = { execPath: '/opt/MCP Router/mcp-router', scriptPath: '', isPacked: true };
    const launch = async (env: Record<string, string>, program = packed): Promise<readonly string[]> => {
      const form = installForm(program, env);
      const { command, args } = await findLauncher({ form, place: place(), temporaryFolder: '/nowhere' });
      return [command, ...args];
    };
    expect(await launch({})).toEqual(['/opt/MCP Router/mcp-router', '--stdio']);
    const mounted = { ...packed, execPath: '/tmp/.mount_mcp123/mcp-router' };
    const image = { APPIMAGE: '/home/u/Apps/mcp.AppImage', APPDIR: '/tmp/.mount_mcp123' };
    expect(await launch(image, mounted)).toEqual(['/home/u/Apps/mcp.AppImage', '--stdio']);
    // The variables of a terminal that is another AppImage.
    expect(await launch({ ...image, APPDIR: '/tmp/.mount_term' })).toEqual([
      '/opt/MCP Router/mcp-router',
      '--stdio',
    ]);
    expect(installForm({ execPath: '/n', scriptPath: '/s', isPacked: false }, image).kind).toBe('node');
  });

  it('is warned about where an app gets no input', async () => {
    const launch = async (platform: 'win32' | 'darwin', kind: 'packaged' | 'node'): Promise<number> => {
      const program = { execPath: 'C:\\mcp\\x.exe', scriptPath: 'C:\\mcp\\x.js' };
      const form = kind === 'node' ? { kind, ...program } : { kind, ...program, appImage: undefined };
      const facts = { form, place: { ...place(), platform }, temporaryFolder: '/nowhere' };
      return (await findLauncher(facts)).warnings.length;
    };
    expect([await launch('win32', 'packaged'), await launch('darwin', 'packaged')]).toEqual([1, 0]);
    expect(await launch('win32', 'node')).toBe(0);
  });

  it('is warned about in temporary and version-bound places', async () => {
    const launch = async (execPath: string, temporaryFolder = '/nowhere'): Promise<readonly string[]> => {
      const form = { kind: 'packaged', execPath, appImage: undefined } as const;
      return (await findLauncher({ form, place: place(), temporaryFolder })).warnings;
    };
    expect(await launch('/opt/mcp/mcp-router')).toEqual([]);
    expect(await launch('/opt/mcp/mcp-router', '/opt/mcp')).toEqual([expect.stringContaining('temporary')]);
    expect(await launch('/opt/mcp-1.2.3/x/1.2.3/mcp-router')).toEqual([expect.stringContaining('repair')]);
  });

  it.each([
    '/tmp/x',
    '/home/u/.npm/_npx/ab/node_modules/mcp-router/out/cli/mcp-router.js',
    '/private/var/folders/x/T/AppTranslocation/y/MCP Router.app/Contents/MacOS/MCP Router',
    '/Volumes/MCP Router/MCP Router.app/Contents/MacOS/MCP Router',
    '/run/user/1000/fnm_multishells/1_2/bin/node',
    'C:\\Users\\u\\AppData\\Local\\Temp\\x.exe',
  ])('%s is fleeting', (path) => {
    expect(isFleeting(path, [])).toBe(true);
  });

  it.each([
    '/home/u/.nvm/versions/node/v20.1.0/bin/node',
    '/opt/homebrew/Cellar/node/22.1.0/bin/node',
    '/home/u/.volta/tools/image/node/20.19.0/bin/node',
    '/nix/store/abc-nodejs/bin/node',
    '/snap/node/9000/bin/node',
    'C:\\Users\\u\\AppData\\Roaming\\nvm\\v20.1.0\\node.exe',
  ])('%s belongs to one version', (path) => {
    expect(isVersionBound(path)).toBe(true);
  });

  it.each([
    '/usr/bin/node',
    '/opt/homebrew/opt/node/bin/node',
    'C:\\Program Files\\nodejs\\node.exe',
    '/home/u/src/mcp',
  ])('%s stays', (path) => {
    expect(isVersionBound(path) || isFleeting(path, [])).toBe(false);
  });
});
