import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolderCandidates } from '../../../scripts/electron-runtime/cache-folder.mjs';
import { hasIntegrity, isComplete, plainPath } from '../../../scripts/electron-runtime/fallback.mjs';
import { withFolderLock } from '../../../scripts/electron-runtime/folder-lock.mjs';
import {
  executableName,
  hasFailedLately,
  presentOfficial,
} from '../../../scripts/electron-runtime/official.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runtime-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('where downloads are kept', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/c' }, '/h', ['/c/mcp-router', '/h/.cache/mcp-router', '/tmp/mcp-router-cache-7']],
    [{ XDG_CACHE_HOME: 'c' }, '/h', ['/h/.cache/mcp-router', '/tmp/mcp-router-cache-7']],
    [{}, '', ['/tmp/mcp-router-cache-7']],
  ])('%o with home "%s"', (environment, home, expected) => {
    expect(cacheFolderCandidates(environment, home, '/tmp', 7)).toEqual(expected);
  });
});

describe('making a plain Electron', () => {
  it.each([
    ['Cypress/Cypress', 'electron'],
    ['Cypress/locales/de.pak', 'locales/de.pak'],
    ['Cypress/chrome-sandbox', 'chrome-sandbox'],
    ['Cypress/browser_v8_context_snapshot.bin', null],
    ['Cypress/resources/app/index.js', null],
    ['Cypress/resources/app-update.yml', null],
    ['elsewhere', null],
  ])('%s becomes %s', (name, path) => {
    expect(plainPath(name)).toBe(path);
  });

  it('takes a file only with its hash', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'content');
    const right = createHash('sha512').update('content').digest('base64');
    expect(await hasIntegrity(file, `sha512-${right}`)).toBe(true);
    expect(await hasIntegrity(file, `sha512-${'A'.repeat(86)}==`)).toBe(false);
    expect(await hasIntegrity(file, 'sha512-')).toBe(false);
  });

  it('does not trust a half-made or foreign one', () => {
    writeFileSync(join(folder, 'electron'), '');
    expect(isComplete(folder)).toBe(false);
    writeFileSync(join(folder, 'mcp-router-runtime.json'), '{"integrity":"sha512-other","layout":1}\n');
    expect(isComplete(folder)).toBe(false);
  });
});

describe('the official distribution', () => {
  it('is there only when its version is that of the package', () => {
    const dist = join(folder, 'dist');
    const executable = join(dist, executableName(process.platform));
    mkdirSync(join(executable, '..'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"version":"45.4.1"}');
    expect(presentOfficial(folder)).toBeNull();
    writeFileSync(join(dist, 'version'), '45.4.0');
    writeFileSync(executable, '');
    expect(presentOfficial(folder)).toBeNull();
    writeFileSync(join(dist, 'version'), 'v45.4.1\n');
    expect(presentOfficial(folder)).toEqual({ dist, version: '45.4.1' });
  });

  it('is not asked for again a short while after a failure', () => {
    const marker = join(folder, 'failed');
    const now = Date.now();
    expect(hasFailedLately(marker, now)).toBe(false);
    writeFileSync(marker, '');
    expect(hasFailedLately(marker, now)).toBe(true);
    const yesterday = new Date(now - 24 * 3_600_000);
    utimesSync(marker, yesterday, yesterday);
    expect(hasFailedLately(marker, now)).toBe(false);
  });
});

describe('one preparation at a time', () => {
  const options = { maxAgeMs: 60_000 };

  it('runs one after the other, and goes on after a failure', async () => {
    const lock = join(folder, 'lock');
    const order: string[] = [];
    const first = withFolderLock(lock, options, async () => {
      order.push('first in');
      await Promise.resolve();
      order.push('first out');
      throw new Error('failed on purpose');
    });
    const second = withFolderLock(lock, options, () => {
      order.push('second');
      return Promise.resolve('done');
    });
    await expect(first).rejects.toThrow('on purpose');
    expect(await second).toBe('done');
    expect(order).toEqual(['first in', 'first out', 'second']);
  });

  it('breaks the lock of a process that has died', async () => {
    const lock = join(folder, 'lock');
    mkdirSync(lock);
    // Above the highest id that Linux gives.
    writeFileSync(join(lock, 'pid'), '4194305');
    expect(await withFolderLock(lock, options, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('breaks a lock that is too old', async () => {
    const lock = join(folder, 'lock');
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    const long = new Date(Date.now() - 120_000);
    utimesSync(lock, long, long);
    expect(await withFolderLock(lock, options, () => Promise.resolve('mine'))).toBe('mine');
  });
});
