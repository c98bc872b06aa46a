import { chmod, chown, mkdir, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { loadConfig, type LoadedConfig } from '../../../src/main/platform/load-config';
import { problemLines } from './config-text';
import { ownUid, useTemporaryHome } from './temporary-home';
import { containing, listWith, matching } from './text-matchers';

const GOOD = 'gateway:\n  url: wss://gateway.example.com/\n';
const CLAUDE = '.config/claude-cli/mcp-router.yaml';

describe.skipIf(process.platform === 'win32')('loadConfig', () => {
  const home = useTemporaryHome();
  const load = (
    options: {
      readonly explicitPath?: string;
      readonly env?: Record<string, string>;
      readonly uid?: number | null;
    } = {},
  ): Promise<LoadedConfig> =>
    loadConfig({
      explicitPath: options.explicitPath,
      place: {
        platform: process.platform === 'darwin' ? 'darwin' : 'linux',
        env: options.env ?? {},
        home: home.path(),
      },
      cwd: home.path(),
      uid: options.uid === undefined ? ownUid : options.uid,
    });

  it('takes --config before MCP_ROUTER_CONFIG before the search', async () => {
    const found = await home.write(CLAUDE, GOOD);
    const asked = await home.write('asked.yaml', GOOD);
    const named = await home.write('named.yaml', GOOD);
    expect(await load()).toMatchObject({ kind: 'valid', path: found });
    expect(await load({ env: { MCP_ROUTER_CONFIG: named } })).toMatchObject({ kind: 'valid', path: named });
    const both = await load({ explicitPath: 'asked.yaml', env: { MCP_ROUTER_CONFIG: named } });
    expect(both).toMatchObject({ kind: 'valid', path: asked });
    expect(await load({ explicitPath: '~/asked.yaml' })).toMatchObject({ kind: 'valid', path: asked });
  });

  it('says what it looked for, and where a new file belongs', async () => {
    const loaded = await load();
    expect(loaded).toMatchObject({
      kind: 'absent',
      searched: listWith([join(home.path(), CLAUDE)]),
      savePath: join(home.path(), CLAUDE),
    });
  });

  it('never falls back when the file that was asked for is not there', async () => {
    await home.write(CLAUDE, GOOD);
    expect(await load({ explicitPath: 'none.yaml' })).toMatchObject({
      kind: 'unreadable',
      reason: 'missing',
      problem: containing('--config'),
    });
    expect(await load({ env: { MCP_ROUTER_CONFIG: '/none.yaml' } })).toMatchObject({
      kind: 'unreadable',
      problem: containing('MCP_ROUTER_CONFIG'),
    });
  });

  it('needs no file when MCP_GATEWAY_URL is set', async () => {
    const loaded = await load({ env: { MCP_GATEWAY_URL: 'wss://env.example/' } });
    expect(loaded).toMatchObject({
      kind: 'valid',
      path: null,
      config: { gateway: { url: 'wss://env.example/' } },
    });
  });

  it('takes a bad file for the answer instead of the next place', async () => {
    await home.write(CLAUDE, 'gateway:\n  urll: x\n');
    await home.write('.config/mcp-router/mcp-router.yaml', GOOD);
    expect((await load()).kind).toBe('invalid');
  });

  it.each([
    [0o666, 'chmod 600'],
    [0o620, 'chmod 600'],
    [0o602, 'chmod 600'],
  ])('refuses a file of mode %o, which others can change', async (mode, advice) => {
    const path = await home.write(CLAUDE, GOOD, mode);
    expect(await load()).toMatchObject({
      kind: 'unreadable',
      reason: 'refused',
      problem: containing(`${advice} ${path}`),
    });
  });

  it.each([0o777, 0o770, 0o702])('SEC-16 refuses a file in a folder of mode %o', async (mode) => {
    const path = await home.write('open/mcp-router.yaml', GOOD);
    await chmod(join(home.path(), 'open'), mode);
    expect(await load({ explicitPath: path })).toMatchObject({
      kind: 'unreadable',
      problem: containing(`chmod go-w ${join(home.path(), 'open')}`),
    });
  });

  it('refuses a file below a folder that everybody can write to, unless that one is sticky', async () => {
    const path = await home.write('open/own/mcp-router.yaml', GOOD);
    await chmod(join(home.path(), 'open'), 0o777);
    expect(await load({ explicitPath: path })).toMatchObject({
      kind: 'unreadable',
      problem: containing(`chmod o-w ${join(home.path(), 'open')}`),
    });
    await chmod(join(home.path(), 'open'), 0o1777);
    expect(await load({ explicitPath: path })).toMatchObject({ kind: 'valid' });
  });

  it('warns of a file that others can read', async () => {
    const path = await home.write(CLAUDE, GOOD, 0o644);
    const loaded = await load();
    expect(loaded.kind).toBe('valid');
    expect(problemLines(loaded)).toEqual([matching(/^warning .*mode 0644.*chmod 600/)]);
    expect(problemLines(loaded).join()).toContain(path);
  });

  it('SEC-16 refuses a file of another user', async () => {
    const path = await home.write(CLAUDE, GOOD);
    if (ownUid === 0) await chown(path, 4242, 4242);
    const other = ownUid === 0 ? 4243 : (ownUid ?? 0) + 1;
    expect(await load({ uid: other })).toMatchObject({
      kind: 'unreadable',
      problem: containing(`chown ${other}`),
    });
  });

  it('checks neither modes nor owners where they do not exist', async () => {
    await home.write(CLAUDE, GOOD, 0o666);
    expect(await load({ uid: null })).toMatchObject({ kind: 'valid', problems: [] });
  });

  it('checks the target of a link and both folders', async () => {
    const target = await home.write('open/real.yaml', GOOD);
    const link = join(home.path(), 'link.yaml');
    await symlink(target, link);
    expect(await load({ explicitPath: link })).toMatchObject({ kind: 'valid', path: link });
    await chmod(join(home.path(), 'open'), 0o777);
    expect(await load({ explicitPath: link })).toMatchObject({ kind: 'unreadable', reason: 'refused' });
    await chmod(join(home.path(), 'open'), 0o700);
    await chmod(target, 0o622);
    expect(await load({ explicitPath: link })).toMatchObject({ kind: 'unreadable', reason: 'refused' });
  });

  it('refuses folders, pipes, devices and huge files at once', async () => {
    await mkdir(join(home.path(), 'folder'), { mode: 0o700 });
    const huge = await home.write('huge.yaml', '');
    await truncate(huge, 10 * 1024 * 1024 * 1024);
    expect(await load({ explicitPath: 'folder' })).toMatchObject({
      problem: containing('it is a folder'),
    });
    expect(await load({ explicitPath: '/dev/null' })).toMatchObject({
      problem: containing('not a regular file'),
    });
    expect(await load({ explicitPath: huge })).toMatchObject({
      problem: containing('larger than 256 KiB'),
    });
  });

  it.each([
    ['a byte order mark', Buffer.from(`\ufeff${GOOD}`), 'valid', ''],
    ['UTF-16', Buffer.from(`\ufeff${GOOD}`, 'utf16le'), 'invalid', 'UTF-16'],
    ['bytes that are no text', Buffer.from([0x67, 0xff, 0x00]), 'invalid', 'not a text file'],
    ['nothing', Buffer.alloc(0), 'invalid', 'gateway.url: is missing'],
  ])('reads a file with %s', async (_, bytes, kind, expected) => {
    await home.write(CLAUDE, bytes);
    const loaded = await load();
    expect(loaded.kind).toBe(kind);
    expect(problemLines(loaded).join()).toContain(expected);
  });
});
