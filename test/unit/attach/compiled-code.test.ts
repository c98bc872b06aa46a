import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { keepCompiledCode } from '../../../src/main/attach/compiled-code';

import { useTemporaryHome } from '../platform/temporary-home';

const temporary = useTemporaryHome();
const uid = process.geteuid?.() ?? null;

async function enabledIn(home: string | undefined): Promise<readonly string[]> {
  const folders: string[] = [];
  await keepCompiledCode({ platform: process.platform, env: {}, home }, uid, (folder) =>
    folders.push(folder),
  );
  return folders;
}

describe.skipIf(process.platform === 'win32')('compiled code is kept', () => {
  it('in a folder of this user alone', async () => {
    const home = temporary.path();
    const [folder, ...others] = await enabledIn(home);
    expect(others).toEqual([]);
    expect((await stat(folder ?? '')).mode & 0o777).toBe(0o700);
  });

  it('nowhere when others could put code there, as it would be run', async () => {
    const home = temporary.path();
    const folder = join(home, process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'mcp-router');
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    expect(await enabledIn(home)).toEqual([]);
  });

  it('nowhere without a home folder, or without a Node that can', async () => {
    expect(await enabledIn(undefined)).toEqual([]);
    const home = temporary.path();
    await keepCompiledCode({ platform: process.platform, env: {}, home }, uid, null);
    await expect(stat(join(home, '.cache'))).rejects.toThrow();
  });
});
