import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { createSecretIndex } from '../../../src/main/platform/secret-index';
import { useTemporaryHome } from './temporary-home';

const home = useTemporaryHome();
const indexPath = (): string => join(home.path(), 'state', 'secrets.json');

describe('createSecretIndex', () => {
  it('remembers names and dates across processes, 0600 in a folder of 0700', async () => {
    const index = createSecretIndex(indexPath(), process.platform);
    expect(await index.list()).toEqual([]);
    await index.remember('gateway', '2026-01-01T00:00:00.000Z');
    await index.remember('other', '2026-01-02T00:00:00.000Z');
    await index.remember('gateway', '2026-01-03T00:00:00.000Z');
    const again = createSecretIndex(indexPath(), process.platform);
    expect(await again.list()).toEqual([
      { name: 'other', storedAt: '2026-01-02T00:00:00.000Z' },
      { name: 'gateway', storedAt: '2026-01-03T00:00:00.000Z' },
    ]);
    await again.forget('other');
    expect(await index.has('other')).toBe(false);
    expect(await index.has('gateway')).toBe(true);
    expect(await readdir(dirname(indexPath()))).toEqual(['secrets.json']);
    if (process.platform !== 'win32') {
      expect((await stat(indexPath())).mode & 0o777).toBe(0o600);
      expect((await stat(dirname(indexPath()))).mode & 0o777).toBe(0o700);
    }
  });

  it.each(['', '{', 'null', '[]', '{"secrets": 5}', '{"secrets": [null, {"name": 1}, {"name": "a"}]}'])(
    'treats the damaged content %j as empty and replaces it',
    async (text) => {
      await home.write('state/secrets.json', text);
      const index = createSecretIndex(indexPath(), process.platform);
      expect(await index.list()).toEqual([]);
      await index.remember('gateway', '2026-01-01T00:00:00.000Z');
      expect(await index.list()).toHaveLength(1);
      expect(JSON.parse(await readFile(indexPath(), 'utf8'))).toMatchObject({ version: 1 });
    },
  );

  it('lives in memory where there is no place for it', async () => {
    const index = createSecretIndex(null, process.platform);
    await index.remember('gateway', '2026-01-01T00:00:00.000Z');
    expect(await index.has('gateway')).toBe(true);
  });
});
